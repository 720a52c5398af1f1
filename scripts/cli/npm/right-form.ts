/** How to write a command after npm has taken its options for itself: with the options after `--`. */
import { shellWords } from '../../../src/core/text/shell-words';
import { commandCalled } from '../../commands';
import { placesOf } from '../command';
import type { Declared } from '../options/checked-options';
import { callerWords, isOwnScript } from './npm-run';

/**
 * An option as npm passes it on, with its value there: `true` if it was given without `=`, empty if it was negated or
 * empty.
 */
export interface Taken {
  readonly name: string;
  readonly value: string;
}

/** A placeholder for words that nobody can know. */
export const open = '…';

/**
 * The words as they should have been given. For an option that a blank separates from its value, npm keeps `true` and
 * leaves the value among the other words. Which word belongs to which option is inferred from what the options accept,
 * or is left open.
 * @param words the words that reached the command, its name first
 * @param npmNames the names of npm's own options
 */
export function rightForm(
  taken: readonly Taken[],
  words: readonly string[],
  declared: Declared,
  npmNames: readonly string[],
): string {
  const [command = ''] = words;
  const { call, own } = callOfScript(command);
  const given = words.slice(1 + own);
  const end = given.findIndex((word) => word.startsWith('-'));
  const [plain, rest] = end < 0 ? [given, []] : [given.slice(0, end), given.slice(end)];
  const meant = taken.flatMap(({ name, value }) => {
    const option = meantBy(name, Object.keys(declared.key));
    return option === undefined ? [] : [{ name: option, value }];
  });
  const lost = meant.filter(({ name, value }) => value === 'true' && !declared.boolean.includes(name));
  const { kept, values } = sortOut(
    plain,
    lost.map(({ name }) => name),
    command,
    declared,
    npmNames,
  );
  const options = meant.map((one) => written(one, declared, values));
  const eaten = [...values].flatMap(([name, value]) =>
    meant.some((one) => one.name === name) ? [] : [optionText(name, value)],
  );
  const further = meant.length + eaten.length + rest.length === 0 ? [open] : [];
  const shown = [shellWords([...kept]), ...options, ...eaten, shellWords(rest), ...further];
  return [shellWords(call), ...shown.filter((part) => part !== '')].join(' ');
}

/**
 * The option of a command that a name refers to: an exact match, the only option with that prefix, or the only one with
 * a similar spelling.
 */
export function meantBy(name: string, options: readonly string[]): string | undefined {
  if (options.includes(name)) return name;
  const only = (found: readonly string[]) => (found.length === 1 ? found[0] : undefined);
  const bare = name.replace(/^no-/, '');
  return (
    only(options.filter((option) => bare.length > 1 && option.startsWith(bare))) ??
    only(options.filter((option) => bare.length > 3 && distance(option, bare) === 1))
  );
}

/**
 * How many letters must be changed, added, removed or swapped with the next to turn one word into another; at most 2.
 */
function distance(one: string, other: string): number {
  if (one === other) return 0;
  const at = [...one].findIndex((letter, index) => letter !== other[index]);
  const start = at < 0 ? one.length : at;
  const [left, right] = [one.slice(start), other.slice(start)];
  const exchanged = (left[1] ?? '') + (left[0] ?? '') + left.slice(2);
  const ways = [left.slice(1) === right.slice(1), left.slice(1) === right, left === right.slice(1)];
  return ways.includes(true) || exchanged === right ? 1 : 2;
}

