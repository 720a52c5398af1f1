/** Checks what WebGPU computes on this machine's GPU against tfjs's backend in JavaScript. */
import { tf } from '../../core/tf';

/** How far a kernel's result was from the right one. */
export interface KernelError {
  readonly kernel: string;
  /** The largest difference, relative to the largest value; null where a result is not a number. */
  readonly error: number | null;
}

/** The result of the check. */
export interface KernelCheck {
  readonly kernels: readonly KernelError[];
  readonly worst: KernelError;
  readonly tolerance: number;
  readonly agrees: boolean;
}

/**
 * The bound of all errors. Sums in another order differ by some 1e-6; WebGPU lets a GPU's `pow` and `exp`, and even its
 * division, be less exact than a processor's.
 */
const tolerance = 1e-4;

/** Computes on the given numbers, `[shape]` by name; the caller disposes of the results. */
interface Kernel {
  readonly name: string;
  readonly shapes: readonly (readonly number[])[];
  readonly compute: (...inputs: tf.Tensor[]) => tf.Tensor[];
}

/** Sums of products with the last input, so that a gradient differs from position to position. */
function gradientsOf(forward: (...inputs: tf.Tensor[]) => tf.Tensor): Kernel['compute'] {
  return (...given) => {
    const weights = given.at(-1)!;
    return tf.grads((...inputs: tf.Tensor[]) =>
      forward(...inputs)
        .mul<tf.Scalar>(weights)
        .sum(),
    )(given.slice(0, -1));
  };
}

const convolution = (stride: number) => (x: tf.Tensor, filter: tf.Tensor) =>
  tf.conv2d(x as tf.Tensor4D, filter as tf.Tensor4D, stride, 'same');
const lrn = (x: tf.Tensor) => tf.localResponseNormalization(x as tf.Tensor4D, 2, 2, 0.1, 0.75);

/** What the networks need, each at a size that leaves a rest on the tiles of tfjs's kernels, or none. */
const kernels: readonly Kernel[] = [
  {
    name: 'convolution',
    shapes: [
      [2, 9, 9, 3],
      [5, 5, 3, 7],
    ],
    compute: (x, w) => [convolution(2)(x, w)],
  },
  {
    name: 'gradients of a convolution',
    shapes: [
      [2, 8, 8, 4],
      [3, 3, 4, 8],
      [2, 8, 8, 8],
    ],
    compute: gradientsOf((x, w) => convolution(1)(x, w)),
  },
  {
    name: 'gradients of a convolution with strides',
    shapes: [
      [2, 11, 11, 3],
      [5, 5, 3, 6],
      [2, 6, 6, 6],
    ],
    compute: gradientsOf((x, w) => convolution(2)(x, w)),
  },
  {
    name: 'gradient of max-pooling',
    // Strides of 3 show whether the GPU's division is exact where its result is a whole number.
    shapes: [
      [2, 10, 10, 5],
      [2, 3, 3, 5],
    ],
    compute: gradientsOf((x) => tf.maxPool(x.sub<tf.Tensor4D>(2), 4, 3, 'valid')),
  },
  {
    name: 'gradient of average-pooling',
    shapes: [
      [2, 17, 17, 5],
      [2, 5, 5, 5],
    ],
    compute: gradientsOf((x) => tf.avgPool(x as tf.Tensor4D, 5, 3, 'valid')),
  },
  {
    name: 'matrix products',
    shapes: [
      [33, 70],
      [70, 21],
    ],
    compute: (a, b) => [
      tf.matMul(a, b),
      tf.matMul(a, a, true),
      tf.matMul(b, b, false, true),
      tf.matMul(b, a, true, true),
    ],
  },
  {
    // tfjs 4.22 has a program for such a product whose results are wrong.
    name: 'long sums of few products',
    shapes: [
      [2, 2048],
      [64, 2048],
    ],
    compute: (a, b) => [tf.matMul(a, b, false, true)],
  },
  { name: 'local response normalisation', shapes: [[2, 5, 5, 12]], compute: (x) => [lrn(x)] },
  {
    name: 'gradient of local response normalisation',
    shapes: [
      [2, 5, 5, 12],
      [2, 5, 5, 12],
    ],
    compute: gradientsOf((x) => lrn(x)),
  },
  {
    name: 'softmax and its cross-entropy’s gradient',
    shapes: [
      [6, 1000],
      [6, 1000],
    ],
    compute: (x, w) => [
      tf.softmax(x.mul(10)),
      ...tf.grads((scores: tf.Tensor) => tf.logSoftmax(scores).mul<tf.Scalar>(w).sum())([x]),
    ],
  },
  {
    name: 'tanh and sums',
    shapes: [[7, 11, 130]],
    compute: (x) => [tf.tanh(x.mul(3)), tf.sum(x, [0, 1]), tf.mean(tf.square(x))],
  },
];

/** Computes every kernel on both backends; afterwards the backend in use is the one before. */
export async function checkWebgpuKernels(): Promise<KernelCheck> {
  const before = tf.getBackend() as string | undefined; // none before the first choice
  try {
    const wanted = await resultsOn('cpu');
    const found = await resultsOn('webgpu');
    const errors = kernels.map(({ name }, index) => ({
      kernel: name,
      error: apart(wanted[index]!, found[index]!),
    }));
    const size = ({ error }: KernelError) => error ?? Infinity;
    const worst = errors.reduce((most, one) => (size(one) > size(most) ? one : most));
    return { kernels: errors, worst, tolerance, agrees: size(worst) <= tolerance };
  } finally {
    if (before) await tf.setBackend(before);
  }
}

async function resultsOn(backend: 'cpu' | 'webgpu'): Promise<Float32Array[][]> {
  await tf.setBackend(backend);
  const results = [];
  for (const { shapes, compute } of kernels) {
    const tensors = tf.tidy(() =>
      compute(...shapes.map((shape, at) => tf.tensor(numbers(shape, at), [...shape]))),
    );
    results.push(await Promise.all(tensors.map((tensor) => tensor.data<'float32'>())));
    tf.dispose(tensors);
  }
  return results;
}

/** Different multiples of the golden ratio, in [-1, 1). */
function numbers(shape: readonly number[], start: number): Float32Array {
  const size = shape.reduce((product, side) => product * side, 1);
  return Float32Array.from({ length: size }, (_, index) => 2 * (((start + index) * 0.618034) % 1) - 1);
}

/** The largest difference of several tensors, each relative to its largest value. */
function apart(wanted: readonly Float32Array[], found: readonly Float32Array[]): number | null {
  let largest = 0;
  for (const [index, values] of wanted.entries()) {
    const scale = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    for (const [at, value] of values.entries()) {
      const error = Math.abs(found[index]![at]! - value) / scale;
      if (!Number.isFinite(error)) return null;
      largest = Math.max(largest, error);
    }
  }
  return largest;
}
