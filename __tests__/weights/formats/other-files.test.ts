import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../../../src/core/errors';
import { readForeign } from '../../../src/weights/formats/read-weights';
import { encodeSafetensors } from '../../../src/weights/formats/safetensors/safetensors';
import { encodeSealed } from '../../../src/weights/formats/safetensors/sealed';
import { temporaryFolder } from '../../support/fixtures';
import { madeFiles, madeFolders, storedFiles } from '../../support/weights/wrong-files';
import { fixtures } from '../../support/places';

const stored = join(fixtures, 'weights', 'others');
const root = temporaryFolder();
let folders = 0;

/** A folder of its own with files by their names. */
function folderOf(files: Readonly<Record<string, string | Uint8Array>>): string {
  const folder = join(root, String(folders++));
  mkdirSync(folder);
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
  return folder;
}

function fileOf(name: string, content: string | Uint8Array): string {
  return join(folderOf({ [name]: content }), name);
}

async function expectRefusal(path: string, reason: RegExp): Promise<void> {
  const attempt = readForeign(path);
  await expect(attempt).rejects.toThrow(UserError);
  await expect(attempt).rejects.toThrow(reason);
  await expect(attempt).rejects.not.toThrow(/[\n\u001b]|not a whole|pickle/);
}

it.each(storedFiles)('%s, as its own library writes it, is called by its name', async (name, reason) => {
  await expectRefusal(join(stored, name), reason);
});

it('the content tells, and not the name: they are called the same as net.pth and net.caffemodel', async () => {
  const folder = folderOf({});
  for (const name of ['net.tflite', 'net.npz', 'frozen.pb', 'net.ckpt.index'])
    for (const other of ['net.pth', 'net.caffemodel']) {
      copyFileSync(join(stored, name), join(folder, other));
      await expectRefusal(
        join(folder, other),
        /found (?:a TensorFlow Lite|arrays of NumPy|a graph|a checkpoint)/,
      );
    }
});

it.each(madeFiles)('%s is called by its name', async (name, content, reason) => {
  await expectRefusal(fileOf(name, content), reason);
});

it.each(madeFolders)(
  'a folder that is %s is told so, and what to give in its place',
  async (_, files, reason) => {
    await expectRefusal(folderOf(files), reason);
  },
);

it('what a run keeps is called so, and leads to the run’s folder', async () => {
  const run = join(fixtures, 'older', 'run');
  const kept =
    /found the checkpoint of a run of this project’s; give the run’s folder to classify, evaluate, export or finetune$/;
  await expectRefusal(join(run, 'last.safetensors'), kept);
  const tensors = [
    { name: 'weights/C1/kernel', shape: [1], dtype: 'F32' as const, data: new Float32Array(1) },
  ];
  const progress = '{"epochs":1,"step":3}';
  const best = fileOf('best.safetensors', encodeSealed(tensors, { progress }));
  await expectRefusal(best, kept);
  const fitted = [{ name: 'mean', shape: [3], dtype: 'F32' as const, data: new Float32Array(3) }];
  const preprocess = '[{"kind":"subtractMean","of":"channel"}]';
  const beside = fileOf('preprocess.safetensors', encodeSealed(fitted, { preprocess }));
  await expectRefusal(
    beside,
    /found what the preprocessing of a run or model .*took from its training set; give the folder that it lies in to/,
  );
  // The same names in another's file, or its own progress, are no reason.
  const others = fileOf('net.safetensors', encodeSafetensors(tensors, { note: progress }));
  expect((await readForeign(others)).tensors).toHaveLength(1);
  const foreign = [{ ...tensors[0]!, name: 'conv1.weight' }];
  const trained = fileOf('net.safetensors', encodeSafetensors(foreign, { progress }));
  expect((await readForeign(trained)).tensors).toHaveLength(1);
});

it('an address, and what is not there', async () => {
  await expectRefusal(
    'https://example.org/net.pth',
    /found an address; fetch the file first; importing with download fetches/,
  );
  await expectRefusal(join(root, 'nowhere.pth'), /found no such file or folder$/);
});

it('Caffe’s HDF5 files are read by the names of their layers, which may have slashes', async () => {
  const { format, tensors } = await readForeign(join(stored, 'net.caffemodel.h5'));
  const found = await Promise.all(
    tensors.map(async ({ name, shape, values }) => [name, shape, [...(await values())]]),
  );
  expect({ format, found }).toEqual({
    format: 'caffemodel',
    found: [
      ['conv1/7x7_s2/0', [2, 3], [0, 1, 2, 3, 4, 5]],
      ['conv1/7x7_s2/1', [2], [0, 1]],
    ],
  });
});
