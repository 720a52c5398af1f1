import { zoo } from '../../models/registry';
import { GraphBuilder } from '../../src/graph/session/builder';
import { initialise } from '../../src/layers/initialise/initialise';
import { ScaledTanh } from '../../src/layers/scaled-tanh';
import { Subsample } from '../../src/layers/subsample';
import { measureLayers, randomBatch } from '../../src/report/bench/bench';
import { useBackend } from '../../src/runtime/backend';
import { tf } from '../../src/core/tf';
import { compiledForward, eagerForward } from '../../src/evaluate/scores/forward';
import { stepFor } from '../../src/train/step/choose-step';
import { itOnTensorFlow } from '../support/fixtures';

/** The operations of the graphs that a piece of work hands to TensorFlow. */
async function recordedOps(work: () => Promise<unknown>): Promise<string[]> {
  const ops: string[] = [];
  const encode = jest.spyOn(GraphBuilder.prototype, 'encode').mockImplementation(function (
    this: GraphBuilder,
  ) {
    ops.push(...this.nodes.map(({ op }) => op));
    return encodeItself.call(this);
  });
  await work();
  encode.mockRestore();
  return ops;
}
const encodeItself = Object.getOwnPropertyDescriptor(GraphBuilder.prototype, 'encode')!.value as () => Buffer;

/** A convolution, a sub-sampling and a convolution as large as what it sees, each with its scaled tangent. */
function toy(): tf.LayersModel {
  const layers = [
    tf.layers.conv2d({ name: 'C1', filters: 4, kernelSize: 3, kernelInitializer: 'zeros' }),
    new ScaledTanh({ name: 'C1/tanh' }),
    new Subsample({ name: 'S2', size: 2 }),
    new ScaledTanh({ name: 'S2/tanh' }),
    tf.layers.conv2d({ name: 'C3', filters: 5, kernelSize: 3, kernelInitializer: 'zeros' }),
    tf.layers.flatten({ name: 'flat' }),
    new ScaledTanh({ name: 'C3/tanh' }),
  ];
  const input = tf.input({ shape: [8, 8, 2] });
  const output = layers.reduce((below, layer) => layer.apply(below) as tf.SymbolicTensor, input);
  const model = tf.model({ inputs: input, outputs: output });
  initialise(model, { kernel: { kind: 'uniformOverRootFanIn', scale: 2.4 }, bias: 'asKernel' }, 3);
  return model;
}

const recipe = {
  ...zoo.lenet5.recipe,
  loss: { kind: 'squaredError', on: 1, off: -1 },
  weightDecay: 0,
} as const;
const batch = randomBatch(6, [8, 8, 2], 5);

itOnTensorFlow(
  'a recorded forward pass keeps its scores and multiplies no activation by a constant',
  async () => {
    await useBackend('tensorflow');
    const model = toy();
    const forward = compiledForward(model);
    let scores: Float32Array = new Float32Array();
    const ops = await recordedOps(async () => (scores = await forward.run(batch)));
    const expected = await eagerForward(model).run(batch);
    expected.forEach((value, index) => expect(scores[index]).toBeCloseTo(value, 5));
    expect(ops).toContain('Conv2D');
    // Of its products with constants only those of weights are left, before each sum and each factor.
    expect(ops.filter((op) => op === 'Tanh')).toHaveLength(3);
    expect(ops.filter((op) => op === 'Conv2D')).toHaveLength(1);
    expect(ops.filter((op) => op === 'MatMul')).toHaveLength(1);
    forward.dispose();
  },
);

class Twice extends tf.layers.Layer {
  static readonly className = 'Twice';
  constructor(private readonly twice: (x: tf.Tensor) => tf.Tensor) {
    super({});
  }
  override call(inputs: tf.Tensor[]): tf.Tensor {
    return this.twice(inputs[0]!);
  }
}

itOnTensorFlow.each<[string, (x: tf.Tensor) => tf.Tensor]>([
  [
    'the square of a scaled value',
    (x) => {
      const half = x.mul(0.5);
      return half.mul(half);
    },
  ],
  ['a scaled sum of a value with itself', (x) => x.add(x).mul(0.25)],
  [
    'the product of a scaled matrix with itself, transposed',
    (x) => {
      const half = x.mul(0.5);
      return tf.matMul(half, half, false, true);
    },
  ],
])('a recorded forward pass keeps %s', async (_, twice) => {
  await useBackend('tensorflow');
  const model = tf.sequential({
    layers: [
      tf.layers.conv2d({ inputShape: [8, 8, 2], filters: 2, kernelSize: 3, useBias: false }),
      new Twice(twice),
      tf.layers.flatten(),
    ],
  });
  const forward = compiledForward(model);
  const expected = await eagerForward(model).run(batch);
  const scores = await forward.run(batch);
  expected.forEach((value, index) => expect(scores[index]).toBeCloseTo(value, 5));
  expect(Math.max(...expected)).toBeGreaterThan(0.01);
  forward.dispose();
});

itOnTensorFlow(
  'a convolution as large as its input becomes products of matrices, forward and backward',
  async () => {
    await useBackend('tensorflow');
    const [model, other] = [toy(), toy()];
    const [compiled, eager] = [
      stepFor(model, recipe, 1, { kind: 'compiled' }),
      stepFor(other, recipe, 1, { kind: 'eager' }),
    ];
    const ops = await recordedOps(async () => compiled.run(batch, 0.1, 0));
    // C1 alone convolves; the gradient of its image is recorded, and never run.
    expect(ops.filter((op) => op.startsWith('Conv2D')).sort()).toEqual([
      'Conv2D',
      'Conv2DBackpropFilter',
      'Conv2DBackpropInput',
    ]);
    expect(ops.filter((op) => op === 'MatMul')).toHaveLength(3);
    await eager.run(batch, 0.1, 0);
    await compiled.state?.sync();
    for (const [index, weight] of model.weights.entries()) {
      const values = other.weights[index]!.read().dataSync();
      weight
        .read()
        .dataSync()
        .forEach((value, at) => expect(value).toBeCloseTo(values[at]!, 5));
    }
    compiled.dispose();
    eager.dispose();
  },
);

it.each(['compiled', 'eager'] as const)(
  'an update of the %s step is told apart by layer and pass',
  async (kind) => {
    const { backend } = await useBackend('tensorflow');
    expect(backend).toBe('tensorflow');
    const model = toy();
    const step = stepFor(model, recipe, 1, { kind });
    await step.run(batch, 0.1, 0);
    const times = await measureLayers(step, model, batch, 1);
    const of = (layer: string) => times.find((time) => time.layer === layer)!;
    for (const layer of ['C1', 'C1/tanh', 'S2', 'S2/tanh', 'C3', 'C3/tanh']) {
      expect(of(layer).forward).toBeGreaterThan(0);
      expect(of(layer).backward).toBeGreaterThan(0);
    }
    if (kind === 'compiled') {
      expect(of('C1').update).toBeGreaterThan(0);
      expect(of('C1/tanh').update).toBe(0);
      // 2·3·3·4 + 4, 4 + 4, 4·3·3·5 + 5 weights of 4 bytes, and as many velocities
      expect(step.profile?.recorded()).toMatchObject({ sessionBytes: 4 * 2 * (76 + 8 + 185) });
    } else expect(step.profile).toBeUndefined();
    step.dispose();
  },
);
