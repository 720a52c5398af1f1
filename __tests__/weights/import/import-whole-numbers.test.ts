import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { zoo } from '../../../models/registry';
import { UserError } from '../../../src/core/errors';
import { useBackend } from '../../../src/runtime/backend';
import { importWeights } from '../../../src/weights/import/import-weights';
import { readForeign } from '../../../src/weights/formats/read-weights';
import { temporaryFolder } from '../../support/fixtures';
import { fixtures } from '../../support/places';

beforeAll(() => useBackend());

const stored = join(fixtures, 'weights');
const folder = temporaryFolder();
const network = zoo['lenet1'];

/** Of every weight of the network, its type, which is `other` for one kernel. */
function specs(ordinary: string, other: string) {
  const model = network.build({ classes: 10, seed: 1 });
  const weights = model.weights.map(({ originalName: name, shape }) => ({ name, shape: shape as number[] }));
  model.dispose();
  const changed = weights.find(({ name }) => name.endsWith('/kernel'))!.name;
  return {
    changed,
    weights: weights.map((weight) => ({ ...weight, dtype: weight.name === changed ? other : ordinary })),
  };
}

const elements = (shape: readonly number[]) => shape.reduce((product, side) => product * side, 1);

async function refusalOf(path: string): Promise<string> {
  try {
    (await importWeights(path, network)).model.dispose();
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return error.message;
  }
  return 'taken';
}

const message = (path: string, name: string, type: string) =>
  `${path}: expected floating-point numbers in tensor ${JSON.stringify(name)}, found ${type}; if they are quantised, save the weights as they were before`;

it.each<[string, number]>([
  ['F32', 4],
  ['F16', 2],
  ['I8', 1],
  ['U8', 1],
  ['BOOL', 1],
  ['I16', 2],
  ['I32', 4],
  ['I64', 8],
])('safetensors: a kernel of the type %s', async (type, size) => {
  const { changed, weights } = specs('F32', type);
  let end = 0;
  const header = Object.fromEntries(
    weights.map(({ name, shape, dtype }) => {
      const begin = end;
      end += elements(shape) * (dtype === 'F32' ? 4 : size);
      return [name, { dtype, shape, data_offsets: [begin, end] }];
    }),
  );
  const json = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.length));
  const path = join(folder, `${type}.safetensors`);
  writeFileSync(path, Buffer.concat([length, json, Buffer.alloc(end)]));
  expect(await refusalOf(path)).toBe(type.startsWith('F') ? 'taken' : message(path, changed, type));
});

it.each<[string, number, object | undefined]>([
  ['float32', 4, undefined],
  ['float32', 1, { dtype: 'uint8', scale: 1, min: 0 }],
  ['int32', 4, undefined],
  ['int32', 1, { dtype: 'uint8', scale: 1, min: 0 }],
  ['bool', 1, undefined],
  ['uint8', 1, undefined],
])('TensorFlow.js: a kernel of the type %s in %i bytes', async (type, size, quantization) => {
  const { changed, weights } = specs('float32', type);
  const named = weights.map((weight) => ({
    ...weight,
    ...(weight.name === changed && quantization && { quantization }),
  }));
  const bytes = weights.reduce(
    (sum, { name, shape }) => sum + elements(shape) * (name === changed ? size : 4),
    0,
  );
  const at = join(folder, `${type}-${size}`);
  mkdirSync(at);
  writeFileSync(join(at, 'weights.bin'), Buffer.alloc(bytes));
  const path = join(at, 'model.json');
  writeFileSync(path, JSON.stringify({ weightsManifest: [{ paths: ['weights.bin'], weights: named }] }));
  expect(await refusalOf(path)).toBe(type === 'float32' ? 'taken' : message(path, changed, type));
});

it.each(['quantised.keras', 'quantised.weights.h5'])('Keras’s %s is refused by name', async (file) => {
  await expect(readForeign(join(stored, file))).rejects.toThrow(
    /expected floating-point numbers in tensor "ip1\/kernel" \(and in 1 more\), found int8; if they are quantised, save the weights as they were before$/,
  );
});

it.each(['subclassed.keras', 'subclassed.weights.h5'])(
  'Keras’s %s, whose weights lie under attributes, is refused with what to do',
  async (file) => {
    await expect(readForeign(join(stored, file))).rejects.toThrow(
      /found those of a subclassed model, by its attributes \(first\); in Python, model\.save\("NEW\.h5"\) keeps them by its layers’ names, or copy/,
    );
  },
);

it('a subclassed model of Keras’s older format has its layers’ names, and says nothing of what they do', async () => {
  const { tensors, architecture } = await readForeign(join(stored, 'subclassed.h5'));
  const names = ['conv1/bias', 'conv1/kernel', 'ip2/bias', 'ip2/kernel'];
  expect(tensors.map(({ name }) => name).sort()).toEqual(names);
  expect(architecture?.partly).toMatch(/^the file’s model is of a class of its own, Subclassed, /);
});
