/** Data sets as MNIST's IDX files that are dropped on a page or chosen there. */
import { UserError, messageOf } from '../../core/errors';
import type { Dataset, Splits } from '../../data/dataset';
import { idxSet } from '../../data/formats/idx/idx-set';
import { idxImages, idxLabels, isGzip, type FileFacts, type Source } from '../../data/formats/idx/idx-stream';

/**
 * Opens a data set of MNIST's four files, plain or gzipped, by their names: see `idxSet`.
 * @param name of the data set; the classes of `mnist` and `fashion-mnist` have names of their own
 * @throws UserError naming the file when one is missing or damaged, or when the files do not match each other
 */
export async function openIdxFiles(files: Iterable<File>, name = 'mnist'): Promise<Splits<Dataset>> {
  const given = new Map([...files].map((file) => [file.name, file]));
  const { splits } = await idxSet(
    {
      where: 'the given files',
      names: [...given.keys()].sort(),
      nameOf: (file) => file,
      readImages: (file) => opened(given.get(file)!, (source, facts) => idxImages(file, source, facts)),
      readLabels: (file) => opened(given.get(file)!, (source, facts) => idxLabels(file, source, facts)),
    },
    [name],
  );
  return splits;
}

async function opened<T>(file: File, read: (source: Source, facts: FileFacts) => Promise<T>): Promise<T> {
  const gzipped = isGzip(new Uint8Array(await file.slice(0, 2).arrayBuffer()));
  const stream = gzipped ? file.stream().pipeThrough(new DecompressionStream('gzip')) : file.stream();
  try {
    return await read(chunksOf(stream.getReader()), { bytes: file.size, gzipped });
  } catch (error) {
    if (error instanceof UserError) throw error;
    const expected = gzipped ? 'a sound gzip file' : 'a file that can be read';
    throw new UserError(`${file.name}: expected ${expected}, found ${messageOf(error)}`);
  }
}

async function* chunksOf(reader: ReadableStreamDefaultReader<Uint8Array>): Source {
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read()) yield next.value;
  } finally {
    await reader.cancel();
  }
}
