/** The shape of a command: options that yargs reads, and a handler that calls the library and prints. */
import type { ArgumentsCamelCase, Argv, CommandModule } from 'yargs';

/** One command of `cnn-lineage`, as its module gives it. */
export interface Command {
  readonly builder: (argv: Argv) => Argv;
  readonly handler: (given: ArgumentsCamelCase) => Promise<void>;
}

/**
 * @param options declares the options; their names and types follow from it
 * @param handler gets what was given, by the names that code writes: `validationSplit` for `--validation-split`
 */
export function command<Options>(
  options: (argv: Argv) => Argv<Options>,
  handler: (given: ArgumentsCamelCase<Options>) => Promise<void>,
): Command {
  return {
    builder: options,
    // yargs adds the words that are no options, and each option by its dashed name too.
    handler: (given) => {
      const named = Object.entries(given).filter(([name]) => /^[a-z]\w*$/i.test(name));
      return handler(Object.fromEntries(named) as ArgumentsCamelCase<Options>);
    },
  };
}

/** A command in the list of all: its module is loaded when it is called. */
export interface ListedCommand {
  /** Its name and places, as yargs writes them: `train [network]`. */
  readonly command: string;
  readonly describe: string;
  readonly load: () => Command;
}

/** The command for yargs; the module is loaded when its options are needed. */
export function lazily({ command: words, describe, load }: ListedCommand): CommandModule {
  return {
    command: words,
    describe,
    builder: (argv) => load().builder(argv),
    handler: (given) => load().handler(given),
  };
}

/** The word by which a command is called. */
export function verbOf({ command: words }: Pick<ListedCommand, 'command'>): string {
  return words.split(' ')[0]!;
}

/** A place for words among those after a command's name. */
export interface Place {
  readonly name: string;
  readonly required: boolean;
  /** Whether it takes all further words. */
  readonly several: boolean;
}

/** The places of a command, from the way that yargs writes them: `inspect <model> [image]`. */
export function placesOf(command: string): readonly Place[] {
  const [, ...places] = command.split(' ');
  return places.map((place) => ({
    name: place.replaceAll(/[<>[\].]/g, ''),
    required: place.startsWith('<'),
    several: place.includes('..'),
  }));
}
