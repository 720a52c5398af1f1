/** Puts data sets together by the names of their classes, and takes the test set of another one. */
import { UserError } from '../core/errors';
import { expectText } from '../core/given/options';
import { counted, listed } from '../core/text/counted';
import { option } from '../core/text/wording';
import type { ImageFiles, ImageSet } from './dataset';
import { alikeText, visibleName } from './formats/alike-names';
import { noteEmpty } from './formats/image-folder/image-folder';
import { realPlace, type RealFolders } from './formats/image-folder/linked-images';
import { parts } from './formats/parts/part-names';
import { imageName } from './image/bad-image';
import { canonicalName, classesOf, withLabelsOf } from './inspect/match-classes';
import { forTest, type FoundSplits } from './splits';

/** Where the images of a fine-tuning lie. */
export interface DataSources {
  /** The name of a data set or its path; of several, which are put together by the names of their classes. */
  readonly data: string | readonly string[];
  /** Data whose test set is taken instead; its classes are some of the others'. */
  readonly test?: string | undefined;
}

/**
 * The names of the data but the test set's.
 * @throws UserError for none
 */
export function namesOf({ data }: { readonly data: DataSources['data'] }): readonly string[] {
  const names: readonly unknown[] = Array.isArray(data) ? data : [data];
  if (names.length === 0)
    throw new UserError(`${option('data')}: expected the name or folder of a data set, found none`);
  for (const name of names) expectText(option('data'), 'the name or the folder of a data set', name);
  return names as readonly string[];
}

/** `photos + more, tested on new`. */
export function sourcesText(sources: DataSources): string {
  const learned = namesOf(sources).join(' + ');
  return sources.test === undefined ? learned : `${learned}, tested on ${sources.test}`;
}

/** A data set that was opened. */
export interface FoundData {
  /** As the user named it. */
  readonly name: string;
  readonly found: FoundSplits;
}

/**
 * Data sets as one: each part has the images of that part of all of them, one data set after the other. Classes of the
 * same name are one; those of the first data set come first, in its order, then those that the others have besides.
 * @param note called with the classes that not all of them have
 * @throws UserError for images that are stored as pixels, for names of classes that differ in the case of letters or in
 *   blanks alone, and for an image that lies in two of them
 */
export async function putTogether(
  data: readonly FoundData[],
  note: (line: string) => void = () => undefined,
): Promise<FoundSplits> {
  if (data.length === 1) return data[0]!.found;
  const listings = data.map(({ name, found }) => ({
    name,
    sets: parts.flatMap((part) => found[part] ?? []),
  }));
  const classes = new Map<string, string>();
  for (const { name, sets } of listings) {
    const own = sets[0]!.classes;
    for (const set of sets) expectFiles(set);
    const fresh = own.filter((each) => !classes.has(canonicalName(each)));
    const alike = alikeText(fresh, [...classes.values()]);
    if (alike)
      throw new UserError(
        `${name}: expected the classes of ${listings[0]!.name} and of others, found ${listed(fresh.map(visibleName), 3)}${alike}`,
      );
    for (const each of fresh) classes.set(canonicalName(each), each);
  }
  noteClasses(listings, classes, note);
  await expectEachImageOnce(listings);
  const labels = new Map([...classes.keys()].map((name, label) => [name, label]));
  const synsets = synsetsOf(listings, classes);
  return Object.fromEntries(
    parts.flatMap((part) => {
      const sets = data.flatMap(({ found }) => (found[part] ? [found[part] as ImageFiles] : []));
      return sets.length > 0
        ? [[part, joined(sets, { classes: [...classes.values()], synsets, labels })]]
        : [];
    }),
  );
}

interface Listing {
  readonly name: string;
  readonly sets: readonly ImageSet[];
}

function expectFiles({ kind, name }: ImageSet): void {
  if (kind === 'files') return;
  throw new UserError(
    `${option('data')}: expected image files where several data sets are put together, found ${name}, whose images are stored as pixels`,
  );
}

