/** A look at a data set before anything learns from it: counts, sizes, what cannot be read, and what is there twice. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { webFetch } from '../../core/io/download/web-fetch';
import { writeFileAtomically } from '../../core/io/files';
import { UserError } from '../../core/errors';
import { expectOptions, type OptionNames } from '../../core/given/options';
import { option } from '../../core/text/wording';
import type { ImageSet } from '../../data/dataset';
import { commonFolder } from '../../data/formats/image-folder/common-folder';
import { imageName } from '../../data/image/bad-image';
import { foreignFormat, whyLeftOut } from '../../data/image/header';
import { imagesAlike, type Alike } from '../../data/inspect/images-alike';
import { lookAtImages, type ImageFormat, type LookedAtImages } from '../../data/inspect/look-at-images';
import { nearBits } from '../../data/inspect/near-pairs';
import { dataRoot, openSources } from '../../data/open';
import { sourcesText } from '../../data/put-together';
import type { FoundSplits } from '../../data/splits';
import { dataSheet } from '../../report/sheets/data-sheet';
import { environment } from '../../runtime/machine';
import { partNames, type PartName } from '../../train/run/images-file';
import { defaults } from '../choices';
import type { WorkflowEvent } from '../context';
import { expectEnding } from './found-path';

/** How data is looked at. */
export interface InspectDataOptions {
  /** A PNG file to draw into: some images of each class, and those that are there twice. */
  readonly sheet?: string | undefined;
  /** The share of each class that a fine-tuning would split off for each part that is missing. Default: 0.15. */
  readonly validationSplit?: number | undefined;
  /** Data whose test set a fine-tuning would take instead; its classes are some of the others'. */
  readonly test?: string | undefined;
  /** The folder of the published data sets. Default: `LINEAGE_DATA`, else the user's own. */
  readonly root?: string | undefined;
  /** Told of what is left out, and of how many images are done. */
  readonly onProgress?: ((event: WorkflowEvent) => void) | undefined;
}

const names: OptionNames<InspectDataOptions> = {
  sheet: 'optional',
  validationSplit: 'optional',
  test: 'optional',
  root: 'optional',
  onProgress: 'optional',
};

/** What a look at a data set found. Plain data. */
export interface InspectedData {
  /** As it was named: `photos + more, tested on new`. */
  readonly data: string;
  /** The deepest folder that holds all images; empty for images that are stored as pixels. */
  readonly folder: string;
  /** Of all parts, unreadable ones included. */
  readonly images: number;
  readonly classes: readonly string[];
  readonly parts: readonly InspectedPart[];
  /** In pixels, upright, of the readable images; null if there are none. */
  readonly sizes: { readonly height: Spread; readonly width: Spread } | null;
  /** How many images have each format, by their bytes; empty for images that are stored as pixels. */
  readonly formats: Readonly<Partial<Record<ImageFormat, number>>>;
  /** Images that cannot be read, by the decoder or because their format is none that is read. */
  readonly unreadable: readonly UnreadableImage[];
  /** What the folder holds besides, a line each. */
  readonly remarks: readonly string[];
  /** Images that are there twice, exactly or nearly: those under two labels first, then those in two parts. */
  readonly alike: readonly AlikeImages[];
  /** How near duplicates were looked for; null for images that are stored as pixels, of which only equal ones are told. */
  readonly near: NearFacts | null;
  /** Classes of which a part has no image, or might get none when it is split off. */
  readonly few: readonly FewImages[];
  /** The sheet that was drawn. */
  readonly sheet: string | null;
  readonly seconds: number;
}

export interface InspectedPart {
  readonly part: PartName;
  readonly images: number;
  /** How many images each class has, in the order of `classes`. */
  readonly perClass: readonly number[];
}

export interface Spread {
  readonly least: number;
  readonly median: number;
  readonly most: number;
}

export interface UnreadableImage {
  readonly file: string;
  /** The part and the class; null for a file that no reader lists. */
  readonly part: PartName | null;
  readonly class: string | null;
  readonly reason: string;
}

/** An image, as duplicates name it. */
export interface InspectedFile {
  /** The file; of images that are stored as pixels, the part and the index: `test 17`. */
  readonly file: string;
  readonly part: PartName;
  readonly class: string;
}

export interface AlikeImages extends Pick<Alike, 'how' | 'bits'> {
  readonly images: readonly InspectedFile[];
  /** Whether they are of more than one class. */
  readonly labels: boolean;
  /** Whether they are in more than one part. */
  readonly parts: boolean;
}

export interface NearFacts {
  readonly hash: string;
  /** Pairs are near that differ in at most so many of 256 bits. */
  readonly bits: number;
  /** Images that are as good as plain, which are not compared. */
  readonly plain: number;
  /** False where there are more pairs than are listed. */
  readonly complete: boolean;
}

export interface FewImages {
  readonly class: string;
  readonly part: PartName;
  /** The readable images that the part has, or from which its share is split off. */
  readonly images: number;
  /** The least number of images with which the split gives the part one; null for a part that is there. */
  readonly needed: number | null;
}

