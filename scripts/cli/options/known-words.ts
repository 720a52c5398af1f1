/** Refuses words that no command, option or list of values has, and says which one was probably meant. */
import type { Argv } from 'yargs';
import { networkNamed, networkNames } from '../../../models/names';
import { UserError } from '../../../src/core/errors';
import { alternatives, asked, didYouMean, nearestNames } from '../../../src/core/text/did-you-mean';
import { commands } from '../../commands';
import { npmHint } from '../npm/swallowed-options';
import { declaredTo, type Declared } from './checked-options';

/** The command that prints a shell's own script, which asks this program at each key. */
export const completionCommand = 'completion';

/** The names of all commands. */
export const commandNames = [...commands.map(({ command }) => command.split(' ')[0]!), completionCommand];

/** A list of more values than this is left to `--help`. */
const fewValues = 8;

/**
 * Checks that the command, the options and the values of options with a list are known, and puts the networks' own
 * names in place of others that mean them.
 * @param given what yargs read; values are replaced in it
 * @param words the words of the command line, without the program
 * @throws UserError with the nearest known words
 */
export function expectKnownWords(
  parser: Argv,
  given: Record<string, unknown>,
  words: readonly string[],
): void {
  const [first] = given['_'] as readonly (string | number)[];
  const command = commandNames.find((name) => name === first);
  if (command === undefined) {
    if (first === undefined) return;
    const named = String(first);
    const isNetwork = networkNames.some((name) => name === networkNamed(named));
    const near = isNetwork ? `; did you mean describe ${named}?` : didYouMean(named, commandNames);
    throw new UserError(`${named}: expected a command, found none of that name; --help lists them${near}`);
  }
  const declared = declaredTo(parser);
  const hint = () => npmHint(parser, words);
  expectKnownOptions(command, words, declared, hint);
  for (const [name, values] of Object.entries(declared.choices)) {
    if (isNetworks(values)) setEach(given, name, networkNamed);
    for (const value of [given[name]].flat() as readonly (string | undefined)[])
      if (value !== undefined && !values.includes(value)) throw unlisted(name, value, values, words, hint());
  }
}

/** Whether a list of values is that of the networks. */
export function isNetworks(values: readonly string[]): boolean {
  return values === networkNames || (values.length === networkNames.length && values[0] === networkNames[0]);
}

function setEach(given: Record<string, unknown>, name: string, change: (value: string) => string): void {
  const changed = (value: unknown) => (typeof value === 'string' ? change(value) : value);
  const value = given[name];
  if (value !== undefined) given[name] = Array.isArray(value) ? value.map(changed) : changed(value);
}

function expectKnownOptions(
  command: string,
  words: readonly string[],
  { key }: Declared,
  hint: () => string,
): void {
  const options = Object.keys(key).filter((name) => /^[a-z][a-z-]*$/.test(name));
  const end = words.indexOf('--');
  for (const word of end < 0 ? words : words.slice(0, end)) {
    const [, dashes, name] = /^(--?)([a-z][^=]*)/i.exec(word) ?? [];
    if (name === undefined) continue;
    const plain = name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
    if (dashes === '--' && [plain, plain.replace(/^no-/, '')].some((one) => options.includes(one))) continue;
    const near = asked(nearestNames(name.replace(/^no-/, ''), options).map((one) => `--${one}`));
    throw new UserError(
      `${dashes}${name}: expected an option of ${command}, found none of that name; --help lists them${near}${hint()}`,
    );
  }
}

function unlisted(
  name: string,
  value: string,
  values: readonly string[],
  words: readonly string[],
  hint: string,
): UserError {
  const said = words.some((word) => word.split('=')[0] === `--${name}`) ? `--${name}` : name.toUpperCase();
  const expected =
    values.length <= fewValues
      ? alternatives(values)
      : `one of ${values.length} ${isNetworks(values) ? 'networks' : 'names'}`;
  const further = values.length <= fewValues ? '' : '; --help lists them';
  return new UserError(
    `${said}: expected ${expected}, found ${JSON.stringify(value)}${further}${didYouMean(value, values)}${hint}`,
  );
}
