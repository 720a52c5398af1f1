/** Features as CSV (RFC 4180): a line of names, then for each image its file, its label and its features. */
import { fillAtomically } from '../../../../core/io/files';
import { csvField } from '../../../../core/text/csv';
import type { FeatureWriter, Rows } from './feature-file';

/** The line of names, of the columns that stand before any features. */
export function namesHeader(classes: readonly string[] | null): string {
  return classes ? 'file,label' : 'file';
}

/** The file and the label of a row. */
export function namesOfRow({ files, labels }: Rows, row: number, classes: readonly string[] | null): string {
  const file = csvField(files[row]!);
  return classes && labels ? `${file},${csvField(classes[labels[row]!]!)}` : file;
}

/** Nine digits give a float32 back exactly. */
function decimal(value: number): string {
  return String(Number(value.toPrecision(9)));
}

export const csvWriter: FeatureWriter = {
  write: (out, { width, classes }, batches) =>
    fillAtomically(out, async (file) => {
      const columns = Array.from({ length: width }, (_, at) => `f${at}`);
      await file.write(`${namesHeader(classes)},${columns.join(',')}\n`);
      for await (const batch of batches) {
        const lines = batch.files.map((_, row) => {
          const values = new Array<string>(width);
          for (let at = 0; at < width; at++) values[at] = decimal(batch.features[row * width + at]!);
          return `${namesOfRow(batch, row, classes)},${values.join(',')}\n`;
        });
        await file.write(lines.join(''));
      }
    }),
};
