/**
 * A mistake that the user can mend: a wrong path, a damaged file, an unknown option.
 * Commands print its message as one line, without a stack, and exit with code 2.
 * The message says what was expected, what was found, and where.
 */
export class UserError extends Error {
  override readonly name = 'UserError';
}

/** The message of anything that was thrown, also by code of another realm, where `instanceof` fails. */
export function messageOf(thrown: unknown): string {
  const message = (thrown as { message?: unknown } | null)?.message;
  return typeof message === 'string' ? message : String(thrown);
}

/** The system's error code (`ENOENT`, `ENOSPC`, …) of anything that was thrown, if it has one. */
export function codeOf(thrown: unknown): string | undefined {
  const code = (thrown as { code?: unknown } | null)?.code;
  return typeof code === 'string' ? code : undefined;
}
