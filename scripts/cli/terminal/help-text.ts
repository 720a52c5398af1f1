/** What `--help` shows: yargs' text at the terminal's width, with commands that can be copied into the shell. */
import type { Argv } from 'yargs';
import { networkAliases } from '../../../models/names';
import { wrapped } from '../../../src/core/text/columns';
import { declaredTo } from '../options/checked-options';
import { isNetworks } from '../options/known-words';
import { neededAtTimes } from '../options/needed';
import { shellWords } from '../../../src/core/text/shell-words';
import { commandCalled } from '../../commands';
import { callerWords } from '../npm/npm-run';

/** The least and the most columns between which a line is easy to read. */
const [narrowest, widest] = [40, 120];
const onPipe = 100;

/** How many columns help may take. */
export function helpWidth({ isTTY, columns }: Pick<NodeJS.WriteStream, 'isTTY' | 'columns'>): number {
  return isTTY && columns ? Math.min(Math.max(columns, narrowest), widest) : onPipe;
}

/**
 * Makes a parser show commands the way this program was called, and print examples unbroken: yargs would wrap them over
 * several lines, which no shell accepts.
 */
export function layOutHelp(parser: Argv, width: number): Argv {
  const examples: (readonly [string, string])[] = [];
  const show = parser.showHelp.bind(parser);
  // Each option that names a network would repeat all of them.
  let networks: readonly string[] = [];
  const listOnce = () => {
    const { choices, default: defaults } = declaredTo(parser) as {
      choices: Record<string, readonly string[]>;
      default: Record<string, unknown>;
    };
    for (const [name, values] of Object.entries(choices)) {
      if (!isNetworks(values)) continue;
      networks = values;
      Reflect.deleteProperty(choices, name);
    }
    // Of words that are not there, `[default: []]`.
    for (const [name, value] of Object.entries(defaults))
      if (Array.isArray(value) && value.length === 0) Reflect.deleteProperty(defaults, name);
  };
  const whole = (text: string) => {
    const command = /^\s*(\S*)/.exec(text)![1]!; // the program has no name, so usage begins with the command
    const usage = isCommand(command) ? typed(command) + text.trimStart().slice(command.length) : text;
    const rows = usage.split('\n').flatMap((row) => parted(row, width));
    return [...rows, ...networkLines(networks, width), ...exampleLines(examples, width)].join('\n');
  };
  return Object.assign(parser, {
    example: (line: string, why: string) => {
      examples.push([line, why]);
      return parser;
    },
    showHelp: (to?: string | ((text: string) => void)) => {
      markNeeded(parser);
      listOnce();
      return typeof to === 'function' ? show((text) => to(whole(text))) : show(to as string);
    },
  } as Partial<Argv>)
    .scriptName('')
    .usage(`${typed('COMMAND')} …: the classic convolutional networks, as published`)
    .wrap(width);
}

/** Marks what is needed unless another option is given as yargs marks what is always needed. */
function markNeeded(parser: Argv): void {
  const needed = neededAtTimes(parser);
  if (needed === undefined) return;
  parser.demandOption(needed.names).updateStrings({ required: `required unless --${needed.unless}` });
}

/** Puts what yargs says of an option, `[number]`, on a line of its own where it would touch what stands before it. */
function parted(row: string, width: number): readonly string[] {
  const [, before, kind] =
    /^(.*[^ [])(\[(?:boolean|string|number|array|choices|required|default)\b.*)$/.exec(row) ?? [];
  return before === undefined ? [row] : [before, kind!.padStart(width)];
}

function isCommand(word: string): boolean {
  return commandCalled(word) !== undefined;
}

/** The words that call a command; its arguments follow them. */
function typed(command: string): string {
  return shellWords(callerWords(command));
}

function networkLines(names: readonly string[], width: number): readonly string[] {
  if (names.length === 0) return [];
  const aliases = Object.entries(networkAliases).map(([alias, name]) => `${alias} (${name})`);
  return [
    '',
    ...wrapped('Networks:', names.join(', '), width),
    ...wrapped('Also called:', aliases.join(', '), width),
  ];
}

function exampleLines(examples: readonly (readonly [string, string])[], width: number): readonly string[] {
  if (examples.length === 0) return [];
  const lines = examples.flatMap(([line, why]) => {
    const shown = `  ${line.replace(/^\$0 (\S+)/, (_, command: string) => typed(command))}`;
    if (why === '') return [shown];
    const beside = `${shown}  # ${why}`;
    return beside.length <= width ? [beside] : [`  # ${why}`, shown];
  });
  return ['', 'Examples:', ...lines];
}
