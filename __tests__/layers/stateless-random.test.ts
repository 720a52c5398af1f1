import {
  statelessNormal,
  statelessTruncatedNormal,
  statelessUniform,
  type StatelessSeed,
} from '../../src/layers/initialise/stateless-random';
import { nativeOp, randomAttributes } from '../../src/core/tensorflow/native';
import { tf } from '../../src/core/tf';
import { useBackend } from '../../src/runtime/backend';

/** How many values differ, and by how many units of the last place at most; all of one sign. */
function unitsApart(
  one: Float32Array,
  other: Float32Array,
): { readonly share: number; readonly most: number } {
  const [a, b] = [one, other].map((values) => new Int32Array(values.slice().buffer));
  const apart = a!.map((bits, at) => Math.abs(bits - b![at]!));
  return { share: apart.filter((units) => units > 0).length / apart.length, most: Math.max(...apart) };
}

const seeds: readonly StatelessSeed[] = [
  [1, 0],
  [123_456_789, 5],
  [2 ** 31 - 1, 77_000],
];

it('gives what TensorFlow 2.21 printed for the seed (1, 0)', () => {
  expect([...statelessUniform(3, [1, 0])]).toEqual([
    0.8784881830215454, 0.4599802494049072, 0.6002912521362305,
  ]);
  const normal = [0.12665030360221863, -0.4930165708065033, 0.6311907172203064];
  expect([...statelessNormal(3, [1, 0])]).toEqual(normal);
  expect([...statelessTruncatedNormal(3, [1, 0])]).toEqual(normal);
});

it.each(seeds)('gives the numbers of native TensorFlow for the seed (%i, %i)', async (...seed) => {
  await useBackend();
  const native = nativeOp();
  if (!native) return;
  const size = 100_003;
  const drawn = (name: string) => {
    const [length, key] = [tf.tensor1d([size], 'int32'), tf.tensor1d([...seed], 'int32')];
    return native(name, randomAttributes, [length, key]).dataSync<'float32'>();
  };
  expect(statelessUniform(size, seed)).toEqual(drawn('StatelessRandomUniform'));
  // TensorFlow's logarithm and sine round otherwise than JavaScript's, now and then.
  for (const [name, ours] of [
    ['StatelessRandomNormal', statelessNormal],
    ['StatelessTruncatedNormal', statelessTruncatedNormal],
  ] as const) {
    const { share, most } = unitsApart(ours(size, seed), drawn(name));
    expect(most).toBeLessThanOrEqual(3);
    expect(share).toBeLessThan(0.02);
  }
});

it('gives as many as asked for, the same at the beginning', () => {
  for (const draw of [statelessUniform, statelessNormal, statelessTruncatedNormal]) {
    const [few, many] = [draw(5, [3, 4]), draw(12, [3, 4])];
    expect(few).toHaveLength(5);
    expect(many.subarray(0, 5)).toEqual(few);
  }
});
