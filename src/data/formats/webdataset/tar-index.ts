/** Lists the files of a tar archive with the positions of their bytes. */
import { open, type FileHandle } from 'node:fs/promises';
import { bounds } from '../../../core/bounds';
import { counted } from '../../../core/text/counted';
import { UserError, messageOf } from '../../../core/errors';
import { cString, paxRecords, tarBlock, tarHeader, type TarHeader } from './tar-header';

/** A file in an archive. */
export interface TarEntry {
  readonly name: string;
  /** The offset of its first byte in the archive. */
  readonly offset: number;
  readonly length: number;
  /** Reads the content; must be called before the next entry is requested. */
  readonly content: () => Promise<Buffer>;
}

/**
 * The files in a tar archive, in order; large ones are not read. Supports ustar, pax, and GNU's long names and sizes.
 * Folders are skipped. No library is used because images are later read by their offsets, which tar stream libraries do
 * not report.
 * @throws UserError naming the archive and the offset when a header is damaged, the archive ends before its end marks,
 *   or an entry is neither file nor folder
 */
export async function* tarEntries(path: string): AsyncGenerator<TarEntry, void> {
  const file = await open(path).catch((error: unknown) => {
    throw new UserError(`${path}: expected a tar archive, cannot be read: ${messageOf(error)}`);
  });
  try {
    const { size } = await file.stat();
    yield* entriesOf({ path, file, size, start: 0, bytes: Buffer.alloc(0) });
  } finally {
    await file.close();
  }
}

/** An open archive, and the bytes of it that were read last. */
interface Archive {
  readonly path: string;
  readonly file: FileHandle;
  readonly size: number;
  start: number;
  bytes: Buffer;
}

async function* entriesOf(archive: Archive): AsyncGenerator<TarEntry, void> {
  let said: Said = {};
  for (let at = 0; ;) {
    const block = await bytesAt(archive, at, tarBlock, 'a header or the two empty blocks of the end');
    if (block.every((byte) => byte === 0)) return;
    const header = tarHeader(block);
    if (!header) throw damaged(archive, at, block);
    const offset = at + tarBlock;
    const { kind } = header;
    const length = kind === 'file' ? (said.size ?? header.size) : header.size;
    const name = said.name ?? header.name;
    if (offset + length > archive.size) throw truncated(archive, `${length} bytes of ${name}`, offset);
    if (kind === 'other') {
      throw new UserError(
        `${archive.path}: expected files and folders, found ${name} of type ${header.letter}; ` +
          'links and sparse files are not read',
      );
    }
    if (kind === 'file' && !name.endsWith('/')) {
      yield { name, offset, length, content: () => bytesAt(archive, offset, length, name) };
    }
    const forNext = kind === 'longName' || kind === 'pax' || kind === 'longLink';
    said = forNext ? { ...said, ...(await saidBy(archive, header, offset)) } : {};
    at = offset + Math.ceil(length / tarBlock) * tarBlock;
  }
}

/** What separate header entries say about the file after them. */
interface Said {
  readonly name?: string;
  readonly size?: number;
}

/** The largest size accepted for a separate header entry. */
const mostSaid = bounds.tar.header;

async function saidBy(archive: Archive, { kind, size }: TarHeader, offset: number): Promise<Said> {
  if (size > mostSaid) {
    throw new UserError(
      `${archive.path}: expected headers of at most ${mostSaid} bytes, found one of ${size} at byte ${offset}`,
    );
  }
  const body = await bytesAt(archive, offset, size, 'a header');
  if (kind === 'longLink') return {};
  if (kind === 'longName') return { name: cString(body) };
  const records = paxRecords(body);
  const [name, stated] = [records?.get('path'), records?.get('size')];
  if (!records || !/^\d*$/.test(stated ?? '')) throw damaged(archive, offset, body);
  return { ...(name !== undefined && { name }), ...(stated !== undefined && { size: Number(stated) }) };
}

/** Bytes read at once, so that small files and the headers after them need no separate read. */
const stretch = 2 ** 12;

async function bytesAt(archive: Archive, at: number, length: number, what: string): Promise<Buffer> {
  if (at + length > archive.size) throw truncated(archive, what, at);
  const inside = at >= archive.start && at + length <= archive.start + archive.bytes.length;
  if (!inside) {
    const wanted = Buffer.alloc(Math.min(Math.max(length, stretch), archive.size - at));
    let read = 0;
    while (read < wanted.length) {
      const { bytesRead } = await archive.file.read(wanted, read, wanted.length - read, at + read);
      if (bytesRead === 0) throw truncated(archive, what, at);
      read += bytesRead;
    }
    archive.start = at;
    archive.bytes = wanted;
  }
  return archive.bytes.subarray(at - archive.start, at - archive.start + length);
}

function truncated({ path, size }: Archive, what: string, at: number): UserError {
  return new UserError(
    `${path}: expected ${what} from byte ${at}, found the end after ${counted(size, 'byte')}: truncated`,
  );
}

function damaged({ path }: Archive, at: number, found: Buffer): UserError {
  const zipped = at === 0 && found[0] === 0x1f && found[1] === 0x8b;
  const instead = zipped ? 'a gzip file, of which no part can be read by itself: unpack it' : 'a damaged one';
  return new UserError(`${path}: expected a header of a tar archive at byte ${at}, found ${instead}`);
}
