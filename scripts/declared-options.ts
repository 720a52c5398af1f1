/** What yargs knows of the options of the command that runs, which its types leave out. */
import type { Argv } from 'yargs';

export interface Declared {
  readonly key: Readonly<Record<string, unknown>>;
  readonly array: readonly string[];
  readonly boolean: readonly string[];
  readonly number: readonly string[];
  readonly choices: Readonly<Record<string, readonly string[]>>;
}

export function declaredTo(parser: Argv): Declared {
  return (parser as Argv & { getOptions(): Declared }).getOptions();
}
