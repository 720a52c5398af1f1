import { family as lecun1989 } from '../../models/lecun1989';
import { family as lenet } from '../../models/lenet';
import type { Network } from '../../src/core/network';
import { checkGradients, type CheckedTensor } from '../../src/describe/gradients/check-gradients';
import { compare } from '../../src/describe/gradients/finite-difference';
import { useBackend } from '../../src/runtime/backend';
import { tf } from '../../src/core/tf';
import { command, onEveryBackend } from '../support/fixtures';

const options = { entries: 4, seed: 1 };

describe.each(Object.entries({ ...lecun1989, ...lenet }))('%s', (name, network) => {
  it('has right derivatives everywhere, on every backend', () =>
    onEveryBackend(async (backend) => {
      const small = backend === 'cpu' && name === 'lenet-caffe' ? { ...options, entries: 1 } : options;
      const before = tf.memory().numTensors;
      const found = await checkGradients(network, small);
      expect(found.tensors.filter(({ ok }) => !ok)).toEqual([]);
      expect(found.ok).toBe(true);
      expect(tf.memory().numTensors).toBe(before);
    }));
});

it('checks each weight, each layer’s input and each output once', async () => {
  await useBackend();
  const found = await checkGradients(lenet.lenet1, options);
  const named = found.tensors.map(({ layer, tensor }) => `${layer} ${tensor}`);
  expect(new Set(named).size).toBe(named.length);
  expect(named[0]).toBe('loss output/tanh');
  expect(named).toEqual(
    expect.arrayContaining([
      ...['H1 kernel', 'H1 bias', 'H1 input', 'H2 coefficient', 'H2 bias', 'H2 input'],
      ...['H3 kernel', 'H4 coefficient', 'H4/tanh input', 'output kernel', 'output bias'],
    ]),
  );
});

/** x² element by element; its derivative is taken for `factor` times what it is. */
class Square extends tf.layers.Layer {
  static readonly className = 'SquareOfTest';
  constructor(private readonly factor: number) {
    super({ name: 'square' });
  }
  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    const input = Array.isArray(inputs) ? inputs[0]! : inputs;
    const square = tf.customGrad((x, save) => {
      (save as tf.GradSaveFunc)([x as tf.Tensor]);
      return {
        value: (x as tf.Tensor).square(),
        gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => dy.mul(saved[0]!).mul(2 * this.factor),
      };
    });
    return square(input);
  }
}

/** A branch through `square`, and one around it, that meet again. */
function networkWith(square: () => tf.layers.Layer): Network {
  const build = () => {
    const image = tf.input({ shape: [4, 4, 1], name: 'image' });
    const flat = tf.layers.flatten({ name: 'flat' }).apply(image) as tf.SymbolicTensor;
    const hidden = tf.layers.dense({ name: 'hidden', units: 6 }).apply(flat) as tf.SymbolicTensor;
    const squared = square().apply(hidden) as tf.SymbolicTensor;
    const both = tf.layers.concatenate({ name: 'both' }).apply([hidden, squared]);
    const scores = tf.layers.dense({ name: 'scores', units: 10 }).apply(both) as tf.SymbolicTensor;
    return tf.model({ inputs: image, outputs: scores });
  };
  const { paper, recipe, head } = lenet['lenet-caffe'];
  return { paper, head, recipe: { ...recipe, input: { ...recipe.input, shape: [4, 4, 1] } }, build };
}

const wrong = (tensors: readonly CheckedTensor[]) =>
  tensors.filter(({ ok }) => !ok).map(({ layer, tensor }) => `${layer} ${tensor}`);

it.each([1.05, 0.9, -1, 0])(
  'finds the layer whose derivative is %d times what it should be',
  async (factor) => {
    await useBackend();
    const found = await checkGradients(
      networkWith(() => new Square(factor)),
      options,
    );
    expect(found.ok).toBe(false);
    expect(wrong(found.tensors)).toEqual(['square input']);
  },
);

it('passes where a branch parts and meets again, and counts what it skips at bends', async () => {
  await useBackend();
  const right = await checkGradients(
    networkWith(() => new Square(1)),
    options,
  );
  expect(wrong(right.tensors)).toEqual([]);
  expect(right.tensors.map(({ skipped }) => skipped)).toEqual(right.tensors.map(() => 0));
  const bent = await checkGradients(
    networkWith(() => tf.layers.reLU({ name: 'square' })),
    { entries: 12, seed: 1 },
  );
  expect(wrong(bent.tensors)).toEqual([]);
});

it('a difference at a bend is skipped, one of a smooth function with a wrong derivative is not', async () => {
  const of = (f: (x: number) => number, derivative: number) =>
    compare({
      derivative,
      largest: Math.abs(derivative),
      size: 1,
      at: async (by) => ({ change: f(by) - f(0), by }),
    });
  expect((await of((x) => Math.max(0, x), 1)).skipped).toBe(true);
  expect((await of((x) => Math.max(0, x - 0.002) + x, 1)).error).toBeLessThan(0.01);
  expect(await of((x) => Math.exp(3 * x), 3.3)).toMatchObject({ skipped: false });
  expect((await of((x) => Math.exp(3 * x), 3.3)).error).toBeCloseTo(0.3 / 3.3, 3);
  expect((await of((x) => Math.sin(x), 1)).error).toBeLessThan(1e-4);
});

it('checks what any optimiser that descends a gradient learns by, with the same result', async () => {
  await useBackend();
  const { recipe } = lenet.lenet5;
  const optimiser = { kind: 'diagonalLevenbergMarquardt', mu: 0.02, images: 500 } as const;
  const found = await checkGradients({ ...lenet.lenet5, recipe: { ...recipe, optimiser } }, options);
  expect(found).toEqual(await checkGradients(lenet.lenet5, options));
});

it('the command prints a table or JSON, and refuses a network without gradients to check', async () => {
  const table = await command(['check-gradients', 'lenet1', '--entries', '2']);
  expect(table).toMatchObject({ code: 0 });
  expect(table.stdout).toMatch(/^H3 +kernel +2 +0 .* ok$/m);
  expect(table.stdout).toContain('all derivatives agree');
  const json = await command(['check-gradients', 'lenet1', '--entries', '1', '--json']);
  expect(JSON.parse(json.stdout)).toMatchObject({ network: 'lenet1', ok: true, tolerance: 0.01 });
  const refused = await command(['check-gradients', 'neocognitron']);
  expect(refused).toMatchObject({ code: 2, stdout: '' });
  expect(refused.stderr).toContain('expected a network that is trained by its gradient, found winnerTakeAll');
});
