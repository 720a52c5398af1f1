/** Errors that the user can correct, and readable texts for the system's own errors. */

/**
 * A mistake that the user can correct: a wrong path, a damaged file, an unknown option.
 * Commands print its message as one line, without a stack, and exit with code 2.
 * The message says what was expected, what was found, and where.
 */
export class UserError extends Error {
  override readonly name = 'UserError';
}

/** What the system's errors say about the path that they name, in our words. */
const reasons: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EBUSY: 'it is in use',
  EDQUOT: 'the disk quota is used up',
  EEXIST: 'there is something of that name already',
  EFBIG: 'the file is larger than allowed here',
  EIO: 'the disk or terminal failed (input/output error)',
  EISDIR: 'a folder, not a file',
  ELOOP: 'its symbolic links lead in a circle',
  EMFILE: 'this process has as many files open as it may (ulimit -n)',
  ENAMETOOLONG: 'the name is too long',
  ENFILE: 'the machine has as many files open as it may',
  ENOENT: 'no such file or folder',
  ENOMEM: 'there is not enough memory',
  ENOSPC: 'no space is left on the disk',
  ENOTDIR: 'a part of its path is not a folder',
  ENOTEMPTY: 'expected an empty folder',
  ENXIO: 'neither a file nor a folder',
  EPERM: 'operation not permitted',
  EROFS: 'the file system is read-only',
  ETXTBSY: 'it is running',
};

/** The operating system's reason, in words; undefined for any other error, and for network errors. */
export function systemReason(thrown: unknown): string | undefined {
  const { syscall, errno } = (thrown ?? {}) as { readonly syscall?: unknown; readonly errno?: unknown };
  if (typeof syscall !== 'string' && typeof errno !== 'number') return undefined;
  return reasons[codeOf(thrown) ?? ''];
}

/** The message of anything that was thrown, also by code of another realm, for which `instanceof` fails. */
export function messageOf(thrown: unknown): string {
  const reason = systemReason(thrown);
  if (reason !== undefined) return reason;
  const message = (thrown as { message?: unknown } | null)?.message;
  return typeof message === 'string' ? message : String(thrown);
}

/** The system's error code (`ENOENT`, `ENOSPC`, …) of anything that was thrown, if it has one. */
export function codeOf(thrown: unknown): string | undefined {
  const code = (thrown as { code?: unknown } | null)?.code;
  return typeof code === 'string' ? code : undefined;
}

/** Says what is wrong with a file; never returns. */
export type Refuse = (expected: string, found: string) => never;

/** @param subject what is wrong, such as `net.pth is not a whole zip archive` */
export function refusalOf(subject: string): Refuse {
  return (expected, found) => {
    throw new UserError(`${subject}: expected ${expected}, found ${found}`);
  };
}

/** A name from a file in quotes, for one line. */
export function quoted(name: string): string {
  return JSON.stringify(shortened(name));
}

/** A name from a file, made printable: it cannot control the terminal. */
export function printable(name: string): string {
  return shortened(name).replaceAll(/\p{C}/gu, '?');
}

function shortened(name: string): string {
  return name.length > 60 ? `${name.slice(0, 57)}...` : name;
}
