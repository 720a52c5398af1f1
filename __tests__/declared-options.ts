import type { CommandModule } from 'yargs';

interface Declared {
  readonly options: readonly string[];
  readonly positionals: readonly string[];
}

/** The names that a command's builder declares. */
export function declaredBy({ builder }: Pick<CommandModule, 'builder'>): Declared {
  const options: string[] = [];
  const positionals: string[] = [];
  const recorder: unknown = new Proxy(
    {},
    {
      get: (_, method) => (name: string) => {
        if (method === 'option') options.push(name);
        if (method === 'positional') positionals.push(name);
        return recorder;
      },
    },
  );
  (builder as (argv: unknown) => unknown)(recorder);
  return { options, positionals };
}
