import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { zoo } from '../../../models/registry';
import { UserError } from '../../../src/core/errors';
import type { Network } from '../../../src/core/network';
import { mappingText } from '../../../src/report/mapping-text';
import { useBackend } from '../../../src/runtime/backend';
import { tf } from '../../../src/core/tf';
import { importWeights, type ImportOptions } from '../../../src/weights/import/import-weights';
import type { MappingReport } from '../../../src/weights/import/mapping-report';
import { readForeign } from '../../../src/weights/formats/read-weights';
import { encodeSafetensors } from '../../../src/weights/formats/safetensors/safetensors';
import { temporaryFolder } from '../../support/fixtures';
import { narrow } from '../../support/weights/narrow-networks';
import { fixtures } from '../../support/places';

const files = join(fixtures, 'weights');
const folder = temporaryFolder();
const network: Network = narrow['googlenet-torchvision'];
const options: ImportOptions = { input: [64, 64, 3] };

beforeAll(() => useBackend());

/** The narrow GoogLeNet's tensors as PyTorch names them, those alone that are wanted, in a safetensors file. */
async function fileOf(
  name: string,
  wanted: (tensor: string) => boolean,
  more: Readonly<Record<string, readonly number[]>> = {},
): Promise<string> {
  const { tensors } = await readForeign(join(files, 'googlenet.pth'));
  const kept = await Promise.all(
    tensors
      .filter((tensor) => wanted(tensor.name))
      .map(async ({ name: key, shape, values }) => ({
        name: key,
        shape,
        dtype: 'F32' as const,
        data: await values(),
      })),
  );
  const added = Object.entries(more).map(([key, shape]) => ({
    name: key,
    shape,
    dtype: 'F32' as const,
    data: new Float32Array(shape.reduce((product, size) => product * size, 1)),
  }));
  const path = join(folder, name);
  writeFileSync(path, encodeSafetensors([...kept, ...added]));
  return path;
}

const isHead = (tensor: string) => tensor.startsWith('aux');

