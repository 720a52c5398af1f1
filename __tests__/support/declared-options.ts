import type { CommandModule, Options } from 'yargs';

interface Declared {
  readonly options: readonly string[];
  readonly positionals: readonly string[];
  /** Those of the options that are numbers. */
  readonly numbers: readonly string[];
}

/** The names that a command's builder declares. */
export function declaredBy({ builder }: Pick<CommandModule, 'builder'>): Declared {
  const options: string[] = [];
  const positionals: string[] = [];
  const numbers: string[] = [];
  const recorder: unknown = new Proxy(
    {},
    {
      get: (_, method) => (name: string, how: Options) => {
        if (method === 'option') options.push(name);
        if (method === 'option' && how.type === 'number') numbers.push(name);
        if (method === 'positional') positionals.push(name);
        return recorder;
      },
    },
  );
  (builder as (argv: unknown) => unknown)(recorder);
  return { options, positionals, numbers };
}