/**
 * Decodes every image of a data set once and tells what a training would meet: how many images each class has in each
 * part, sizes, formats, images that cannot be read, the same image twice (the same file, the same pixels, or nearly the
 * same: resized, encoded again, brighter, mirrored), under two labels or in two parts, and classes with too few images
 * to be split. It holds about 140 bytes an image beside its path.
 * @param data as for `openData`; several are put together by the names of their classes
 * @throws UserError for what `openData` refuses, but for missing parts and unreadable images
 */
export async function inspectData(
  data: string | readonly string[],
  options: InspectDataOptions = {},
): Promise<InspectedData> {
  expectOptions('inspectData', options, names);
  const { sheet, validationSplit, test, onProgress } = options;
  if (sheet !== undefined) expectEnding('sheet', sheet, '.png');
  const began = performance.now();
  const remarks: string[] = [];
  const root = dataRoot(environment(), options.root);
  const { found, places } = await openSources(
    { data, test },
    {
      root,
      seed: defaults.seed,
      fetch: webFetch(environment()),
      onProgress: (line) => void remarks.push(line),
    },
  );
  const share = shareOf(found, validationSplit);
  const sets = partNames.flatMap((part) => {
    const set = found[part];
    return set ? [{ part, set }] : [];
  });
  const looked = await lookedAtAll(sets, onProgress);
  const images = new Images(sets);
  const files = sets.flatMap(({ set }) => (set.kind === 'files' ? set.files : []));
  const folder = commonFolder(files);
  const alike = imagesAlike(looked);
  const groups = alike.groups
    .map((group) => ({ group, described: images.described(group) }))
    .sort((one, other) => gravity(other.described) - gravity(one.described));
  const bad = new Set(looked.bad.map(({ index }) => index));
  const result: InspectedData = {
    data: sourcesText({ data, test }),
    folder,
    images: images.count,
    classes: sets[0]!.set.classes,
    parts: sets.map(({ part, set }) => ({ part, images: set.labels.length, perClass: perClass(set) })),
    sizes: sizesOf(looked, bad),
    formats: Object.fromEntries(looked.formats),
    unreadable: [
      ...looked.bad.map(({ index, file, reason }) => ({ ...images.at(index), file, reason })),
      ...(await Promise.all(places.map(unreadFormats))).flat(),
    ],
    remarks,
    alike: groups.map(({ described }) => described),
    near: looked.hashes && {
      hash: 'PDQ’s, of a thumbnail of 64×64 grey pixels: 256 bits',
      bits: nearBits,
      plain: alike.plain,
      complete: alike.complete,
    },
    few: fewImages(sets, bad, share),
    sheet: sheet ?? null,
    seconds: (performance.now() - began) / 1000,
  };
  if (sheet !== undefined) {
    const indices = groups.map(({ group }) => group.images);
    await writeFileAtomically(sheet, await dataSheet(result, sets, { bad, indices }));
  }
  return result;
}

interface Part {
  readonly part: PartName;
  readonly set: ImageSet;
}

/** The images of all parts, numbered through. */
class Images {
  readonly count: number;
  private readonly starts: readonly number[];

  constructor(private readonly sets: readonly Part[]) {
    const starts = [0];
    for (const { set } of sets) starts.push(starts.at(-1)! + set.labels.length);
    this.starts = starts;
    this.count = starts.at(-1)!;
  }

  at(index: number): InspectedFile {
    const place = this.starts.findIndex((start, at) => index >= start && index < this.starts[at + 1]!);
    const { part, set } = this.sets[place]!;
    const own = index - this.starts[place]!;
    const file = set.kind === 'files' ? imageName(set.files[own]!) : `${part} ${own}`;
    return { file, part, class: set.classes[set.labels[own]!]! };
  }

  described({ how, bits, images }: Alike): AlikeImages {
    const all = images.map((index) => this.at(index));
    return {
      how,
      bits,
      images: all,
      labels: new Set(all.map((image) => image.class)).size > 1,
      parts: new Set(all.map(({ part }) => part)).size > 1,
    };
  }
}

const gravity = ({ labels, parts }: AlikeImages) => 2 * Number(labels) + Number(parts);

/** @throws UserError for a share where nothing would be split off, and for one that is none */
function shareOf(found: FoundSplits, given: number | undefined): number {
  if (given === undefined) return defaults.validationSplit;
  if (!(given > 0 && given < 1))
    throw new UserError(`${option('validationSplit')}: expected a share between 0 and 1, found ${given}`);
  if (found.train && found.validation && found.test)
    throw new UserError(
      `${option('validationSplit')}: expected data of which a part is missing, found all of ${partNames.join(', ')}`,
    );
  return given;
}

