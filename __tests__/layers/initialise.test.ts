import { nativeGaussian, statelessGaussian } from '../../src/layers/initialise/stateless-gaussian';
import { nativeOp } from '../../src/core/tensorflow/native';
import { useBackend } from '../../src/runtime/backend';
import { tf } from '../../src/core/tf';

/** More numbers than are drawn at once. */
const many = 2 ** 22 * 1.5;

const drawn = async (shape: number[], truncated: boolean, seed = 7) => {
  const values = nativeGaussian(nativeOp()!, { shape, deviation: 0.1, truncated, seed });
  expect(values.shape).toEqual(shape);
  const data = await values.data<'float32'>();
  values.dispose();
  return data;
};

beforeAll(async () => void (await useBackend()));

it('draws Gaussian numbers on native TensorFlow, other ones in every block', async () => {
  if (!nativeOp()) return;
  const before = tf.memory().numTensors;
  const values = await drawn([3, many / 3], false);
  expect(tf.memory().numTensors).toBe(before);
  const half = many / 2;
  let sum = 0;
  let squares = 0;
  let product = 0;
  let beyondTwo = 0;
  values.forEach((value, at) => {
    sum += value;
    squares += value ** 2;
    if (at < half) product += value * values[half + at]!;
    if (Math.abs(value) > 0.2) beyondTwo++;
  });
  const root = Math.sqrt(many);
  expect(Math.abs(sum / many)).toBeLessThan((5 * 0.1) / root);
  expect(Math.abs(squares / many / 0.01 - 1)).toBeLessThan((5 * Math.SQRT2) / root);
  expect(Math.abs(product / half / 0.01)).toBeLessThan((5 * Math.SQRT2) / root); // the blocks are unrelated
  expect(Math.abs(beyondTwo / many - 0.0455)).toBeLessThan(0.001); // of a normal distribution
});

it('draws none beyond two deviations where it truncates, with their deviation', async () => {
  if (!nativeOp()) return;
  const values = await drawn([many], true);
  const squares = values.reduce((total, value) => total + value ** 2, 0);
  expect(values.reduce((high, value) => Math.max(high, Math.abs(value)), 0)).toBeLessThanOrEqual(0.2);
  expect(Math.sqrt(squares / many) / 0.1).toBeCloseTo(0.8796, 3); // of a normal distribution cut off at ±2
});

it('draws the same numbers in every shape, and others for another seed', async () => {
  if (!nativeOp()) return;
  const flat = await drawn([many], false);
  const deep = await drawn([2, 3, many / 6], false);
  expect(Buffer.compare(Buffer.from(deep.buffer), Buffer.from(flat.buffer))).toBe(0);
  expect((await drawn([many], false, 8))[0]).not.toBe(flat[0]);
});

it.each([
  [false, many],
  [true, 10_000],
])(
  'draws the same numbers in JavaScript, but for last bits; truncated: %s, %i of them',
  async (truncated, size) => {
    if (!nativeOp()) return;
    const ours = statelessGaussian({ shape: [size], deviation: 0.1, truncated, seed: 7 });
    const [here, there] = [await ours.data<'float32'>(), await drawn([size], truncated)];
    ours.dispose();
    // TensorFlow's logarithm, sine and products round otherwise now and then.
    let apart = 0;
    for (let at = 0; at < size; at++) apart = Math.max(apart, Math.abs(here[at]! / there[at]! - 1));
    expect(apart).toBeLessThan(5e-7);
  },
);
