/** Finds the classes of one list in another: those of a data set among a network's, or one network's among another's. */
import { counted } from '../../core/text/counted';
import { UserError } from '../../core/errors';
import { alikeText, visibleName } from '../formats/alike-names';
import type { ImageSet } from '../dataset';
import { listed } from '../formats/image-folder/image-files';

/** Classes as somebody calls them. */
export interface NamedClasses {
  /** For messages: whose they are. */
  readonly of: string;
  readonly count: number;
  /** By index; null where nobody gave them. */
  readonly labels: readonly string[] | null;
  /** WordNet's ids, by index; null where they are not known. */
  readonly synsets: readonly string[] | null;
}

/** Where each class of a list is in another. */
export interface FoundClasses {
  /** By the index in the list, the index in the other one. */
  readonly indices: readonly number[];
  /** Where they were not found by their names: what was taken for granted, in a sentence. */
  readonly assumed: string | null;
}

/**
 * A data set whose labels are a network's classes: see `findClasses`.
 * @param note told what was taken for granted, if anything was
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
 * Finds classes among others: by WordNet's ids where both sides have them, else by name, whatever the order, so that one
 * side may have only some of the other's. Whole numbers that are no names of the other side are its indices, as the
 * folders `0` to `999` of ImageNet's classes are. Only where one side has no names at all, classes are taken in their
 * order, which is said.
 * @param indexed whether numbers may be indices, as of a data set; between networks they are names like any others
 * @throws UserError when there is a class that the others lack, or of nameless ones another number
 */
export function findClasses(
  own: NamedClasses,
  others: NamedClasses,
  { indexed = true }: { readonly indexed?: boolean } = {},
): FoundClasses {
  const ids = own.synsets ?? (own.labels?.every(isSynset) ? own.labels : null);
  if (ids && others.synsets) return { indices: found(ids, others.synsets, own, others), assumed: null };
  if (!own.labels) return inOrder(own, others);
  const names = own.labels.map(canonical);
  const numbers = indexed && names.every(isNumber);
  if (!others.labels) return numbers ? asIndices(names, own, others) : inOrder(own, others);
  const theirs = others.labels.map(canonical);
  // Where one name is a number, a number may be that name: it is not taken for anything else.
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
  // A network without names has nothing but indices to call its classes by.
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

/** One form for a name: Unicode's NFC, and numbers without leading zeros. */
function canonical(name: string): string {
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