/** A class that only some of the data sets have is a slip, or is meant. */
function noteClasses(
  listings: readonly Listing[],
  classes: ReadonlyMap<string, string>,
  note: (line: string) => void,
): void {
  const owned = listings.map(({ sets }) => new Set(sets[0]!.classes.map(canonicalName)));
  const partial = [...classes].filter(([key]) => owned.some((own) => !own.has(key)));
  if (partial.length === 0) return;
  const told = partial.map(([key, name]) => {
    const holders = listings.filter((_, at) => owned[at]!.has(key)).map((listing) => listing.name);
    return `${visibleName(name)} in ${holders.join(' and ')} alone`;
  });
  note(
    `${partial.length} of the ${counted(classes.size, 'class', 'classes')} ${partial.length === 1 ? 'is' : 'are'} not in each folder: ${listed(told, 5)}`,
  );
}

/** An image of two folders, one of which lies in the other, would be learned from twice, or from and tested on. */
async function expectEachImageOnce(listings: readonly Listing[]): Promise<void> {
  const folders: RealFolders = new Map();
  const seen = new Map<string, Listing>();
  for (const listing of listings)
    for (const file of listing.sets.flatMap((set) => (set as ImageFiles).files)) {
      const image = imageName({ ...file, file: await realPlace(file.file, folders) });
      const before = seen.get(image);
      if (before !== undefined && before !== listing)
        throw new UserError(
          `${listing.name}: expected other images than those of ${before.name}, found ${image} in both`,
        );
      seen.set(image, listing);
    }
}

/** WordNet's ids by class, if all data sets have them. */
function synsetsOf(
  listings: readonly Listing[],
  classes: ReadonlyMap<string, string>,
): readonly string[] | undefined {
  const ids = new Map<string, string>();
  for (const { sets } of listings) {
    const { classes: own, synsets } = sets[0]!;
    if (!synsets) return undefined;
    own.forEach((name, label) => ids.set(canonicalName(name), synsets[label]!));
  }
  return [...classes.keys()].map((key) => ids.get(key)!);
}

function joined(
  sets: readonly ImageFiles[],
  {
    classes,
    synsets,
    labels,
  }: Pick<ImageFiles, 'classes'> & {
    readonly synsets: readonly string[] | undefined;
    readonly labels: ReadonlyMap<string, number>;
  },
): ImageFiles {
  return {
    kind: 'files',
    name: sets.map(({ name }) => name).join(' + '),
    synthetic: sets.some(({ synthetic }) => synthetic),
    classes,
    ...(synsets && { synsets }),
    labels: Int32Array.from(
      sets.flatMap((set) =>
        Array.from(set.labels, (label) => labels.get(canonicalName(set.classes[label]!))!),
      ),
    ),
    files: sets.flatMap(({ files }) => files),
  };
}

/**
 * The data set with the test set of another, whose labels become its own.
 * @param note called with the test set that is not used, and with how classes were matched
 * @throws UserError when the other one has classes that this one lacks, images of another kind or shape, or images of
 *   this one
 */
export async function withTestOf(
  { name, found }: FoundData,
  other: FoundData,
  note: (line: string) => void = () => undefined,
): Promise<FoundSplits> {
  const { test: own, ...learned } = found;
  const of = learned.train ?? learned.validation;
  if (!of) throw new UserError(`${name}: expected a training set, found only ${own?.name ?? 'nothing'}`);
  const test = withLabelsOf(forTest(other.found, other.name), classesOf(of), note);
  if (test.kind !== of.kind || (test.kind === 'pixels' && of.kind === 'pixels' && !sameShape(test, of)))
    throw new UserError(
      `${option('test')}: expected ${imagesText(of)} as those of ${of.name}, found ${imagesText(test)}`,
    );
  if (test.kind === 'files')
    await expectEachImageOnce([
      { name, sets: [learned.train ?? [], learned.validation ?? []].flat() },
      { name: other.name, sets: [test] },
    ]);
  noteEmpty(test, note);
  if (own)
    note(`${own.name}: its ${counted(own.labels.length, 'image')} are not used, ${test.name} tests instead`);
  return { ...learned, test };
}

function sameShape(one: Extract<ImageSet, { kind: 'pixels' }>, other: typeof one): boolean {
  return one.shape.every((size, at) => size === other.shape[at]);
}

function imagesText(set: ImageSet): string {
  return set.kind === 'files' ? 'image files' : `stored images of ${set.shape.join('×')}`;
}