/** How npm's script is called, and how many of the command's words are part of the script itself. */
function callOfScript(command: string): { readonly call: readonly string[]; readonly own: number } {
  const script = process.env['npm_lifecycle_event'] ?? command;
  if (isOwnScript()) return { call: callerWords(script), own: 0 };
  const text = process.env['npm_lifecycle_script'] ?? '';
  const tail = text.slice(text.lastIndexOf(command) + command.length);
  if (/[;&|<>]/.test(tail)) return { call: ['npx', 'cnn-lineage', command], own: 0 }; // npm appends words at the end
  const own = tail.match(/(?:[^\s"']|"[^"]*"|'[^']*')+/g) ?? [];
  return { call: ['npm', 'run', script, '--'], own: own.length };
}

/** Splits the words into the values of options that npm took and the command's own words. */
function sortOut(
  words: readonly string[],
  lost: readonly string[],
  command: string,
  declared: Declared,
  npmNames: readonly string[],
): { readonly kept: readonly string[]; readonly values: ReadonlyMap<string, string> } {
  const { least, most, choices } = boundsOfWords(command, declared);
  const without = words.length > most ? words.slice(most) : [];
  const abbreviated = Object.keys(declared.key).filter(
    (name) => isAbbreviation(name, npmNames) && !declared.boolean.includes(name) && !lost.includes(name),
  );
  const names = without.length > lost.length ? [...lost, ...abbreviated] : lost;
  const isPlace = (word: string | undefined) => word === undefined || (choices?.includes(word) ?? false);
  const room = most === Infinity ? Math.max(words.length - least, 0) : isPlace(words.at(-1)) ? 0 : 1;
  const last = without.length > 0 ? without.length : Math.min(room, names.length);
  if (names.length === 0) return { kept: words.slice(0, most), values: new Map() };
  if (last === 0) return { kept: words, values: new Map() };
  const values = words.slice(-last);
  const found = pairings(names, values, declared);
  if (found.length === 1) return { kept: words.slice(0, -last), values: found[0]! };
  // If no word fits a single option, its value was not given; with several, the words cannot be assigned to options.
  const kept = found.length === 0 && without.length === 0 ? words : words.slice(0, -last);
  return { kept, values: new Map() };
}

/** How many words that are not options a command takes, and which values they may have. */
function boundsOfWords(command: string, declared: Declared) {
  const listed = commandCalled(command);
  const places = placesOf(listed?.command ?? command);
  return {
    least: places.filter(({ required }) => required).length,
    most: places.some(({ several }) => several) ? Infinity : places.length,
    choices: declared.choices[places.at(-1)?.name ?? ''],
  };
}

/** Whether npm would take a name for an abbreviation of one of its own options. */
function isAbbreviation(name: string, npmNames: readonly string[]): boolean {
  return !npmNames.includes(name) && npmNames.filter((one) => one.startsWith(name)).length === 1;
}

/** Every way to assign all words to some options, one word to an option. */
function pairings(
  names: readonly string[],
  words: readonly string[],
  declared: Declared,
): readonly ReadonlyMap<string, string>[] {
  const [word, ...others] = words;
  if (word === undefined) return [new Map()];
  return names
    .filter((name) => takes(name, word, names, declared))
    .flatMap((name) =>
      pairings(
        names.filter((one) => one !== name),
        others,
        declared,
      ).map((rest) => new Map([[name, word], ...rest])),
    );
}

/**
 * Whether a word can be an option's value: one of its choices or a number. For any other option, a word that is not a
 * number, if another option takes numbers.
 */
function takes(name: string, word: string, names: readonly string[], declared: Declared): boolean {
  const isNumber = word.trim() !== '' && Number.isFinite(Number(word));
  const choices = declared.choices[name];
  if (choices && choices.length > 0) return choices.includes(word);
  if (declared.number.includes(name)) return isNumber;
  return !isNumber || !names.some((one) => declared.number.includes(one));
}

function written({ name, value }: Taken, declared: Declared, values: ReadonlyMap<string, string>): string {
  if (declared.boolean.includes(name))
    return value === '' || value === 'false' ? `--no-${name}` : `--${name}`;
  if (value === '') return optionText(name, undefined);
  if (value === 'true') return optionText(name, values.get(name));
  const each = declared.array.includes(name) ? value.split('\n\n') : [value];
  return each.map((one) => optionText(name, one)).join(' ');
}

function optionText(name: string, value: string | undefined): string {
  return value === undefined ? `--${name} ${open}` : shellWords([`--${name}`, value]);
}
