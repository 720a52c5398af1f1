/** Words that a shell proposes after those typed so far: commands, networks, options, their values, names of data. */
import yargs from 'yargs';
import { networkAliases } from '../../models/names';
import { recipeFields } from '../../src/core/recipe/fields';
import { usableNames } from '../../src/data/datasets/catalogue';
import { trainedNames } from '../../src/weights/trained-names';
import { commandCalled } from '../commands';
import { placesOf } from './command';
import { declaredTo, type Declared } from './options/checked-options';
import { commandNames, isNetworks } from './options/known-words';

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
  const listed = commandCalled(command);
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

/** The words for a shell that asks by its script: the command line up to the cursor, the program's name first. */
export function completionsFor([, ...words]: readonly string[]): readonly string[] {
  return completions(words);
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
