/** Features as NumPy's archive of arrays: `features`, `files`, and where there are classes `labels` and `classes`. */
import { rm } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { Readable } from 'node:stream';
import { ZipFile } from 'yazl';
import { fillAtomically } from '../../../../core/io/files';
import { sweep, temporaryFolder } from '../../../../core/io/temporary-folder';
import { bytesOf, npyHeader, writeRows } from './npy';
import type { FeatureWriter } from './feature-file';

/** So that the same features give the same bytes. */
const entry = { mtime: new Date(1980, 0, 1), mode: 0o100644 } as const;

export const npzWriter: FeatureWriter = {
  write: (out, { width, classes }, batches) =>
    fillAtomically(out, async (archive) => {
      const parent = dirname(resolve(out));
      await sweep(parent);
      // The number of rows stands before them, and is known at the end.
      const spool = await temporaryFolder(parent);
      try {
        const array = join(spool, 'features.npy');
        const files: string[] = [];
        const labels: number[] = [];
        await fillAtomically(array, (file) =>
          writeRows(file, width, batches, async (batch) => {
            for (const name of batch.files) files.push(name);
            for (const label of batch.labels ?? []) labels.push(label);
          }),
        );
        const zip = new ZipFile();
        zip.addFile(array, 'features.npy', { ...entry, compress: false });
        addTexts(zip, 'files', files);
        if (classes) {
          const numbers = Buffer.concat([npyHeader('<i4', [labels.length]), bytesOf(Int32Array.from(labels))]);
          zip.addBuffer(numbers, 'labels.npy', entry);
          addTexts(zip, 'classes', classes);
        }
        zip.end();
        const failed = new Promise<never>((_, reject) => zip.on('error', reject));
        const written = (async () => {
          for await (const piece of zip.outputStream) await archive.write(piece);
        })();
        await Promise.race([written, failed]);
      } finally {
        await rm(spool, { recursive: true, force: true });
      }
    }),
};

/** Adds texts as an array of NumPy's type `U`: UTF-32, each filled up with zeros to the length of the longest. */
function addTexts(zip: ZipFile, name: string, texts: readonly string[]): void {
  const longest = texts.reduce((most, text) => Math.max(most, [...text].length), 1);
  function* pieces() {
    yield Buffer.from(npyHeader(`<U${longest}`, [texts.length]));
    for (const text of texts) {
      const row = Buffer.alloc(4 * longest);
      let at = 0;
      for (const letter of text) row.writeUInt32LE(letter.codePointAt(0)!, 4 * at++);
      yield row;
    }
  }
  zip.addReadStream(Readable.from(pieces(), { objectMode: false }), `${name}.npy`, entry);
}
