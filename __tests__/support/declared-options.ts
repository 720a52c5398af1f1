import type { Argv, Options } from 'yargs';
import type { Command } from '../../scripts/cli/command';

interface Declared {
  readonly options: readonly string[];
  readonly positionals: readonly string[];
  /** Those of the options that are numbers. */
  readonly numbers: readonly string[];
}

/** The names that a command's builder declares. */
export function declaredBy({ builder }: Pick<Command, 'builder'>): Declared {
  const options: string[] = [];
  const positionals: string[] = [];
  const numbers: string[] = [];
  const recorder: Argv = new Proxy({} as Argv, {
    get: (_, method) => (name: string, how: Options) => {
      if (method === 'option') options.push(name);
      if (method === 'option' && how.type === 'number') numbers.push(name);
      if (method === 'positional') positionals.push(name);
      return recorder;
    },
  });
  builder(recorder);
  return { options, positionals, numbers };
}