async function lookedAtAll(
  sets: readonly Part[],
  onProgress: InspectDataOptions['onProgress'],
): Promise<LookedAtImages> {
  const all = sets.reduce((sum, { set }) => sum + set.labels.length, 0);
  const looks: LookedAtImages[] = [];
  let before = 0;
  for (const { set } of sets) {
    looks.push(
      await lookAtImages(set, (done) =>
        onProgress?.({ kind: 'count', what: 'images', done: before + done, all }),
      ),
    );
    before += set.labels.length;
  }
  return looks.length === 1 ? looks[0]! : joined(looks);
}

function joined(looks: readonly LookedAtImages[]): LookedAtImages {
  const starts = looks.map((_, at) => looks.slice(0, at).reduce((sum, { plain }) => sum + plain.length, 0));
  const formats = new Map<ImageFormat, number>();
  for (const look of looks)
    for (const [format, count] of look.formats) formats.set(format, (formats.get(format) ?? 0) + count);
  const words = (part: (look: LookedAtImages) => Uint32Array) => {
    const together = new Uint32Array(looks.reduce((sum, look) => sum + part(look).length, 0));
    let at = 0;
    for (const look of looks) {
      together.set(part(look), at);
      at += part(look).length;
    }
    return together;
  };
  const stored = looks.some(({ hashes }) => hashes === null);
  return {
    heights: words(({ heights }) => heights),
    widths: words(({ widths }) => widths),
    formats,
    files: stored ? null : Buffer.concat(looks.map(({ files }) => files!)),
    pixels: Buffer.concat(looks.map(({ pixels }) => pixels)),
    hashes: stored ? null : words(({ hashes }) => hashes!),
    mirrored: stored ? null : words(({ mirrored }) => mirrored!),
    plain: Buffer.concat(looks.map(({ plain }) => plain)),
    bad: looks.flatMap(({ bad }, at) => bad.map((one) => ({ ...one, index: one.index + starts[at]! }))),
  };
}

function perClass({ classes, labels }: ImageSet): readonly number[] {
  const counts = new Array<number>(classes.length).fill(0);
  for (const label of labels) counts[label]!++;
  return counts;
}

function sizesOf({ heights, widths }: LookedAtImages, bad: ReadonlySet<number>): InspectedData['sizes'] {
  const spread = (values: Uint32Array): Spread => {
    const sorted = values.filter((_, index) => !bad.has(index)).sort();
    return { least: sorted[0]!, median: sorted[(sorted.length - 1) >>> 1]!, most: sorted.at(-1)! };
  };
  return bad.size === heights.length ? null : { height: spread(heights), width: spread(widths) };
}

/**
 * Images whose extension tells of a format that is not read, and that no reader lists. Folder by folder: Node 20's
 * recursive `opendir` loses entries of large folders.
 */
async function unreadFormats(folder: string): Promise<readonly UnreadableImage[]> {
  const found: UnreadableImage[] = [];
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const file = join(folder, entry.name);
    if (entry.name.startsWith('.')) continue;
    if (entry.isDirectory()) found.push(...(await unreadFormats(file)));
    else if (entry.isFile() && foreignFormat(entry.name) !== undefined)
      found.push({ file, part: null, class: null, reason: `left out: ${whyLeftOut(entry.name)}` });
  }
  return found.sort((one, other) => (one.file < other.file ? -1 : 1));
}

/** Classes that have no image in a part, or too few for the parts that a fine-tuning splits off. */
function fewImages(sets: readonly Part[], bad: ReadonlySet<number>, share: number): readonly FewImages[] {
  const few: FewImages[] = [];
  const classes = sets[0]!.set.classes;
  const readable = new Map(sets.map(({ part }) => [part, new Array<number>(classes.length).fill(0)]));
  let index = 0;
  for (const { part, set } of sets)
    for (const label of set.labels) if (!bad.has(index++)) readable.get(part)![label]!++;
  for (const [part, counts] of readable)
    counts.forEach((count, label) => {
      if (count === 0) few.push({ class: classes[label]!, part, images: 0, needed: null });
    });
  const train = readable.get('train');
  if (!train) return few;
  // As forFinetuning: a single other part is the test set, and what chooses the best epoch is split off.
  const tested = readable.has('test') || readable.has('validation');
  const chosen = readable.has('test') && readable.has('validation');
  for (const [label, count] of train.entries()) {
    if (count === 0) continue;
    // At worst a class gives the test set its share rounded up, and the validation set its share rounded down.
    const left = tested ? count : count - Math.ceil(share * count);
    if (!tested && Math.floor(share * count) < 1)
      few.push({ class: classes[label]!, part: 'test', images: count, needed: least(share) });
    else if (!chosen && Math.floor(share * left) < 1)
      few.push({
        class: classes[label]!,
        part: 'validation',
        images: count,
        needed: tested ? least(share) : leastForBoth(share),
      });
  }
  return few;
}

const least = (share: number) => Math.ceil(1 / share);

function leastForBoth(share: number): number {
  let count = least(share);
  while (Math.floor(share * (count - Math.ceil(share * count))) < 1) count++;
  return count;
}
