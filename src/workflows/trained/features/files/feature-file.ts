/** Writes features into a file whose ending says its format, row by row. */
import { extname } from 'node:path';
import { UserError } from '../../../../core/errors';
import { csvWriter } from './csv';
import { npyWriter } from './npy';
import { npzWriter } from './npz';
import { safetensorsWriter } from './safetensors';

/** Rows with labels by number. */
export interface Rows {
  readonly files: readonly string[];
  readonly features: Float32Array;
  readonly labels: Int32Array | null;
  /** How many images of this batch could not be read. */
  readonly leftOut: number;
}

/** What is known of features before the first row. */
export interface FeatureFacts {
  /** The model as it was asked for. */
  readonly model: string;
  readonly network: string;
  readonly layer: string;
  /** The layer's output for one image. */
  readonly shape: readonly number[];
  readonly pool: 'average' | null;
  /** The number of values in a row. */
  readonly width: number;
  readonly classes: readonly string[] | null;
  /** The names of all images; those that cannot be read get no row. */
  readonly files: () => Iterable<string>;
}

/** One format. */
export interface FeatureWriter {
  /** The file beside `out` with names and labels, if the format has no place for them. */
  readonly besides?: (out: string) => string;
  readonly write: (out: string, facts: FeatureFacts, batches: AsyncIterable<Rows>) => Promise<void>;
}

const writers: Readonly<Record<string, FeatureWriter>> = {
  '.safetensors': safetensorsWriter,
  '.npy': npyWriter,
  '.npz': npzWriter,
  '.csv': csvWriter,
};

export const featureEndings: readonly string[] = Object.keys(writers);

/** @throws UserError for another ending */
export function writerFor(out: string): FeatureWriter {
  const writer = writers[extname(out).toLowerCase()];
  if (writer) return writer;
  throw new UserError(`${out}: expected a file name that ends in ${featureEndings.join(', ')}, found another`);
}

/** @returns how many rows were written, and how many images could not be read */
export async function featureFile(
  out: string,
  { write }: FeatureWriter,
  facts: FeatureFacts,
  batches: AsyncIterable<Rows>,
): Promise<{ readonly rows: number; readonly leftOut: number }> {
  let [rows, leftOut] = [0, 0];
  async function* watched() {
    for await (const batch of batches) {
      rows += batch.files.length;
      leftOut += batch.leftOut;
      yield batch;
    }
  }
  await write(out, facts, watched());
  return { rows, leftOut };
}
