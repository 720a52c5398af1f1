import { useBackend } from '../../src/runtime/backend';
import { registerWasmTrainingKernels } from '../../src/runtime/wasm/kernels';
import { tf } from '../../src/core/tf';

type Tensors = readonly tf.Tensor[];
const bound = 1e-5;

/** Numbers of a given shape, each a different multiple of the golden ratio, in [-1, 1). */
function numbers(shape: number[], start: number): { shape: number[]; values: Float32Array } {
  const size = shape.reduce((product, length) => product * length, 1);
  const values = Float32Array.from(
    { length: size },
    (_, index) => 2 * (((start + index) * 0.618034) % 1) - 1,
  );
  return { shape, values };
}

/** What `compute` returns on a backend, and by how much it changed the number of arrays held there. */
async function on(
  backend: 'wasm' | 'cpu',
  inputs: readonly ReturnType<typeof numbers>[],
  compute: (...inputs: tf.Tensor[]) => Tensors,
) {
  await useBackend(backend);
  const arrays = () => tf.backend().numDataIds();
  const before = arrays();
  const outputs = tf.tidy(() => [...compute(...inputs.map(({ values, shape }) => tf.tensor(values, shape)))]);
  const values = outputs.map((output) => ({ shape: output.shape, data: output.dataSync<'float32'>() }));
  tf.dispose(outputs);
  return { values, leaked: arrays() - before };
}

async function expectAgreement(
  inputs: readonly ReturnType<typeof numbers>[],
  compute: (...inputs: tf.Tensor[]) => Tensors,
): Promise<void> {
  const ours = await on('wasm', inputs, compute);
  const reference = await on('cpu', inputs, compute);
  expect(ours.leaked).toBe(0);
  reference.values.forEach(({ shape, data }, output) => {
    const found = ours.values[output]!;
    expect(found.shape).toEqual(shape);
    const scale = data.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0);
    const worst = data.reduce(
      (most, value, index) => Math.max(most, Math.abs(value - found.data[index]!)),
      0,
    );
    expect(scale).toBeGreaterThan(0);
    expect(worst / scale).toBeLessThan(bound);
  });
}

const explicit: tf.backend_util.ExplicitPadding = [
  [0, 0],
  [2, 1],
  [0, 3],
  [0, 0],
];

describe('the gradients of a convolution agree with the cpu backend', () => {
  const cases = [11, 5, 3, 1].flatMap((kernel) =>
    [1, 2, 4].flatMap((stride) =>
      (['valid', 'same', explicit] as const).flatMap((pad) => [
        { kernel, stride, pad, images: [1, kernel + 6, kernel + 9, 3], filters: 5 },
        { kernel, stride, pad, images: [3, kernel + 7, kernel + 4, 6], filters: 7 },
      ]),
    ),
  );
  const covering = [
    { kernel: 5, stride: 1, pad: 'valid' as const, images: [3, 5, 5, 3], filters: 7 },
    { kernel: 5, stride: 2, pad: 'valid' as const, images: [1, 5, 5, 1], filters: 6 },
  ];
  const named = [...cases, ...covering].map((one) => [`${JSON.stringify(one)}`, one] as const);

  test.each(named)('%s', async (_, { kernel, stride, pad, images, filters }) => {
    const [batch, height, width, channels] = images as [number, number, number, number];
    const filter = [kernel, kernel, channels, filters] as [number, number, number, number];
    const { outShape } = tf.backend_util.computeConv2DInfo(
      [batch, height, width, channels],
      filter,
      stride,
      1,
      pad,
    );
    await expectAgreement(
      [numbers(images, 1), numbers(filter, 2), numbers(outShape, 3)],
      (image, weights, dy) => {
        const weighted = (x: tf.Tensor, w: tf.Tensor) =>
          tf.sum<tf.Scalar>(tf.mul(tf.conv2d(x as tf.Tensor4D, w as tf.Tensor4D, stride, pad), dy));
        return tf.grads(weighted)([image, weights]);
      },
    );
  });
});

