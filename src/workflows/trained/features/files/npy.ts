/** Features as one NumPy array `[rows, width]`, with a CSV file of names and labels beside it. */
import { fillAtomically, type FileBeingWritten } from '../../../../core/io/files';
import { namesHeader, namesOfRow } from './csv';
import type { FeatureWriter, Rows } from './feature-file';

/** Room for any shape of two sides, and a multiple of 64, as the format asks. */
const headerLength = 128;

/**
 * The head of an array file, version 1.0.
 * Source: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
 * @param type such as `<f4`
 */
export function npyHeader(type: string, shape: readonly number[]): Uint8Array {
  const sides = shape.length === 1 ? `${shape[0]},` : shape.join(', ');
  const text = `{'descr': '${type}', 'fortran_order': False, 'shape': (${sides}), }`;
  const header = Buffer.alloc(headerLength, ' ');
  header.write('\x93NUMPY\x01\x00', 0, 'latin1');
  header.writeUInt16LE(headerLength - 10, 8);
  header.write(text, 10, 'latin1');
  header.write('\n', headerLength - 1, 'latin1');
  return header;
}

/** The bytes of numbers, little-endian as on every machine that this runs on. */
export function bytesOf(values: Float32Array | Int32Array): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}

/** Writes an array of features. @param onBatch called with each batch before its rows are written */
export async function writeRows(
  file: FileBeingWritten,
  width: number,
  batches: AsyncIterable<Rows>,
  onBatch: (batch: Rows) => Promise<void>,
): Promise<void> {
  await file.write(npyHeader('<f4', [0, width]));
  let rows = 0;
  for await (const batch of batches) {
    await onBatch(batch);
    await file.write(bytesOf(batch.features));
    rows += batch.files.length;
  }
  await file.replace(npyHeader('<f4', [rows, width]), 0); // images that cannot be read have no row
}

const besides = (out: string) => `${out}.csv`;

export const npyWriter: FeatureWriter = {
  besides,
  write: (out, { width, classes }, batches) =>
    fillAtomically(out, (file) =>
      fillAtomically(besides(out), async (names) => {
        await names.write(`${namesHeader(classes)}\n`);
        await writeRows(file, width, batches, (batch) =>
          names.write(batch.files.map((_, row) => `${namesOfRow(batch, row, classes)}\n`).join('')),
        );
      }),
    ),
};
