/** Caffe's NetParameter in binary, field by field as src/caffe/proto/caffe.proto numbers them. */
import { bytes, float, integer } from '../../../src/core/io/protobuf';

export interface CaffeLayer {
  readonly name: string;
  readonly type: string;
  /** Default: what the layer before gives. */
  readonly from?: readonly string[];
  /** Default: its name; of a layer that writes where it reads, that place. */
  readonly to?: readonly string[];
  /** Shapes of its weights. */
  readonly blobs?: readonly (readonly number[])[];
  /** Its further fields. */
  readonly fields?: readonly Uint8Array[];
}

const all = (...parts: readonly Uint8Array[]) => Buffer.concat(parts);

/** Settings of layers of the LayerParameter, by the fields' names in caffe.proto. */
export const settings = {
  convolution: (kernel: number, { stride = 1, pad = 0, group = 1 } = {}) =>
    bytes(106, all(integer(3, pad), integer(4, kernel), integer(5, group), integer(6, stride))),
  full: (...fields: readonly Uint8Array[]) => bytes(117, all(...fields)),
  pooling: (method: 'MAX' | 'AVE', kernel: number, stride: number, pad = 0) =>
    bytes(
      121,
      all(integer(1, method === 'MAX' ? 0 : 1), integer(2, kernel), integer(3, stride), integer(4, pad)),
    ),
  lrn: (size: number, alpha: number, beta: number) =>
    bytes(118, all(integer(1, size), float(2, alpha), float(3, beta))),
  power: (scale: number, shift = 0) => bytes(122, all(float(2, scale), float(3, shift))),
  relu: (slope: number) => bytes(123, float(1, slope)),
  transform: (...fields: readonly Uint8Array[]) => bytes(100, all(...fields)),
  include: (phase: 'TRAIN' | 'TEST') => bytes(8, integer(1, phase === 'TRAIN' ? 0 : 1)),
} as const;

/** Fields of the TransformationParameter. */
export const transform = {
  scale: (value: number) => float(1, value),
  mirror: integer(2, 1),
  crop: (side: number) => integer(3, side),
  meanFile: bytes(4, 'mean.binaryproto'),
  means: (...values: readonly number[]) => all(...values.map((value) => float(5, value))),
} as const;

/** A network of some layers, one after the other where they do not say otherwise; weights are all the same. */
export function caffeNet(layers: readonly CaffeLayer[], before: readonly Uint8Array[] = []): Buffer {
  let last = 'data';
  const messages = layers.map(({ name, type, from, to, blobs = [], fields = [] }) => {
    const bottoms = from ?? [last];
    const inPlace = ['ReLU', 'Sigmoid', 'TanH', 'Dropout'].includes(type) && from === undefined;
    const tops = to ?? (inPlace ? bottoms : [name]);
    last = tops[0] ?? last;
    return bytes(
      100,
      all(
        bytes(1, name),
        bytes(2, type),
        ...bottoms.map((bottom) => bytes(3, bottom)),
        ...tops.map((top) => bytes(4, top)),
        ...blobs.map((shape) => {
          const numbers = new Float32Array(shape.reduce((product, side) => product * side, 1)).fill(0.01);
          const dims = all(...shape.map((side) => integer(1, side)));
          return bytes(7, all(bytes(7, dims), bytes(5, Buffer.from(numbers.buffer))));
        }),
        ...fields,
      ),
    );
  });
  return all(bytes(1, 'net'), ...before, ...messages);
}