it('a file without the auxiliary heads is taken; they are named, and start from the seed', async () => {
  const { model, missing, report } = await importWeights(
    await fileOf('main.safetensors', (name) => !isHead(name)),
    network,
    options,
  );
  expect(missing.length).toBe(2 * (1 + 4 + 2 + 2)); // each head: a convolution, its normalisation, two full layers
  expect(missing.every((weight) => /^loss[12]\//.test(weight))).toBe(true);
  const text = mappingText(report);
  expect(text).toMatch(
    /^loss1\/conv\/kernel +\[1, 1, 8, 2\] +aux1\.conv\.conv\.weight +- +missing, auxiliary head$/m,
  );
  expect(text).toMatch(/18 missing \(18 of auxiliary heads, which evaluation drops\), 0 of another shape/);
  model.dispose();
});

it.each<[string, (name: string) => boolean, Record<string, number[]>, RegExp]>([
  ['lacks a tensor', (name) => name !== 'conv1.conv.weight', {}, /found 1 missing \(conv1\.conv\.weight\);/],
  [
    'has a part of a head',
    (name) => !isHead(name) || name.startsWith('aux1.fc2'),
    {},
    /found 16 missing \(aux1\.conv/,
  ],
  [
    'has a tensor of another shape',
    (name) => name !== 'conv1.conv.weight',
    { 'conv1.conv.weight': [3, 7, 7, 3] },
    /1 of another shape \(conv1\.conv\.weight \[3, 7, 7, 3\] for \[3, 3, 7, 7\]\);/,
  ],
  [
    'has more than the network',
    () => true,
    { 'fc3.weight': [2, 2] },
    /1 that it does not have \(fc3\.weight\);/,
  ],
])(
  'a file that %s is refused in one line, after its report; a partial load takes what fits',
  async (title, wanted, more, reason) => {
    const path = await fileOf(`${title}.safetensors`, wanted, more);
    const before = tf.memory().numTensors;
    const reports: MappingReport[] = [];
    const attempt = importWeights(path, network, {
      ...options,
      onReport: (report) => void reports.push(report),
    });
    await expect(attempt).rejects.toThrow(UserError);
    await expect(attempt).rejects.toThrow(reason);
    expect(reports.length).toBe(1);
    expect(tf.memory().numTensors).toBe(before);
    const { model, report } = await importWeights(path, network, { ...options, partial: true });
    expect(report.rows.filter(({ state }) => state === 'loaded').length).toBeGreaterThan(90);
    model.dispose();
  },
);

it('a partial load draws the head for another number of classes, and keeps the rest', async () => {
  const { model, missing } = await importWeights(join(files, 'alexnet.pth'), narrow['alexnet-torchvision'], {
    input: [95, 95, 3],
    classes: 3,
    partial: true,
  });
  expect(missing).toEqual(['fc8/kernel', 'fc8/bias']);
  expect(model.outputs[0]!.shape).toEqual([null, 3]);
  const fc7 = (await readForeign(join(files, 'alexnet.pth'))).tensors.find(
    ({ name }) => name === 'classifier.4.bias',
  )!;
  expect([...model.getLayer('fc7').getWeights()[1]!.dataSync()]).toEqual([...(await fc7.values())]);
  model.dispose();
});

it('the number of classes is that of the file', async () => {
  const { model } = await importWeights(join(files, 'vgg-a.pth'), narrow['vgg-a'], { input: [64, 64, 3] });
  expect(model.outputs[0]!.shape).toEqual([null, 5]);
  model.dispose();
});

it.each<[string, string, Network, ImportOptions, RegExp]>([
  [
    'another network’s',
    'vgg-a.pth',
    zoo['googlenet-torchvision'],
    { zoo },
    /expected tensors of googlenet-torchvision, as PyTorch or cnn-lineage name them, found names that are not this network’s \(PyTorch’s features\.0\.weight, .*\); it looks like vgg-a of this zoo$/,
  ],
  [
    'another network’s, with its classes said',
    'vgg-a.pth',
    zoo['googlenet-torchvision'],
    { classes: 5 },
    /expected tensors of googlenet-torchvision, .*, found names that are not this network’s \(PyTorch’s features[^;]*$/,
  ],
  [
    'deeper',
    'vgg-a.pth',
    zoo['vgg-b'],
    { zoo },
    /found 18 missing \(features\.2\.weight, .*, 14 that it does not have \(features\.3\.weight, .*\); it looks like vgg-a of this zoo$/,
  ],
  ['asked for half a class', 'vgg-a.pth', zoo['vgg-a'], { classes: 2.5 }, /whole number of classes/],
  [
    'named in a toolkit that knows no such network',
    'vgg-a.pth',
    zoo['vgg-a'],
    { convention: 'caffe' },
    /expected names of PyTorch or cnn-lineage, .* found caffe/,
  ],
])('a file that is %s is told in one line', async (_, file, other, more, reason) => {
  const before = tf.memory().numTensors;
  const attempt = importWeights(join(files, file), other, more);
  await expect(attempt).rejects.toThrow(UserError);
  await expect(attempt).rejects.toThrow(reason);
  await expect(attempt).rejects.not.toThrow(/\n/);
  expect(tf.memory().numTensors).toBe(before);
});

it('a file without its head alone is told how to say the number of classes, and what draws a head', async () => {
  const path = await fileOf('headless.safetensors', (name) => !isHead(name) && !name.startsWith('fc.'));
  const attempt = importWeights(path, network, options);
  await expect(attempt).rejects.toThrow(
    /expected the biases of the class scores \(.*fc\.bias, .*found none among its \d+ tensors; importing with classes: N says how many, and with partial a head/,
  );
  const { missing, model } = await importWeights(path, network, { ...options, classes: 4, partial: true });
  expect(missing.filter((weight) => !/^loss[12]\//.test(weight))).toEqual([
    'loss3/classifier/kernel',
    'loss3/classifier/bias',
  ]);
  model.dispose();
});

it('names behind one prefix are found, and behind two are asked about; wrappers anywhere are left out', async () => {
  const renamed = async (name: string, ...rename: ((tensor: string) => string)[]) => {
    const { tensors } = await readForeign(join(files, 'alexnet.pth'));
    const all = await Promise.all(
      rename.flatMap((to) =>
        tensors.map(async ({ name: key, shape, values }) => ({
          ...{ name: to(key), shape, dtype: 'F32' as const, data: await values() },
        })),
      ),
    );
    writeFileSync(join(folder, name), encodeSafetensors(all));
    return join(folder, name);
  };
  const alexnet = narrow['alexnet-torchvision'];
  const side: ImportOptions = { input: [95, 95, 3] };
  for (const [prefix, to] of [
    ['model.', (name: string) => `model.${name}`],
    ['backbone.net.', (name: string) => `backbone.net.${name}`],
    ['model.', (name: string) => `_orig_mod.model.${name.replace('features', 'features.module')}`],
    [undefined, (name: string) => `module.${name}`],
  ] as const) {
    const { missing, report, model } = await importWeights(
      await renamed('prefixed.safetensors', to),
      alexnet,
      side,
    );
    expect(missing).toEqual([]);
    expect(report.notes).toEqual(prefix && [`${prefix} before its names is left out`]);
    model.dispose();
  }
  const two = await renamed(
    'two.safetensors',
    (name) => `student.${name}`,
    (name) => `teacher.${name}`,
  );
  await expect(importWeights(two, alexnet, side)).rejects.toThrow(
    /expected the network’s names once, found them behind each of student\., teacher\.; /,
  );
});

it('no file, a folder and a file of anything else are told in one line', async () => {
  writeFileSync(join(folder, 'notes.txt'), 'These are no weights, but a few words about them.\n');
  for (const path of [join(folder, 'nowhere.pth'), folder, join(folder, 'notes.txt')]) {
    await expect(readForeign(path)).rejects.toThrow(UserError);
    await expect(readForeign(path)).rejects.toThrow(path);
  }
  expect(readFileSync(join(folder, 'notes.txt')).length).toBeGreaterThan(0);
});
