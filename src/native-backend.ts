import { tf } from './tf';

/** An attribute as tfjs-node hands it to its binding. */
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

/** tfjs-node's backend where it is the one in use, else undefined. */
export function nativeBackend(): NativeBackend | undefined {
  const backend = tf.backend() as unknown as Partial<NativeBackend>;
  return backend.executeSingleOutput && backend.binding ? (backend as NativeBackend) : undefined;
}
