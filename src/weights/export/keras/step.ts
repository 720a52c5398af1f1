/** One layer of Keras that, alone or with others, replaces one of our layers. */
import type { NamedArray } from '../../named-array';

/** One of the Keras layers that replace one of our layers. */
export interface KerasStep {
  /** The suffix that is appended to our layer's name; the last step, which gives the layer's output, has none. */
  readonly suffix?: string;
  readonly kind: string;
  readonly config: Readonly<Record<string, unknown>>;
  /**
   * Its inputs: `input`, the input of our layer, or other steps by their suffixes. Default: the previous step; for the
   * first step, the input.
   */
  readonly from?: readonly string[];
  /** Additional arguments of the call in Keras. */
  readonly given?: Readonly<Record<string, number>>;
  /** The Keras module, if this is an operation and not a layer: from Keras 3 on. */
  readonly module?: string;
  /** Its weights in Keras's order, computed from ours. */
  readonly weights?: (own: OwnWeights) => Readonly<Record<string, KerasWeight>>;
}

/** The weights of our layer, by their names in it. */
export type OwnWeights = Readonly<Record<string, KerasWeight>>;

export type KerasWeight = Pick<NamedArray, 'shape' | 'values'>;

/** A step without its suffix. */
type Named = Omit<KerasStep, 'suffix'>;

/** Converts a table to steps: the suffix of each; the last one has none. */
export function steps(...rows: readonly (readonly [suffix: string, step: Named])[]): KerasStep[] {
  return rows.map(([suffix, step]) => ({ ...step, ...(suffix !== '' && { suffix }) }));
}

/** `scale`·x + `offset`. */
export function rescaling(scale: number, offset = 0): KerasStep {
  return { kind: 'Rescaling', config: { scale, offset } };
}

/** x^`exponent`, element by element: no Keras layer does this, but an operation of Keras 3 does. */
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

/** A convolution without padding and activation. */
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

/** Applies `equation` to the layer's input and a constant kernel. */
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

/** `[size, size]`: the identity matrix. */
export function identity(size: number): KerasWeight {
  return { shape: [size, size], values: filled(size * size, (at) => (at % (size + 1) === 0 ? 1 : 0)) };
}

export function filled(length: number, value: (at: number) => number): Float32Array {
  return Float32Array.from({ length }, (_, at) => value(at));
}
