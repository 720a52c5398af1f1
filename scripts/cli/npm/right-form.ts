/** How a command is written for npm whose options npm took: after `--`. */
import { shellWords } from '../../../src/core/text/shell-words';
import { commands } from '../../commands';
import type { Declared } from '../options/checked-options';
import { callerWords, isOwnScript } from './npm-run';

/** An option as npm hands it over, and its value there: `true` of one without `=`, nothing of one that is negated or empty. */
export interface Taken {
  readonly name: string;
  readonly value: string;
}

/** What stands where nobody knows the words. */
export const open = '…';

/**
 * The words as they are to be given. npm leaves a value after a blank among the other words, and keeps `true` in its place:
 * which word is whose value follows from what options take, or is left open.
 * @param words that reached the command, its name first
 * @param npmNames of npm's own options
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

/** The option of a command that a name stands for: its own, the only one that begins so, or the only one that is near. */
export function meantBy(name: string, options: readonly string[]): string | undefined {
  if (options.includes(name)) return name;
  const only = (found: readonly string[]) => (found.length === 1 ? found[0] : undefined);
  const bare = name.replace(/^no-/, '');
  return (
    only(options.filter((option) => bare.length > 1 && option.startsWith(bare))) ??
    only(options.filter((option) => bare.length > 3 && distance(option, bare) === 1))
  );
}

/** How many letters must be changed, added, left out or exchanged with the next, to make one word of another; at most 2. */
function distance(one: string, other: string): number {
  if (one === other) return 0;
  const at = [...one].findIndex((letter, index) => letter !== other[index]);
  const start = at < 0 ? one.length : at;
  const [left, right] = [one.slice(start), other.slice(start)];
  const exchanged = (left[1] ?? '') + (left[0] ?? '') + left.slice(2);
  const ways = [left.slice(1) === right.slice(1), left.slice(1) === right, left === right.slice(1)];
  return ways.includes(true) || exchanged === right ? 1 : 2;
}

/** How npm's script is called, and how many words of the command's stand in the script itself. */
function callOfScript(command: string): { readonly call: readonly string[]; readonly own: number } {
  const script = process.env['npm_lifecycle_event'] ?? command;
  if (isOwnScript()) return { call: callerWords(script), own: 0 };
  const text = process.env['npm_lifecycle_script'] ?? '';
  const tail = text.slice(text.lastIndexOf(command) + command.length);
  if (/[;&|<>]/.test(tail)) return { call: ['npx', 'cnn-lineage', command], own: 0 }; // npm puts words at the very end
  const own = tail.match(/(?:[^\s"']|"[^"]*"|'[^']*')+/g) ?? [];
  return { call: ['npm', 'run', script, '--'], own: own.length };
}

/** Which words are values of options that npm took, and which are the command's own. */
function sortOut(
  words: readonly string[],
  lost: readonly string[],
  command: string,
  declared: Declared,
  npmNames: readonly string[],
): { readonly kept: readonly string[]; readonly values: ReadonlyMap<string, string> } {
  const { least, most, choices } = placesOf(command, declared);
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
  // Of one option without a fitting word the value was not given; of several nobody knows whose the words are.
  const kept = found.length === 0 && without.length === 0 ? words : words.slice(0, -last);
  return { kept, values: new Map() };
}

/** How many words a command takes that are no options, and what those may be. */
function placesOf(command: string, declared: Declared) {
  const [name, ...places] = (
    commands.map((one) => String(one.command)).find((one) => one.split(' ')[0] === command) ?? command
  ).split(' ');
  return {
    name,
    least: places.filter((place) => place.startsWith('<')).length,
    most: places.some((place) => place.includes('..')) ? Infinity : places.length,
    choices: declared.choices[places.at(-1)?.replaceAll(/[<>[\].]/g, '') ?? ''],
  };
}

/** Whether npm would take a name for the beginning of one of its own. */
function isAbbreviation(name: string, npmNames: readonly string[]): boolean {
  return !npmNames.includes(name) && npmNames.filter((one) => one.startsWith(name)).length === 1;
}

/** Every way to give each of some options one of the words, so that all words are given. */
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

/** Whether a word can be an option's value: one of its choices, a number, or what is none where another takes numbers. */
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
