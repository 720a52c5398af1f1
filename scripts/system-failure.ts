import { codeOf } from '../src/errors';

/** In the order of a sentence: what was found at the place that the error names. */
const reasons: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EBUSY: 'it is in use',
  EDQUOT: 'the disk quota is used up',
  EEXIST: 'there is something of that name already',
  EFBIG: 'the file is larger than allowed here',
  EIO: 'the disk or terminal failed (input/output error)',
  EISDIR: 'expected a file, found a folder',
  ELOOP: 'its symbolic links lead in a circle',
  EMFILE: 'this process has as many files open as it may (ulimit -n)',
  ENAMETOOLONG: 'the name is too long',
  ENFILE: 'the machine has as many files open as it may',
  ENOENT: 'no such file or folder',
  ENOMEM: 'there is not enough memory',
  ENOSPC: 'no space is left on the disk',
  ENOTDIR: 'a part of its path is not a folder',
  ENOTEMPTY: 'expected an empty folder',
  EPERM: 'operation not permitted',
  EROFS: 'the file system is read-only',
  ETXTBSY: 'it is running',
};

/** One line for an error of the operating system, which is nobody's bug; undefined for any other. */
export function systemFailure(thrown: unknown): string | undefined {
  const code = codeOf(thrown);
  const {
    syscall,
    errno,
    path,
    dest,
    message = '',
  } = (thrown ?? {}) as Partial<Record<'syscall' | 'path' | 'dest' | 'message', string>> & {
    readonly errno?: unknown;
  };
  if (code === undefined || !/^E[A-Z0-9]+$/.test(code)) return undefined;
  if (typeof syscall !== 'string' && typeof errno !== 'number') return undefined;
  const where = [path, dest].filter((place) => place !== undefined).join(' → ');
  const why = reasons[code];
  if (why === undefined || where === '') return message.replaceAll(/\s+/g, ' ');
  return `${where}: ${why} (${code}, ${syscall})`;
}