describe('matrix products agree with the cpu backend', () => {
  const sizes = [
    { batch: [], rows: 5, inner: 7, columns: 3 },
    { batch: [], rows: 3, inner: 2, columns: 41 },
    { batch: [], rows: 41, inner: 30, columns: 2 },
    { batch: [1], rows: 5, inner: 7, columns: 3 },
    { batch: [4], rows: 5, inner: 7, columns: 3 },
    { batch: [2, 3], rows: 2, inner: 3, columns: 9 },
  ];
  const cases = sizes.flatMap((size) =>
    [false, true].flatMap((first) => [false, true].map((second) => ({ ...size, first, second }))),
  );
  test.each(cases)(
    'batch $batch, $rows x $inner times $inner x $columns, transposed: $first, $second',
    async ({ batch, rows, inner, columns, first, second }) => {
      const a = numbers([...batch, ...(first ? [inner, rows] : [rows, inner])], 1);
      const b = numbers([...batch, ...(second ? [columns, inner] : [inner, columns])], 2);
      await expectAgreement([a, b], (left, right) => [tf.matMul(left, right, first, second)]);
    },
  );

  test('when one tensor is the right factor under two shapes', async () => {
    const factors = [numbers([2, 3], 1), numbers([2, 4], 2), numbers([12], 3)];
    await expectAgreement(factors, (a, b, data) => [
      tf.matMul(a, tf.reshape(data, [3, 4])),
      tf.matMul(b, tf.reshape(data, [4, 3])),
      tf.matMul(a, tf.reshape(data, [3, 4])),
    ]);
  });
});

/** Two convolutions, sub-sampling, scaled tanh and squared distances: the parts of LeNet-5, small. */
function loss(x: tf.Tensor, first: tf.Tensor, second: tf.Tensor, dense: tf.Tensor): tf.Scalar {
  const squash = (value: tf.Tensor) => tf.mul<tf.Tensor4D>(tf.tanh(tf.mul(value, 2 / 3)), 1.7159);
  const c1 = squash(tf.conv2d(x as tf.Tensor4D, first as tf.Tensor4D, 1, 'valid')); // [3, 12, 12, 5]
  const s2 = tf.avgPool(c1, 2, 2, 'valid'); // [3, 6, 6, 5]
  const c3 = squash(tf.conv2d(s2, second as tf.Tensor4D, 2, 'same')); // [3, 3, 3, 7]
  const scores = tf.matMul(tf.reshape(c3, [3, 63]), dense); // [3, 4]
  return tf.mean<tf.Scalar>(tf.logSumExp(tf.square(scores), 1));
}
const weights = () => [numbers([5, 5, 1, 5], 2), numbers([3, 3, 5, 7], 3), numbers([63, 4], 4)];

test('the gradients of a small network agree with the cpu backend', async () => {
  await expectAgreement([numbers([3, 16, 16, 1], 1), ...weights()], (x, ...variables) =>
    tf.grads((...values) => loss(x, values[0]!, values[1]!, values[2]!))(variables),
  );
});

test('training lowers the loss and holds neither more arrays nor more memory after each step', async () => {
  await useBackend('wasm');
  const heap = () => (tf.backend() as unknown as { wasm: { HEAPU8: Uint8Array } }).wasm.HEAPU8.length;
  const image = numbers([3, 16, 16, 1], 1);
  const x = tf.tensor(image.values, image.shape);
  const variables = weights().map(({ values, shape }) => tf.variable(tf.tensor(values, shape)));
  const optimizer = tf.train.sgd(0.01);
  const step = () =>
    tf.tidy(() => {
      const cost = () => loss(x, variables[0]!, variables[1]!, variables[2]!);
      return optimizer.minimize(cost, true, variables)!.dataSync()[0]!;
    });
  const losses = [step(), step()];
  const held = { arrays: tf.backend().numDataIds(), tensors: tf.memory().numTensors, heap: heap() };
  for (let index = 0; index < 200; index++) losses.push(step());
  expect({ arrays: tf.backend().numDataIds(), tensors: tf.memory().numTensors, heap: heap() }).toEqual(held);
  expect(losses.at(-1)!).toBeLessThan(losses[0]!);
  tf.dispose([x, ...variables]);
});

test('registering the kernels again changes nothing', async () => {
  await useBackend('wasm');
  const kernels = () => ['Conv2DBackpropFilter', 'Conv2DBackpropInput', 'BatchMatMul'].map(kernelFunction);
  const kernelFunction = (name: string) => tf.getKernel(name, 'wasm').kernelFunc;
  const before = kernels();
  registerWasmTrainingKernels();
  expect(kernels()).toEqual(before);
});
