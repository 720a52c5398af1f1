import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../../../src/core/errors';
import type { Network } from '../../../src/core/network';
import { useBackend } from '../../../src/runtime/backend';
import { tf } from '../../../src/core/tf';
import { importWeights } from '../../../src/weights/import/import-weights';
import { readForeign } from '../../../src/weights/formats/read-weights';
import { narrow, testImages } from '../../support/weights/narrow-networks';
import { fixtures } from '../../support/places';

const folder = join(fixtures, 'weights');
const expected = JSON.parse(readFileSync(join(folder, 'expected.json'), 'utf8')) as Record<
  string,
  { side: number; outputs: number[][][] }
>;

beforeAll(() => useBackend());

/** The largest difference between a model's answers and PyTorch's. */
function difference(model: tf.LayersModel, name: string): number {
  const { side, outputs } = expected[name]!;
  return tf.tidy(() => {
    const found = [model.predict(testImages(side))].flat();
    expect(found.map(({ shape }) => shape)).toEqual(outputs.map(() => [2, 5]));
    const differences = found.map(
      (scores, index) => scores.sub(tf.tensor(outputs[index]!)).abs().max().dataSync()[0]!,
    );
    return differences.reduce((most, one) => (one > most ? one : most), 0);
  });
}

it.each<[string, keyof typeof narrow, string]>([
  ['alexnet.pth', 'alexnet-torchvision', 'alexnet'],
  ['alexnet-legacy.pth', 'alexnet-torchvision', 'alexnet'],
  ['alexnet-protocol-5.pth', 'alexnet-torchvision', 'alexnet'],
  ['vgg-a.pth', 'vgg-a', 'vgg-a'],
  ['googlenet.pth', 'googlenet-torchvision', 'googlenet'],
  ['alexnet.caffemodel', 'alexnet-bvlc', 'alexnet-caffe'],
  ['alexnet-v1.caffemodel', 'alexnet-bvlc', 'alexnet-caffe'],
])('%s, read as a narrow %s, answers as in PyTorch', async (file, name, answers) => {
  const network: Network = narrow[name];
  const { side } = expected[answers]!;
  const before = tf.memory().numTensors;
  const { model, report, missing } = await importWeights(join(folder, file), network, {
    input: [side, side, 3],
  });
  expect(missing).toEqual([]);
  expect(new Set(report.rows.map(({ state }) => state))).toEqual(
    new Set(name === 'googlenet-torchvision' ? ['loaded', 'skipped'] : ['loaded']),
  );
  expect(difference(model, answers)).toBeLessThan(1e-5);
  model.dispose();
  expect(tf.memory().numTensors).toBe(before);
});

describe('a .pth file', () => {
  it('gives tensors as they view their storages, in every kind of number', async () => {
    const { tensors } = await readForeign(join(folder, 'views.pth'));
    const found = new Map(tensors.map((tensor) => [tensor.name, tensor]));
    const values = async (name: string) => [...(await found.get(name)!.values())];
    const row = Array.from({ length: 24 }, (_, at) => at);
    // The element [i, j, k] of a row of 2×3×4 numbers is 12 i + 4 j + k.
    const turned = [0, 1, 2, 3].flatMap((k) =>
      [0, 1].flatMap((i) => [0, 1, 2].map((j) => 12 * i + 4 * j + k)),
    );
    expect(found.get('turned')!.shape).toEqual([4, 2, 3]);
    expect(await values('turned')).toEqual(turned);
    expect(found.get('part')!.shape).toEqual([2, 2, 2]);
    expect(await values('part')).toEqual([4, 6, 8, 10, 16, 18, 20, 22]);
    expect(await values('half')).toEqual(row.map((at) => at / 16));
    // bfloat16 keeps 8 bits of the product, so within 1/256 of it.
    (await values('bfloat16')).forEach((value, at) =>
      expect(value === at * 1e30 || (value / (at * 1e30) > 0.996 && value / (at * 1e30) < 1.004)).toBe(true),
    );
    expect(await values('double')).toEqual(row.map((at) => Math.fround(at / 3)));
    expect(await values('long')).toEqual(row.map((at) => at - 3));
    expect(await values('int8')).toEqual(row.map((at) => at - 3));
    expect(await values('bool')).toEqual(row.map((at) => (at > 20 ? 1 : 0)));
    expect(found.get('empty')!.shape).toEqual([0, 3]);
    expect(await values('empty')).toEqual([]);
    expect(found.get('scalar')!.shape).toEqual([]);
    expect(await values('scalar')).toEqual([5]);
    expect(found.get('channels_last')!.shape).toEqual([1, 2, 3, 4]);
    expect(await values('channels_last')).toEqual(row);
  });

  it.each(['hostile.pth', 'hostile-legacy.pth'])(
    'has nothing of it run: %s asks for os.system',
    async (file) => {
      const attempt = readForeign(join(folder, file));
      await expect(attempt).rejects.toThrow(UserError);
      await expect(attempt).rejects.toThrow(/found a use of Python’s posix\.system$/);
      expect(existsSync('hostile-pickle-was-run')).toBe(false);
    },
  );
});
