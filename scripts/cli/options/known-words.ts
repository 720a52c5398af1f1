/** Refuses words that no command, option or list of values has, and says which one was probably meant. */
import type { Argv } from 'yargs';
import { networkNamed, networkNames } from '../../../models/names';
import { UserError } from '../../../src/core/errors';
import { alternatives, asked, didYouMean, nearestNames } from '../../../src/core/text/did-you-mean';
import { shellWords } from '../../../src/core/text/shell-words';
import { commandCalled, commands } from '../../commands';
import { placesOf, verbOf, type ListedCommand } from '../command';
import { npmHint } from '../npm/swallowed-options';
import { declaredTo, type Declared } from './checked-options';
import { expectWordsInPlace, isNetwork } from './misplaced-words';
import { calledHere, type Meant } from './other-tools';
import { dashedName, typedWords } from './typed-words';

/** The command that prints a shell's own script, which asks this program at each key. */
export const completionCommand = 'completion';

/** The names of all commands. */
export const commandNames = [...commands.map(verbOf), completionCommand];

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
  const [first, second] = given['_'] as readonly (string | number)[];
  const command = commandNames.find((name) => name === first);
  if (command === undefined) {
    if (first === undefined) return;
    const named = String(first);
    const verb = commandNames.find((name) => name === second) ?? 'describe';
    const near = isNetwork(named) ? `; did you mean ${verb} ${named}?` : didYouMean(named, commandNames);
    throw new UserError(`${named}: expected a command, found none of that name; --help lists them${near}`);
  }
  const declared = declaredTo(parser);
  const hint = () => npmHint(parser, words);
  expectWordsOf(parser, words);
  for (const [name, values] of Object.entries(declared.choices)) {
    if (isNetworks(values)) setEach(given, name, networkNamed);
    for (const value of [given[name]].flat() as readonly (string | undefined)[])
      if (value !== undefined && !values.includes(value)) throw unlisted(name, value, values, words, hint());
  }
}

/**
 * Checks the options and the places of the command that the words begin with.
 * @throws UserError for an option that it does not have, and for words too many, too few or in another's place
 */
export function expectWordsOf(parser: Argv, words: readonly string[]): void {
  const [name, ...rest] = words;
  const listed = commandCalled(name);
  if (listed === undefined) return;
  const hint = () => npmHint(parser, words);
  expectKnownOptions(listed, rest, declaredTo(parser), hint);
  expectWordsInPlace(parser, listed, rest, hint);
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
  listed: ListedCommand,
  words: readonly string[],
  declared: Declared,
  hint: () => string,
): void {
  const options = Object.keys(declared.key).filter((name) => /^[a-z][a-z-]*$/.test(name));
  const verb = verbOf(listed);
  const end = words.indexOf('--');
  for (const [at, word] of (end < 0 ? words : words.slice(0, end)).entries()) {
    const [, dashes, name, joined] = /^(--?)([a-z][^=]*)(?:=(.*))?$/is.exec(word) ?? [];
    if (name === undefined) continue;
    const plain = dashedName(name);
    if (dashes === '--' && [plain, plain.replace(/^no-/, '')].some((one) => options.includes(one))) continue;
    const following = words[at + 1];
    const value = joined ?? (following?.startsWith('-') === false ? following : undefined);
    const network = typedWords(words, declared).plain.find(isNetwork);
    const meant = calledHere({ name, value, network }, (one) => options.includes(one));
    const near = meant
      ? [meant]
      : nearestNames(name.replace(/^no-/, ''), options).map((one) => ({ name: one }));
    const places = placesOf(listed.command).map((place) => place.name);
    const proposed = near.map(({ name: one, words: further }: Meant) => {
      if (places.includes(one))
        return `${verb} ${value === undefined ? one.toUpperCase() : shellWords([value])}`;
      return further === undefined ? `--${one}` : `--${one} ${further}`;
    });
    throw new UserError(
      `${dashes}${name}: expected an option of ${verb}, found none of that name; --help lists them${asked(proposed)}${hint()}`,
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
