/** Reads and writes HDF5 files in a separate thread, with limits on memory and time. */
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { bounds } from '../../../core/bounds';
import { messageOf, UserError, codeOf, refusalOf } from '../../../core/errors';
import { startThread } from '../../../core/io/process/worker-thread';
import type { Hdf5Contents } from './hdf5-contents';
import type { Hdf5Group } from './hdf5-encode';
import type { Hdf5Source } from './hdf5-source';
import type { Hdf5Answer, Hdf5Task } from './hdf5-worker';

const { memory, time } = bounds.hdf5;
/**
 * The library's memory limit in bytes, by the size of the file; numbers pass through it in portions, or whole chunks.
 */
const mostMemory = (size: number) => memory.always + memory.growth * size;

export interface ReadHdf5Options {
  /** Names of the groups' string attributes to read. Default: none. */
  readonly attributes?: readonly string[];
  /** Names the file in messages. */
  readonly where?: string;
  /** The compressed size in bytes, if the file is part of an archive. Default: its size. */
  readonly packed?: number;
  /** The time limit. Default: depends on the file's size. */
  readonly seconds?: number;
}

/**
 * Reads an HDF5 file in a separate thread with limits on its memory and time.
 * @param file a path, of which only the numbers are loaded into memory, or the file's bytes
 * @throws UserError when the file does not exist, is damaged, or would grow beyond the size of any weights
 */
export async function readHdf5(
  file: string | Uint8Array,
  options: ReadHdf5Options = {},
): Promise<Hdf5Contents> {
  if (typeof file !== 'string') {
    const bytes = file.slice(); // sending a part to a thread would send all of its buffer
    return read({ kind: 'bytes', bytes }, bytes.length, { where: 'the data', ...options });
  }
  const opened = await open(file).catch((error: unknown) => {
    if (codeOf(error) === undefined) throw error;
    throw new UserError(`expected an HDF5 file at ${file}: ${messageOf(error)}`);
  });
  try {
    const { size } = await opened.stat();
    return await read({ kind: 'file', descriptor: opened.fd, size }, size, { where: file, ...options });
  } finally {
    await opened.close();
  }
}

/**
 * Encodes an HDF5 file.
 * @param root its arrays are transferred to another thread, and empty afterwards
 */
export async function hdf5Bytes(root: Hdf5Group): Promise<Uint8Array> {
  const answer = await inThread({ kind: 'encode', root }, Infinity);
  if (answer?.kind === 'bytes') return answer.bytes;
  throw new Error(`HDF5: expected bytes, found ${answer ? JSON.stringify(answer) : 'nothing'}`);
}

async function read(
  source: Hdf5Source,
  size: number,
  {
    attributes = [],
    where,
    packed = size,
    seconds = time.seconds + size / time.bytesPerSecond,
  }: ReadHdf5Options & { readonly where: string },
): Promise<Hdf5Contents> {
  const refuse = refusalOf(`${where} is not a whole HDF5 file`);
  const answer = await inThread(
    { kind: 'read', source, attributes, where, packed: Math.min(packed, size), mostMemory: mostMemory(size) },
    seconds,
  );
  if (!answer) return refuse('an end to its reading', `none in ${Math.round(seconds)} s`);
  switch (answer.kind) {
    case 'contents':
      return answer.contents;
    case 'refused':
      if (answer.ofTheFile) throw new UserError(answer.message);
      return refuse('what the HDF5 library can read', `damage (${answer.message.split('\n')[0]})`);
    case 'bytes':
      throw new Error('HDF5: expected contents, found bytes');
    default:
      return answer satisfies never;
  }
}

/** @returns undefined on timeout; seconds during which the whole machine sleeps do not count */
function inThread(task: Hdf5Task, seconds: number): Promise<Hdf5Answer | undefined> {
  const worker = startThread(join(__dirname, 'hdf5-worker'), {
    workerData: task,
    transferList: memoryOf(task),
    // The library prints its errors to the standard streams.
    stdout: true,
    stderr: true,
    resourceLimits: { maxOldGenerationSizeMb: 1024 },
  });
  return new Promise<Hdf5Answer | undefined>((resolve) => {
    const refused = (message: string) => resolve({ kind: 'refused', message, ofTheFile: false });
    let left = seconds;
    const clock = setInterval(() => --left < 0 && resolve(undefined), 1000);
    worker.on('message', resolve);
    worker.on('error', (error) => refused(messageOf(error)));
    worker.on('exit', () => {
      clearInterval(clock);
      refused('the reader ended');
    });
  }).finally(() => worker.terminate());
}

/** The memory that is transferred to the thread instead of being copied. */
function memoryOf(task: Hdf5Task): ArrayBuffer[] {
  switch (task.kind) {
    case 'read':
      return task.source.kind === 'bytes' ? [task.source.bytes.buffer as ArrayBuffer] : [];
    case 'encode':
      return [...new Set(arraysIn(task.root))];
    default:
      return task satisfies never;
  }
}

function arraysIn({ datasets = {}, groups = {} }: Hdf5Group): ArrayBuffer[] {
  return [
    ...Object.values(datasets).map(({ values }) => values.buffer as ArrayBuffer),
    ...Object.values(groups).flatMap(arraysIn),
  ];
}
