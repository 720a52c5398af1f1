/** The operations of native TensorFlow that layers and the recorder call by name, when it is the backend. */
import { tf } from '../tf';

/** An attribute of a TensorFlow operation. */
export type Attribute =
  | { readonly type: 'type'; readonly value: 'float32' | 'int32' }
  | { readonly type: 'int'; readonly value: number | readonly number[] }
  | { readonly type: 'string'; readonly value: string }
  | { readonly type: 'bool'; readonly value: boolean };

/** Runs one operation of native TensorFlow by its name, as its operation list documents it. */
export type NativeOp = (
  name: string,
  attributes: Readonly<Record<string, Attribute>>,
  inputs: tf.Tensor[],
) => tf.Tensor;

/** Like `NativeOp`, for an operation with several outputs. */
export type NativeOps = (...call: [...Parameters<NativeOp>, outputs: number]) => tf.Tensor[];

/** The attributes of TensorFlow's `StatelessRandom…` operations: float32 values from an int32 shape and seed. */
export const randomAttributes = {
  dtype: { type: 'type', value: 'float32' },
  T: { type: 'type', value: 'int32' },
  Tseed: { type: 'type', value: 'int32' },
} as const satisfies Record<string, Attribute>;

let library: string | undefined;
let cudaLibrary: string | undefined;

/** Called once native TensorFlow is loaded, with the path of its library and, on a GPU, of CUDA's runtime library. */
export function setNativeLibrary(path: string, cudaRuntime?: string): void {
  library = path;
  cudaLibrary = cudaRuntime;
}

/** The path of the CUDA runtime library that native TensorFlow uses; undefined if it uses none or it is unknown. */
export function nativeCudaLibrary(): string | undefined {
  return cudaLibrary;
}

/** The path of the TensorFlow library that this process has loaded, if any. */
export function nativeLibrary(): string | undefined {
  return library;
}

/** Runs native operations if native TensorFlow is the backend in use; otherwise undefined. */
export function nativeOp(): NativeOp | undefined {
  const backend = nativeBackend();
  if (!backend) return undefined;
  return (name, attributes, inputs) =>
    backend.executeSingleOutput(name, allEncoded(attributes, backend.binding), inputs);
}

/** Like `nativeOp`, for operations with several outputs. */
export function nativeOps(): NativeOps | undefined {
  const backend = nativeBackend();
  if (!backend) return undefined;
  return (name, attributes, inputs, outputs) =>
    backend.executeMultipleOutputs(name, allEncoded(attributes, backend.binding), inputs, outputs);
}

function allEncoded(
  attributes: Readonly<Record<string, Attribute>>,
  binding: NativeBackend['binding'],
): OpAttribute[] {
  return Object.entries(attributes).map(([name, attribute]) => encoded(name, attribute, binding));
}

function encoded(name: string, { type, value }: Attribute, binding: NativeBackend['binding']): OpAttribute {
  return {
    name,
    type: binding[`TF_ATTR_${type.toUpperCase()}`]!,
    value: type === 'type' ? binding[value === 'float32' ? 'TF_FLOAT' : 'TF_INT32'] : value,
  };
}

/** An attribute in the form in which tfjs-node passes it to its binding. */
export interface OpAttribute {
  readonly name: string;
  readonly type: number;
  readonly value: unknown;
}

/** The parts of tfjs-node's backend through which every operation and every read goes. */
export interface NativeBackend {
  readonly binding: Readonly<Record<string, number>>;
  readonly tensorMap: { get(dataId: object): { readonly shape: number[]; readonly dtype: number } };
  executeSingleOutput(name: string, attributes: OpAttribute[], inputs: tf.Tensor[]): tf.Tensor;
  executeMultipleOutputs(
    name: string,
    attributes: OpAttribute[],
    inputs: tf.Tensor[],
    outputs: number,
  ): tf.Tensor[];
  write(values: unknown, shape: number[], dtype: string): object;
  readSync(dataId: object): Float32Array | Int32Array | Uint8Array;
  read(dataId: object): Promise<Float32Array | Int32Array | Uint8Array>;
  getDTypeInteger(dtype: string): number;
}

/** tfjs-node's backend if it is the one in use, otherwise undefined. */
export function nativeBackend(): NativeBackend | undefined {
  const backend = tf.backend() as unknown as Partial<NativeBackend>;
  return backend.executeSingleOutput && backend.binding ? (backend as NativeBackend) : undefined;
}
