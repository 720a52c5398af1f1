/** Writes weights as the shards of a TensorFlow.js model. */
import { elementCount } from '../../../core/shape';
import { join } from 'node:path';
import { writeFileAtomically } from '../../../core/io/files';

/** A weight for TensorFlow.js. */
export interface TfjsWeight {
  readonly name: string;
  readonly shape: readonly number[];
  readonly type: 'float32' | 'int32' | 'bool';
  values(): Promise<Float32Array | Int32Array>;
}

/** The shard size of TensorFlow.js's own tools, chosen so that a browser caches each shard. */
const shardBytes = 4 * 2 ** 20;

/**
 * Writes weights into files of a folder, with one weight in memory at a time.
 * @returns the `weightsManifest` for the `model.json`
 */
export async function writeTfjsShards(folder: string, weights: readonly TfjsWeight[]): Promise<object[]> {
  const total = weights.reduce((sum, { shape, type }) => sum + bytesOf(shape, type), 0);
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
  for (const { values, type } of weights) {
    const bytes = encoded(await values(), type);
    for (let at = 0; at < bytes.length;) {
      const length = Math.min(bytes.length - at, shard.length - filled);
      bytes.copy(shard, filled, at, at + length);
      [at, filled] = [at + length, filled + length];
      if (filled === shard.length) await write();
    }
  }
  if (paths.length < count) await write();
  return [{ paths, weights: weights.map(({ name, shape, type }) => ({ name, shape, dtype: type })) }];
}

function bytesOf(shape: readonly number[], type: TfjsWeight['type']): number {
  return (type === 'bool' ? 1 : 4) * elementCount(shape);
}

function encoded(values: Float32Array | Int32Array, type: TfjsWeight['type']): Buffer {
  const stored = type === 'bool' ? Uint8Array.from(values) : values;
  return Buffer.from(stored.buffer, stored.byteOffset, stored.byteLength);
}
