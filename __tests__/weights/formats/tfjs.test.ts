import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { zoo } from '../../../models/registry';
import { UserError } from '../../../src/core/errors';
import { useBackend } from '../../../src/runtime/backend';
import { seededRandom } from '../../../src/core/random';
import { tf } from '../../../src/core/tf';
import { importWeights } from '../../../src/weights/import/import-weights';
import { readForeign } from '../../../src/weights/formats/read-weights';
import { readTfjs } from '../../../src/weights/formats/tfjs/tfjs';
import { temporaryFolder } from '../../support/fixtures';

beforeAll(() => useBackend());

const root = temporaryFolder();
let folders = 0;

/** A model's folder: its JSON, and files of bytes beside it. Returns the JSON's path. */
function folderOf(json: unknown, shards: Readonly<Record<string, Uint8Array>> = {}): string {
  const folder = join(root, `model${folders++}`);
  mkdirSync(folder);
  for (const [name, bytes] of Object.entries(shards)) writeFileSync(join(folder, name), bytes);
  const path = join(folder, 'model.json');
  writeFileSync(path, typeof json === 'string' || Buffer.isBuffer(json) ? json : JSON.stringify(json));
  return path;
}

const weight = (name: string, shape: unknown, dtype: unknown = 'float32', quantization?: unknown) => ({
  name,
  shape,
  dtype,
  ...(quantization !== undefined && { quantization }),
});

const hex = (text: string) => Buffer.from(text.replaceAll(' ', ''), 'hex');

it('a model that TensorFlow.js saved, in several files, answers as before', async () => {
  const network = zoo['lenet5-modern'];
  const model = network.build({ classes: 10, seed: 3 });
  let saved: tf.io.ModelArtifacts | undefined;
  await model.save(
    tf.io.withSaveHandler(async (artifacts) => {
      saved = artifacts;
      return { modelArtifactsInfo: { dateSaved: new Date(), modelTopologyType: 'JSON' } };
    }),
  );
  const { modelTopology, weightSpecs, weightData } = saved!;
  const bytes = Buffer.from(tf.io.CompositeArrayBuffer.join(weightData));
  const cuts = [0, 1001, 100_000, bytes.length];
  const shards = cuts
    .slice(1)
    .map((end, index) => [`group1-shard${index + 1}of3.bin`, bytes.subarray(cuts[index], end)] as const);
  const path = folderOf(
    {
      format: 'layers-model',
      modelTopology,
      weightsManifest: [{ paths: shards.map(([name]) => name), weights: weightSpecs }],
    },
    Object.fromEntries(shards),
  );
  const imported = await importWeights(path, network);
  expect(imported.format).toBe('tfjs');
  expect(new Set(imported.report.rows.map(({ state }) => state))).toEqual(new Set(['loaded']));
  const apart = tf.tidy(() => {
    const image = tf.randomUniform([2, ...network.recipe.input.shape], -1, 1, 'float32', 1);
    const [before, after] = [model, imported.model].map((one) => one.predict(image) as tf.Tensor);
    return before!.sub(after!).abs().max().dataSync()[0]!;
  });
  expect(apart).toBe(0);
  model.dispose();
  imported.model.dispose();
});

it('every type and every quantisation is read as the numbers that its bytes stand for', async () => {
  const weights = [
    weight('plain/kernel', [1, 2]),
    weight('plain/count:0', [], 'int32'),
    weight('plain/mask', [3], 'bool'),
    weight('eight/kernel', [4], 'float32', {
      dtype: 'uint8',
      min: -1,
      scale: 0.5,
      original_dtype: 'float32',
    }),
    weight('sixteen/kernel', [2], 'float32', { dtype: 'uint16', min: 2, scale: 0.25 }),
    weight('half/kernel', [3], 'float32', { dtype: 'float16' }),
    weight('rounded/count', [2], 'int32', { dtype: 'uint8', min: 0.25, scale: 0.5 }),
    weight('empty/kernel', [0, 5]),
  ];
  const bytes = hex(
    '0000c03f 000080ff' + // 1.5, -Infinity
      'f9ffffff' + // -7
      '010001' +
      '00 01 02 ff' +
      '0000 0001' + // 0, 256
      '003c 00c0 0100' + // 1, -2, 2^-24
      '01 04',
  );
  for (const json of [
    { weightsManifest: [{ paths: ['w.bin'], weights }] },
    [{ paths: ['w.bin'], weights }],
  ]) {
    const { tensors } = await readForeign(folderOf(json, { 'w.bin': bytes }));
    const found = await Promise.all(
      tensors.map(async ({ name, shape, values }) => [name, shape, [...(await values())]]),
    );
    expect(found).toEqual([
      ['plain/kernel', [1, 2], [1.5, -Infinity]],
      ['plain/count', [], [-7]],
      ['plain/mask', [3], [1, 0, 1]],
      ['eight/kernel', [4], [-1, -0.5, 0, 126.5]],
      ['sixteen/kernel', [2], [2, 66]],
      ['half/kernel', [3], [1, -2, 2 ** -24]],
      ['rounded/count', [2], [1, 2]], // 0.75 and 2.25
      ['empty/kernel', [0, 5], []],
    ]);
  }
});

/** The one line that a model is refused with. */
async function refusal(path: string): Promise<string> {
  const error = await readTfjs(path).then(
    () => new Error('it was read'),
    (thrown: unknown) => thrown as Error,
  );
  expect(error).toBeInstanceOf(UserError);
  expect(error.message).not.toContain('\n');
  return error.message;
}

