/** Refuses words for which a command has no place, and says where they go: networks, weights and data by what they are. */
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Argv } from 'yargs';
import { networkNamed, networkNames } from '../../../models/names';
import { UserError } from '../../../src/core/errors';
import { alternatives, asked } from '../../../src/core/text/did-you-mean';
import { shellWords } from '../../../src/core/text/shell-words';
import { usableNames } from '../../../src/data/datasets/catalogue';
import { trainedNames } from '../../../src/weights/trained-names';
import { placesOf, verbOf, type ListedCommand, type Place } from '../command';
import { declaredTo, type Declared } from './checked-options';
import { neededBy } from './needed';
import { typedWords, type TypedOption } from './typed-words';

/** Where the words of a command line go that no option takes. */
interface Sorted {
  /** By place. */
  readonly places: ReadonlyMap<string, readonly string[]>;
  /** By option, without dashes. */
  readonly options: ReadonlyMap<string, string>;
}

/** A command line that is looked at. */
interface Line {
  readonly verb: string;
  readonly places: readonly Place[];
  readonly declared: Declared;
  readonly options: readonly TypedOption[];
  readonly needed: ReturnType<typeof neededBy>;
  /** What a message says of npm, if it may have taken some of the words. */
  readonly hint: () => string;
}

/**
 * @param words the words after the command, of which its options are known
 * @param hint what a message says of npm, if it may have taken some; asked for only then
 * @throws UserError for a word too many, for one that is missing or for one in a place that is another's, with the
 * command line that was probably meant
 */
export function expectWordsInPlace(
  parser: Argv,
  listed: ListedCommand,
  words: readonly string[],
  hint: () => string,
): void {
  const declared = declaredTo(parser);
  const { plain, options } = typedWords(words, declared);
  const places = placesOf(listed.command);
  const needed = neededBy(parser, places, options);
  const line: Line = { verb: verbOf(listed), places, declared, options, needed, hint };
  expectNoPlaceAsOption(line, plain);
  const free = places.filter(({ name }) => !isGiven(name, options));
  const asTyped = inOrder(plain, free);
  const sorted = sortWords(plain, free, declared, options);
  const better = sorted !== undefined && !isSame(sorted, asTyped) ? sorted : undefined;
  expectNoneTooMany(line, plain, free, better);
  expectNoneMissing(line, asTyped, better);
  if (better !== undefined) expectFitting(line, asTyped, better);
}

/** A place that has to be filled cannot be filled by an option of its name: yargs counts words. */
function expectNoPlaceAsOption(line: Line, plain: readonly string[]): void {
  const { places, options, declared } = line;
  const found = options.find(({ name }) => places.some((place) => place.required && place.name === name));
  if (found === undefined) return;
  const others = options.filter((one) => one !== found);
  const sorted = sortWords([...found.values, ...plain], places, declared, others);
  fail(line, `${found.name.toUpperCase()} as a word of its own`, found.words[0]!, sorted);
}

function expectNoneTooMany(
  line: Line,
  plain: readonly string[],
  free: readonly Place[],
  better: Sorted | undefined,
): void {
  if (plain.length <= free.length || free.some(({ several }) => several)) return;
  const names = free.map(({ name }) => name.toUpperCase());
  const found = shellWords(plain);
  if (names.length === 0)
    return fail(line, line.places.length > 0 ? 'no further words' : 'no words', found, better);
  const expected = `${names.length === 1 ? 'one word' : 'two words'}, ${list(names)}`;
  fail(line, expected, `${plain.length}: ${found}`, better);
}

function expectNoneMissing(line: Line, asTyped: Sorted, better: Sorted | undefined): void {
  const { needed, options, places } = line;
  const missing = needed.always.filter((name) => !asTyped.places.has(name) && !isGiven(name, options));
  if (missing.length === 0) return;
  const said = missing.map((name) => (isOneOf(places, name) ? name.toUpperCase() : `--${name}`));
  fail(line, list(said), 'none', better);
}

/** A word that is wrong in its place is left to the command unless it is certain where it belongs. */
function expectFitting(line: Line, asTyped: Sorted, better: Sorted): void {
  const { declared } = line;
  const isCertain = (word: string) =>
    [...better.options].some(([name, one]) => one === word && belongs(name, word, declared)) ||
    [...better.places].some(([name, ones]) => ones.includes(word) && belongs(name, word, declared));
  const wrong = [...asTyped.places].flatMap(([name, words]) =>
    words.filter((word) => !fits(name, word, declared)).map((word) => [name, word] as const),
  );
  if (wrong.length === 0 || !wrong.every(([, word]) => isCertain(word))) return;
  const expected = [...new Set(wrong.map(([name]) => name.toUpperCase()))];
  fail(line, list(expected), shellWords(wrong.map(([, word]) => word)), better);
}

function fail(line: Line, expected: string, found: string, better: Sorted | undefined): never {
  const meant = better === undefined ? '; --help shows what is expected' : asked([written(line, better)]);
  throw new UserError(`${line.verb}: expected ${expected}, found ${found}${line.hint() || meant}`);
}

const list = (names: readonly string[]) => alternatives(names, 'and');

const isGiven = (name: string, options: readonly TypedOption[]) =>
  options.some((option) => option.name === name);

const isOneOf = (places: readonly Place[], name: string) => places.some((place) => place.name === name);

/** Each word in the place in which it was typed. */
function inOrder(plain: readonly string[], free: readonly Place[]): Sorted {
  const places = free.map(
    ({ name, several }, at) => [name, plain.slice(at, several ? undefined : at + 1)] as const,
  );
  return { places: new Map(places.filter(([, words]) => words.length > 0)), options: new Map() };
}

