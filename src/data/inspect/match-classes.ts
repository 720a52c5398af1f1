/** Finds the classes of one list in another: a data set's classes or a network's, among those of a network. */
import { counted, listed } from '../../core/text/counted';
import { UserError } from '../../core/errors';
import { alikeText, visibleName } from '../formats/alike-names';
import type { ImageSet } from '../dataset';

/** Named classes of a data set or a network. */
export interface NamedClasses {
  /** What the classes belong to, for messages. */
  readonly of: string;
  readonly count: number;
  /** Names by index; null if there are none. */
  readonly labels: readonly string[] | null;
  /** WordNet's ids, by index; null where they are not known. */
  readonly synsets: readonly string[] | null;
}

/** The position of each class of one list in another list. */
export interface FoundClasses {
  /** For each index in the list, the index in the other one. */
  readonly indices: readonly number[];
  /** The assumption made, as a sentence, if the classes were not found by name. */
  readonly assumed: string | null;
}

/**
 * The data set with labels that are indices of a network's classes: see `findClasses`.
 * @param note called with the assumption that was made, if any
 * @throws UserError as `findClasses` does
 */
export function withLabelsOf<Set extends ImageSet>(
  data: Set,
  network: NamedClasses,
  note: (line: string) => void = () => undefined,
): Set {
  const { indices, assumed } = findClasses(classesOf(data), network);
  if (assumed !== null) note(assumed);
  const { labels: names, synsets } = network;
  if (!names && isIdentity(indices)) return data;
  const { synsets: _ownOrder, ...others } = data;
  return {
    ...(others as Set),
    classes: names ?? numbersTo(network.count),
    ...(synsets && { synsets }),
    labels: data.labels.map((label) => indices[label]!),
  };
}

/** The classes of a data set, for `findClasses`. */
export function classesOf({
  name,
  classes,
  synsets,
}: Pick<ImageSet, 'name' | 'classes' | 'synsets'>): NamedClasses {
  return { of: name, count: classes.length, labels: classes, synsets: synsets ?? null };
}

/**
 * Finds classes among others: by WordNet ids if both sides have them, otherwise by name. The order does not matter, and
 * the classes may be only some of the others. If the classes are whole numbers and no name on the other side is one,
 * they are taken for its indices, like folders `0` to `999` for ImageNet's classes. Only if one side has no names at
 * all, classes are matched by their order, and this is reported.
 * @param indexed whether numbers may be indices, as in a data set; between networks they are ordinary names
 * @throws UserError when the others lack a class, or the number of unnamed classes differs
 */
export function findClasses(
  own: NamedClasses,
  others: NamedClasses,
  { indexed = true }: { readonly indexed?: boolean } = {},
): FoundClasses {
  const ids = own.synsets ?? (own.labels?.every(isSynset) ? own.labels : null);
  if (ids && others.synsets) return { indices: found(ids, others.synsets, own, others), assumed: null };
  if (!own.labels) return inOrder(own, others);
  const names = own.labels.map(canonicalName);
  const numbers = indexed && names.every(isNumber);
  if (!others.labels) return numbers ? asIndices(names, own, others) : inOrder(own, others);
  const theirs = others.labels.map(canonicalName);
  // If a name of the others is a number, numbers may be names, and so are not taken for indices.
  if (numbers && !theirs.some(isNumber)) return asIndices(names, own, others);
  return { indices: found(names, theirs, own, others), assumed: null };
}

function found(
  names: readonly string[],
  theirs: readonly string[],
  own: NamedClasses,
  others: NamedClasses,
): readonly number[] {
  if (names.join('\n') === theirs.join('\n')) return names.map((_, at) => at);
  const index = new Map(theirs.map((name, at) => [name, at]));
  const strange = names.filter((name) => !index.has(name));
  if (strange.length > 0)
    throw new UserError(
      `${own.of}: expected classes of ${others.of} (${listed(theirs.map(visibleName), 3)}), found ` +
        `${listed(strange.map(visibleName), 3)}${alikeText(strange, theirs)}`,
    );
  const twice = names.find((name) => theirs.indexOf(name) !== index.get(name));
  if (twice !== undefined)
    throw new UserError(`${own.of}: expected ${others.of} to have one class ${twice}, found several`);
  return names.map((name) => index.get(name)!);
}

function asIndices(names: readonly string[], own: NamedClasses, others: NamedClasses): FoundClasses {
  const beyond = names.find((name) => BigInt(name) >= others.count);
  if (beyond !== undefined)
    throw new UserError(
      `${own.of}: expected numbers from 0 to ${others.count - 1} as indices of ${others.of}’s classes, found ${beyond}`,
    );
  const indices = names.map(Number);
  const first = indices[0]!;
  const meaning = others.labels && `: ${first} is ${others.labels[first]!}`;
  // The classes of a network without names can only be given by their indices.
  const assumed = meaning && `${own.of}: its classes are taken for indices of ${others.of}’s${meaning}`;
  return { indices, assumed };
}

function inOrder(own: NamedClasses, others: NamedClasses): FoundClasses {
  if (own.count !== others.count)
    throw new UserError(
      `${own.of}: expected ${counted(others.count, 'class', 'classes')} as ${others.of} has, found ${own.count}`,
    );
  const nameless = others.labels ? own : others;
  return {
    indices: Array.from({ length: own.count }, (_, index) => index),
    assumed:
      own.labels || others.labels
        ? `${nameless.of} has no names for its classes: they are taken in their order`
        : null,
  };
}

/** The canonical form of a name: Unicode's NFC, and numbers without leading zeros. */
export function canonicalName(name: string): string {
  return isNumber(name) ? String(BigInt(name)) : name.normalize('NFC');
}

function isNumber(name: string): boolean {
  return /^\d+$/.test(name);
}

function isSynset(name: string): boolean {
  return /^n\d{8}$/.test(name);
}

function isIdentity(indices: readonly number[]): boolean {
  return indices.every((index, at) => index === at);
}

function numbersTo(count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => String(index));
}
