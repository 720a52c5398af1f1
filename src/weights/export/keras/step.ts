/** One layer of Keras that stands, alone or with others, for one of ours. */
import type { NamedArray } from '../../named-array';

/** One layer of Keras's, of those that stand in the place of one of ours. */
export interface KerasStep {
  /** What follows our layer's name in its own; the last step, which gives the layer's output, has none. */
  readonly suffix?: string;
  readonly kind: string;
  readonly config: Readonly<Record<string, unknown>>;
  /**
   * What it reads: `input`, what our layer reads, or other steps by their suffixes. Default: the step before it, and
   * of the first one the input.
   */
  readonly from?: readonly string[];
  /** What Keras's call is given besides. */
  readonly given?: Readonly<Record<string, number>>;
  /** Keras's module, of what it has as an operation and not as a layer: from Keras 3 on. */
  readonly module?: string;
  /** Its weights in Keras's order, made of ours. */
  readonly weights?: (own: OwnWeights) => Readonly<Record<string, KerasWeight>>;
}

/** The weights of our layer, by their names in it. */
export type OwnWeights = Readonly<Record<string, KerasWeight>>;

export type KerasWeight = Pick<NamedArray, 'shape' | 'values'>;

/** A step before the last. */
type Named = Omit<KerasStep, 'suffix'>;

/** Steps as a table: the suffix of each, and last the one that has none. */
export function steps(...rows: readonly (readonly [suffix: string, step: Named])[]): KerasStep[] {
  return rows.map(([suffix, step]) => ({ ...step, ...(suffix !== '' && { suffix }) }));
}

/** `scale`·x + `offset`. */
export function rescaling(scale: number, offset = 0): KerasStep {
  return { kind: 'Rescaling', config: { scale, offset } };
}

/** x^`exponent`, element by element: no layer of Keras's does it, an operation of Keras 3 does. */
export function power(exponent: number): KerasStep {
  return { kind: 'Power', config: {}, module: 'keras.src.ops.numpy', given: { x2: exponent } };
}

export function product(one: string, other: string): KerasStep {
  return { kind: 'Multiply', config: {}, from: [one, other] };
}

export function reshaped(...shape: readonly number[]): KerasStep {
  return { kind: 'Reshape', config: { target_shape: shape } };
}

export function zeroPadding(rows: readonly [number, number], columns: readonly [number, number]): KerasStep {
  return { kind: 'ZeroPadding2D', config: { padding: [rows, columns] } };
}

export interface Convolution {
  readonly filters: number;
  readonly kernelSize: number;
  readonly strides?: number;
  readonly useBias?: boolean;
}

/** A convolution of what is inside, without activation. */
export function convolution(
  { filters, kernelSize, strides = 1, useBias = true }: Convolution,
  weights: NonNullable<KerasStep['weights']>,
): KerasStep {
  const config = {
    filters,
    kernel_size: [kernelSize, kernelSize],
    strides: [strides, strides],
    padding: 'valid',
    use_bias: useBias,
  };
  return { kind: 'Conv2D', config, weights };
}

/** `equation` of the layer's input and a kernel that is ours to choose. */
export function einsum(
  equation: string,
  shape: readonly number[],
  kernel: KerasWeight,
  bias?: { readonly axes: string; readonly of: (own: OwnWeights) => KerasWeight },
): KerasStep {
  return {
    kind: 'EinsumDense',
    config: { equation, output_shape: shape, bias_axes: bias?.axes ?? null, trainable: bias !== undefined },
    weights: (own) => ({ kernel, ...(bias && { bias: bias.of(own) }) }),
  };
}

/** `[size, size]`, which leaves what it is multiplied with as it is. */
export function identity(size: number): KerasWeight {
  return { shape: [size, size], values: filled(size * size, (at) => (at % (size + 1) === 0 ? 1 : 0)) };
}

export function filled(length: number, value: (at: number) => number): Float32Array {
  return Float32Array.from({ length }, (_, at) => value(at));
}
