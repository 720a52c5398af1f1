/** Writes weights as the shards of a TensorFlow.js model. */
import { elementCount } from '../../../core/shape';
import { join } from 'node:path';
import { writeFileAtomically } from '../../../core/io/files';

/** A weight for TensorFlow.js. */
export interface TfjsWeight {
  /** Stores a float32 weight in fewer bits, from which TensorFlow.js makes float32 when it loads the model. */
  readonly quantised?: { readonly bytes: 1 | 2; of(values: Float32Array): Quantised } | undefined;
  readonly name: string;
  readonly shape: readonly number[];
  readonly type: 'float32' | 'int32' | 'bool';
  values(): Promise<Float32Array | Int32Array>;
}

/** A weight in fewer bits, and what the manifest says of them. */
export interface Quantised {
  readonly stored: Uint8Array | Uint16Array;
  readonly quantization:
    { readonly dtype: 'float16' } | { readonly dtype: 'uint8'; readonly scale: number; readonly min: number };
}

/** The shard size of TensorFlow.js's own tools, chosen so that a browser caches each shard. */
const shardBytes = 4 * 2 ** 20;

/**
 * Writes weights into files of a folder, with one weight in memory at a time.
 * @returns the `weightsManifest` for the `model.json`
 */
export async function writeTfjsShards(folder: string, weights: readonly TfjsWeight[]): Promise<object[]> {
  const total = weights.reduce((sum, weight) => sum + bytesOf(weight), 0);
  const count = Math.max(1, Math.ceil(total / shardBytes));
  const paths: string[] = [];
  let shard = Buffer.alloc(Math.min(total, shardBytes));
  let filled = 0;
  const write = async () => {
    paths.push(`group1-shard${paths.length + 1}of${count}.bin`);
    await writeFileAtomically(join(folder, paths.at(-1)!), shard.subarray(0, filled));
    shard = Buffer.alloc(Math.max(0, Math.min(total - paths.length * shardBytes, shardBytes)));
    filled = 0;
  };
  const entries: object[] = [];
  for (const weight of weights) {
    const { name, shape, type } = weight;
    const { bytes, ...more } = encoded(await weight.values(), weight);
    entries.push({ name, shape, dtype: type, ...more });
    for (let at = 0; at < bytes.length;) {
      const length = Math.min(bytes.length - at, shard.length - filled);
      bytes.copy(shard, filled, at, at + length);
      [at, filled] = [at + length, filled + length];
      if (filled === shard.length) await write();
    }
  }
  if (paths.length < count) await write();
  return [{ paths, weights: entries }];
}

function bytesOf({ shape, type, quantised }: TfjsWeight): number {
  return (quantised?.bytes ?? (type === 'bool' ? 1 : 4)) * elementCount(shape);
}

function encoded(
  values: Float32Array | Int32Array,
  { type, quantised }: TfjsWeight,
): { readonly bytes: Buffer; readonly quantization?: object } {
  const bytesIn = ({
    buffer,
    byteOffset,
    byteLength,
  }: Uint8Array | Uint16Array | Float32Array | Int32Array) => Buffer.from(buffer, byteOffset, byteLength);
  if (!quantised) return { bytes: bytesIn(type === 'bool' ? Uint8Array.from(values) : values) };
  const { stored, quantization } = quantised.of(values as Float32Array);
  return { bytes: bytesIn(stored), quantization: { ...quantization, original_dtype: 'float32' } };
}
