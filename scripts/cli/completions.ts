/** Words that a shell proposes after those typed so far: commands, networks, options, their values, names of data. */
import yargs from 'yargs';
import { networkAliases } from '../../models/names';
import { UserError } from '../../src/core/errors';
import { recipeFields } from '../../src/core/recipe/fields';
import { usableNames } from '../../src/data/datasets/catalogue';
import { trainedNames } from '../../src/weights/trained-names';
import { commands } from '../commands';
import { placesOf } from './command';
import { declaredTo, type Declared } from './options/checked-options';
import { commandNames, isNetworks } from './options/known-words';

export { completionCommand } from './options/known-words';

/** The name under which the package puts this program on the path. */
export const program = 'cnn-lineage';

/** The first word with which the scripts of yargs ask; the words typed so far follow. */
export const askedBy = '--get-yargs-completions';

/** Names beside files and folders, which the shell itself proposes where none of these fits. */
const named: Readonly<Record<string, readonly string[]>> = {
  data: usableNames,
  fit: usableNames,
  set: recipeFields.map((field) => `${field}=`),
  ...Object.fromEntries(['weights', 'start-from', 'model', 'models'].map((name) => [name, trainedNames])),
};

/**
 * @param words the command line after the program, the word at the cursor last
 * @returns what may stand at the cursor; none where the shell proposes files
 */
export function completions([command = '', ...rest]: readonly string[]): readonly string[] {
  if (rest.length === 0) return begunBy(command, commandNames);
  const listed = commands.find((one) => one.command.split(' ')[0] === command);
  if (!listed) return [];
  const places = placesOf(listed.command);
  const declared = declaredTo(listed.load().builder(yargs([]).help()));
  const [current, before] = [rest.at(-1)!, rest.slice(0, -1)];
  const option = optionOf(before.at(-1), declared);
  if (option !== undefined) return begunBy(current, valuesOf(option, declared));
  if (current.startsWith('-')) {
    const names = Object.keys(declared.key).filter((name) => /^[a-z][a-z-]*$/.test(name));
    const free = names.filter(
      (name) => !places.some((place) => place.name === name) && !isGiven(name, before, declared),
    );
    return begunBy(
      current,
      free.map((name) => `--${name}`),
    );
  }
  const plain = before.filter((word, at) => !word.startsWith('-') && !optionOf(before[at - 1], declared));
  const place = places[plain.length] ?? places.find(({ several }) => several);
  return place === undefined ? [] : begunBy(current, valuesOf(place.name, declared));
}

/** The words for the shell that asks: zsh reads a colon as the end of a word. */
export function completionsFor(words: readonly string[], isZsh: boolean): string[] {
  const own = words[0]?.endsWith(program) ? words.slice(1) : words;
  const found = completions(own);
  return found.map((word) => (isZsh ? word.replaceAll(':', String.raw`\:`) : word));
}

/** @throws UserError for a shell for which there is no script */
export function expectShell({ SHELL = '' }: NodeJS.ProcessEnv): void {
  if (/(?:^|\/)(?:ba|z)sh$/.test(SHELL)) return;
  throw new UserError(
    `completion: expected bash or zsh in SHELL, found ${SHELL || 'none'}; SHELL=bash ${program} completion prints the script for bash`,
  );
}

/** The name of an option that takes the next word as its value. */
function optionOf(word: string | undefined, { key, boolean }: Declared): string | undefined {
  const name = /^--([a-z-]+)$/.exec(word ?? '')?.[1];
  return name !== undefined && name in key && !boolean.includes(name) ? name : undefined;
}

function valuesOf(name: string, { choices }: Declared): readonly string[] {
  const list = choices[name];
  if (list === undefined) return named[name] ?? [];
  return isNetworks(list) ? [...list, ...Object.keys(networkAliases)] : list;
}

function isGiven(name: string, words: readonly string[], { array }: Declared): boolean {
  return !array.includes(name) && words.some((word) => word.split('=')[0] === `--${name}`);
}

function begunBy(beginning: string, words: readonly string[]): readonly string[] {
  return words.filter((word) => word.startsWith(beginning));
}
