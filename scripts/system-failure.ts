import { codeOf, systemReason } from '../src/errors';

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
  const why = systemReason(thrown);
  if (why === undefined || where === '') return message.replaceAll(/\s+/g, ' ');
  return `${where}: ${why} (${code}, ${syscall})`;
}