const manifest = (weights: unknown, paths: unknown = ['w.bin']) => ({
  weightsManifest: [{ paths, weights }],
});
const four = { 'w.bin': new Uint8Array(4) };
const one = weight('a', [1]);

it.each<[string, unknown, RegExp]>([
  ['broken JSON', '{"weightsManifest":[', /expected JSON, found something else \(/],
  [
    'a text that is no UTF-8',
    Buffer.of(0x7b, 0x22, 0xff, 0x22, 0x7d),
    /expected JSON, found something else \(/,
  ],
  [
    'no weights',
    { modelTopology: {} },
    /expected a weightsManifest, as TensorFlow\.js writes it, found none$/,
  ],
  ['an empty manifest', { weightsManifest: [] }, /expected weights, found none$/],
  ['a group that is none', { weightsManifest: [7] }, /expected paths, .* and weights in each group/],
  [
    'a path upwards',
    manifest([one], ['../w.bin']),
    /expected paths of files in the same folder, found "\.\.\/w\.bin"$/,
  ],
  ['an absolute path', manifest([one], ['/etc/passwd']), /found "\/etc\/passwd"$/],
  ['a path through a folder and out', manifest([one], ['a/../../w.bin']), /found "a\/\.\.\/\.\.\/w\.bin"$/],
  ['a path of Windows', manifest([one], ['..\\w.bin']), /same folder, found/],
  ['an address', manifest([one], ['https://example.org/w.bin']), /same folder, found/],
  ['a path that is no text', manifest([one], [7]), /found 7$/],
  [
    'the path of the folder',
    manifest([one], ['.']),
    /expected a file \., found something else of that name$/,
  ],
  [
    'a missing file',
    manifest([one], ['other.bin']),
    /expected a file other\.bin, found no such file or folder$/,
  ],
  [
    'too few bytes',
    manifest([weight('a', [2])]),
    /expected 8 bytes in "w\.bin", as the shapes say, found 4$/,
  ],
  ['too many bytes', manifest([]), /expected 0 bytes in "w\.bin", .* found 4$/],
  ['a giant shape', manifest([weight('a', [2 ** 30, 2 ** 30])]), /expected sizes within 2\^53 of "a", found/],
  [
    'a negative size',
    manifest([weight('a', [-1])]),
    /expected a shape of whole numbers of "a", found \[-1\]$/,
  ],
  ['a shape that is none', manifest([weight('a', 'x')]), /found "x"$/],
  ['no name', manifest([{ shape: [1], dtype: 'float32' }]), /expected a name of every weight, found none$/],
  ['a name twice', manifest([weight('a', [0]), one, one]), /expected every weight once, found two of "a"$/],
  [
    'an unknown type',
    manifest([weight('a', [1], 'string')]),
    /of the types float32, int32, uint8, bool of "a", found "string"$/,
  ],
  ['a type named like a method', manifest([weight('a', [1], 'toString')]), /found "toString"$/],
  ['an unknown quantisation', manifest([weight('a', [1], 'float32', { dtype: 'int4' })]), /found "int4"$/],
  [
    'a quantisation without scale',
    manifest([weight('a', [4], 'float32', { dtype: 'uint8', min: 0 })]),
    /a scale and a min/,
  ],
  [
    'a quantisation that is none',
    manifest([weight('a', [1], 'float32', null)]),
    /uint8, uint16, float16 of "a", found null$/,
  ],
])('%s is refused in one line', async (_, json, reason) => {
  expect(await refusal(folderOf(json, four))).toMatch(reason);
});

it('a missing file and a folder are refused', async () => {
  expect(await refusal('/nowhere/model.json')).toMatch(
    /^expected a model of TensorFlow\.js at \/nowhere.*: no such file or folder$/,
  );
  expect(await refusal(root)).toMatch(/: a folder, not a file$/);
});

it('a file that shrank meanwhile is refused when its numbers are asked for', async () => {
  const path = folderOf(manifest([one]), four);
  const { tensors } = await readTfjs(path);
  writeFileSync(join(path, '..', 'w.bin'), '');
  await expect(Promise.resolve(tensors[0]!.values())).rejects.toThrow(
    /expected 4 bytes in .*w\.bin, found 0$/,
  );
});

async function numbersIn(path: string): Promise<number> {
  let count = 0;
  for (const { values } of (await readTfjs(path)).tensors) count += (await values()).length;
  return count;
}

it('a model.json with damage anywhere is read or refused in one line', async () => {
  const json = JSON.stringify(
    manifest([weight('eight/kernel', [4], 'float32', { dtype: 'uint8', min: -1, scale: 0.5 })]),
  );
  const random = seededRandom(5);
  const path = folderOf(json, four);
  for (let round = 0; round < 400; round++) {
    const damaged = Buffer.from(json);
    for (let change = 0; change <= random.integer(3); change++) {
      const byte = random.integer(2)
        ? random.integer(256)
        : Buffer.from('{}[],:"0-9eE\\')[random.integer(14)]!;
      damaged[random.integer(damaged.length)] = byte;
    }
    writeFileSync(path, damaged);
    const found = await numbersIn(path).catch((error: unknown) => error as Error);
    if (found instanceof Error) expect(found).toBeInstanceOf(UserError);
    else expect(found).toBeLessThanOrEqual(4);
  }
});