const isSame = (one: Sorted, other: Sorted) =>
  JSON.stringify([[...one.places], [...one.options]]) ===
  JSON.stringify([[...other.places], [...other.options]]);

/**
 * Gives each word to the first place, else to the first option, that it can only be meant for; what is left over goes to
 * places of files and folders, then to data and to what is written.
 * @returns undefined if a word is left over
 */
function sortWords(
  plain: readonly string[],
  free: readonly Place[],
  declared: Declared,
  given: readonly TypedOption[],
): Sorted | undefined {
  const places = new Map<string, string[]>();
  const options = new Map<string, string>();
  const openPlace = (accepts: (name: string) => boolean) =>
    free.find(({ name, several }) => (several || !places.has(name)) && accepts(name))?.name;
  const isOpen = (name: string) => name in declared.key && !options.has(name) && !isGiven(name, given);
  const put = (word: string, place: string | undefined, option: string | undefined) => {
    if (place !== undefined) places.set(place, [...(places.get(place) ?? []), word]);
    else if (option !== undefined) options.set(option, word);
    else return false;
    return true;
  };
  const asked = [...inThisOrder, ...Object.keys(declared.choices)].filter((name) => !isOneOf(free, name));
  const rest = plain.filter((word) => {
    const mine = (name: string) => belongs(name, word, declared);
    return !put(
      word,
      openPlace(mine),
      asked.find((name) => isOpen(name) && mine(name)),
    );
  });
  const left = rest.filter((word) => {
    if (isModel(word)) return true;
    const place = openPlace((name) => !(name in declared.choices));
    const isDataAtMost = existsSync(word); // what is there is not proposed to be written over
    const further = [...(isImage(word) || isWeights(word) ? [] : ['data']), ...(isDataAtMost ? [] : ['out'])];
    return !put(
      word,
      place,
      further.find((name) => !isOneOf(free, name) && isOpen(name)),
    );
  });
  return left.length > 0 ? undefined : { places: inOrderOf(free, places), options };
}

function inOrderOf(
  free: readonly Place[],
  places: ReadonlyMap<string, string[]>,
): ReadonlyMap<string, readonly string[]> {
  return new Map(free.flatMap(({ name }) => (places.has(name) ? [[name, places.get(name)!] as const] : [])));
}

/** Options that words are given to, before those with a list of values. */
const inThisOrder = [
  'network',
  'recipe',
  'train',
  'diff',
  'model',
  'weights',
  'data',
  'out',
  'sheet',
  'svg',
  'epochs',
];

/** Whether a word names a network, by its own name or by one that everybody uses. */
export const isNetwork = (word: string) => networkNames.some((name) => name === networkNamed(word));
const hasFile = (folder: string, file: string) => existsSync(join(folder, file));
const isModel = (word: string) =>
  trainedNames.some((name) => name === word) ||
  isNetwork(word) ||
  hasFile(word, 'network.json') ||
  hasFile(word, 'run.json');
const isWeights = (word: string) =>
  /\.(?:caffemodel|pth?|th|h5|keras|hdf5|safetensors|onnx|ckpt)$/i.test(word);
const isImage = (word: string) => /\.(?:jpe?g|png|webp|gif|tiff?|avif|bmp)$/i.test(word);
const isData = (word: string) => usableNames.some((name) => name === word);

/** What a word is that can hardly be meant for another place or option of the same command. */
const marks: Readonly<Record<string, ((word: string) => boolean) | undefined>> = {
  network: isNetwork,
  recipe: isNetwork,
  train: isNetwork,
  diff: isNetwork,
  model: isModel,
  models: isModel,
  weights: (word) => isModel(word) || isWeights(word),
  file: isWeights,
  image: isImage,
  images: (word) => isImage(word) || isData(word),
  data: isData,
  out: (word) => /\.(?:safetensors|np[yz]|csv|html)$/.test(word),
  sheet: (word) => word.endsWith('.png'),
  svg: (word) => word.endsWith('.svg'),
  epochs: (word) => /^\d+$/.test(word),
};

function belongs(name: string, word: string, { choices }: Declared): boolean {
  const values = choices[name];
  if (values === undefined || marks[name] === isNetwork) return marks[name]?.(word) ?? false;
  return values.includes(word);
}

/** Whether a word may stand in a place: the command itself says what is wrong with a name or a path. */
function fits(name: string, word: string, declared: Declared): boolean {
  if (belongs(name, word, declared)) return true;
  if (name in declared.choices) return false;
  if (/^models?$/.test(name)) return statSync(word, { throwIfNoEntry: false })?.isDirectory() ?? false;
  return existsSync(word) || /[*?[{]/.test(word);
}

/** The command line with these words; what is needed and was not typed is left open. */
function written({ verb, places, options, needed }: Line, sorted: Sorted): string {
  const open = (name: string) =>
    [...needed.always, ...needed.here].includes(name) && !isGiven(name, options) && !sorted.options.has(name);
  const placed = places.flatMap(({ name }) => {
    const words = sorted.places.get(name);
    if (words !== undefined) return [shellWords(words)];
    return open(name) ? [name.toUpperCase()] : [];
  });
  const kept = options.filter(({ name }) => !places.some((place) => place.required && place.name === name));
  const left = [...needed.always, ...needed.here].filter((name) => !isOneOf(places, name) && open(name));
  return [
    verb,
    ...placed,
    ...[...sorted.options].map(([name, word]) => shellWords([`--${name}`, word])),
    ...kept.map(({ words }) => shellWords(words)),
    ...left.map((name) => `--${name} …`),
  ].join(' ');
}
