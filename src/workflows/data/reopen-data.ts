/** Reopens the data of an existing run: exactly the images that the run saw, or an error that says why not. */
import { option } from '../../core/text/wording';
import { existsSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { absoluteName, imageName, refused, type BadImagePolicy } from '../../data/image/bad-image';
import { indicesWithout, subset, type ImageSet, type Splits, type ImageFiles } from '../../data/dataset';
import { fingerprintOf, olderFingerprint } from '../../data/inspect/fingerprint';
import { lookedAt, lookedAtByRanks, type Inspected } from '../../data/inspect/inspect-images';
import { leftOutSummary, openData, openFinetuneData, openSources, type OpenOptions } from '../../data/open';
import { namesOf, sourcesText, type DataSources } from '../../data/put-together';
import { commonFolder } from '../../data/formats/image-folder/common-folder';

import { alone } from '../../core/io/process/communicator';
import { together } from '../../core/io/process/together';
import { counted, listed } from '../../core/text/counted';
import { UserError } from '../../core/errors';
import {
  imagesFile,
  keptPart,
  partNames,
  readImagesFile,
  writeImagesFile,
  type KeptPart,
  type KeptImages,
  type PartName,
} from '../../train/run/images-file';
import { sourcesOf, type RunRecord } from '../../train/run/run-record';
import type { GoingOn } from '../train/start-run';
import { dataOptions, type Context } from '../context';
import { expectLabelsKept, relabelled } from './relabelled';

/** A part of a run's data, unchanged since the run began. */
export interface OwnPart {
  readonly set: ImageSet;
  /** The digests of the set's images; empty for images that are held in memory. */
  readonly sha256: readonly string[];
}

export interface ReopenOptions {
  /** The parts to open: all of them to resume the training, or only the test set for an evaluation. */
  readonly parts: readonly PartName[];
  /** Where the data is now. Default: where it was when the run began. */
  readonly at?: DataSources | undefined;
  readonly onBadImage?: BadImagePolicy | undefined;
  /** Whether to report images that were added. Default: true. */
  readonly additions?: boolean | undefined;
  /** What ranks found when they looked at the images: they are not looked at again. */
  readonly looked?: Looked | undefined;
  /** Ranks that all reopen the data now, and look at the images together. Default: this process is alone. */
  readonly ranks?: Context['ranks'] | undefined;
}

/** What was found among the images of each part. */
export type Looked = Readonly<Partial<Record<PartName, Inspected>>>;

/**
 * Looks at the images of a run that rank 0 has begun or resumed, as they lie on the host of each rank.
 * @param folder has the run's record and the list of its images, on every rank
 */
export async function lookedAtTogether(
  folder: string,
  record: RunRecord,
  ranks: Context['ranks'],
): Promise<Looked> {
  const looked: Partial<Record<PartName, Inspected>> = {};
  const kept = await together(ranks, async () => readImagesFile(folder));
  for (const part of kept && ranks.size > 1 ? partNames : []) {
    const own = keptPart(kept!, part, { name: '', classes: record.labels! });
    if (own) looked[part] = await lookedAtByRanks(ranks, own.set, { onBadImage: 'skip' }, own.digests);
  }
  return looked;
}

/**
 * Opens the data of an existing run: exactly the same images, split as before and under the same names.
 * @throws UserError if an image is missing, has changed, or cannot be compared
 */
export async function reopenData(
  folder: string,
  record: RunRecord,
  { parts, at, onBadImage, additions = true, looked = {}, ranks = alone }: ReopenOptions,
  context: Context,
): Promise<Readonly<Partial<Record<PartName, OwnPart>>>> {
  const kept = readImagesFile(folder);
  if (!kept)
    return record.parts ? ownImages(record, parts, at, context) : olderData(record, parts, at, context);
  const there = at ? movedTo(kept, record, at) : kept;
  expectFolder(there.folder, at);
  const found: Partial<Record<PartName, OwnPart>> = {};
  for (const part of parts) {
    const named = { name: record.parts![part]?.name ?? '', classes: record.labels!, ...synsetsOf(record) };
    const own = keptPart(there, part, named);
    await expectAsKept(folder, own, part, record);
    if (!own) continue;
    const tellsLeftOut = additions && parts.includes('train'); // an evaluation reports them itself
    const seen =
      looked[part] ??
      (await lookedAtByRanks(ranks, own.set, { onBadImage: 'skip', onProgress: context.remark }));
    const same = unchanged(own, part, seen, { onBadImage, tellsLeftOut }, context);
    found[part] = { set: same.set, sha256: same.digests };
  }
  await noteUnknownImages(record, there, { at, additions }, context);
  return found;
}

/**
 * `run.json` holds a digest of each part's lines in `images.jsonl`: a damaged line could name another class or be lost.
 */
async function expectAsKept(
  folder: string,
  own: KeptPart | undefined,
  part: PartName,
  { parts }: RunRecord,
): Promise<void> {
  const expected = parts?.[part];
  const found = own && (await fingerprintOf(own.set, own.digests));
  if (!expected || expected.sha256 === found?.sha256) return;
  throw new UserError(
    `${join(folder, imagesFile)}: expected the ${counted(expected.images, 'image')} of the ${part} set whose digest run.json holds, found ${found ? `${counted(found.images, 'image')} with another digest` : 'none'}: the file is damaged`,
  );
}

function synsetsOf({ synsets }: RunRecord): Pick<ImageFiles, 'synsets'> {
  return synsets ? { synsets } : {};
}

/**
 * Where a run's images are now, of what was said of it.
 * @returns undefined if nothing was said
 * @throws UserError unless that is as many places as the run has
 */
export function movedSources(
  folder: string,
  record: RunRecord,
  { data, test }: Pick<GoingOn, 'data' | 'test'>,
): DataSources | undefined {
  if (data === undefined && test === undefined) return undefined;
  const before = sourcesOf(record);
  const places = namesOf(before);
  const now = data === undefined ? places : namesOf({ data });
  if (now.length !== places.length)
    throw new UserError(
      `${option('data')}: expected ${counted(places.length, 'place')}, as many as ${folder} began with (${listed(places, 3)}), found ${now.length}`,
    );
  if (test !== undefined && before.test === undefined)
    throw new UserError(
      `${option('test')}: expected a run with test data of its own, found ${folder} without`,
    );
  const tested = test ?? before.test;
  return { data: now, ...(tested !== undefined && { test: tested }) };
}

/** The images of a run whose data lies elsewhere now, each below the place that it came from. */
function movedTo(kept: KeptImages, record: RunRecord, at: DataSources): KeptImages {
  const folderOf = (name: string) => (name.endsWith('.tar') ? dirname(resolve(name)) : resolve(name));
  const placesOf = (sources: DataSources) =>
    [...namesOf(sources), ...(sources.test === undefined ? [] : [sources.test])].map(folderOf);
  const [before, now] = [placesOf(sourcesOf(record)), placesOf(at)];
  if (before.length === 1) {
    // The common folder of the images may be inside the data's own folder, or may be the folder of its archives.
    const { folder } = kept;
    return { ...kept, folder: isBelow(folder, before[0]!) ? moved(folder, before[0]!, now[0]!) : now[0]! };
  }
  // Of a place inside another one, the inner is meant.
  const order = [...before.keys()].sort((one, other) => before[other]!.length - before[one]!.length);
  const files = kept.images.map(({ file }) => {
    const path = resolve(kept.folder, file);
    const place = order.find((index) => isBelow(path, before[index]!));
    return place === undefined ? path : moved(path, before[place]!, now[place]!);
  });
  const folder = resolve(commonFolder(files.map((file) => ({ file }))) || '.');
  return {
    folder,
    images: kept.images.map((image, index) => ({ ...image, file: relative(folder, files[index]!) })),
  };
}

function isBelow(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder.endsWith(sep) ? folder : `${folder}${sep}`);
}

function moved(path: string, before: string, now: string): string {
  return `${now}${path.slice(before.length)}`;
}

/** Records where a run's images are now. */
export async function moveImages(folder: string, record: RunRecord, at: DataSources): Promise<void> {
  const kept = readImagesFile(folder);
  if (kept) await writeImagesFile(folder, movedTo(kept, record, at));
}

/** Whether a folder contains exactly the images of a run that has one, and so is the run's data in another place. */
export async function liesAt(
  folder: string,
  record: RunRecord,
  at: string,
  context: Context,
): Promise<boolean> {
  const kept = readImagesFile(folder);
  if (!kept || record.moreData || record.testData !== undefined) return false;
  const there = movedTo(kept, record, { data: at });
  const sets = await setsIn({ data: at }, context);
  if (!sets || relabelled(record.labels!, there, sets).images.length > 0) return false;
  const known = knownTo(record, there);
  if (namesIn(sets).some((image) => !known.has(image))) return false;
  const test = keptPart(there, 'test', { name: '', classes: record.labels! });
  if (!test) return false;
  const { sha256 } = await lookedAt(test.set, { onBadImage: 'skip' });
  return test.digests.every((digest, index) => digest === sha256[index]);
}

/** The names of all images that a run saw or left out. */
function knownTo(record: RunRecord, { folder, images }: KeptImages): ReadonlySet<string> {
  return new Set([
    ...images.map(({ file, within }) =>
      absoluteName({ file: resolve(folder, file), ...(within && { part: within }) }),
    ),
    ...(record.skippedImages ?? []).map(({ file }) => resolve(file)),
  ]);
}

/** All images that a data set contains now; undefined if it cannot be listed. */
async function setsIn(sources: DataSources, context: Context): Promise<readonly ImageFiles[] | undefined> {
  try {
    const { found } = await openSources(sources, { ...dataOptions(context), onProgress: undefined });
    return partNames.flatMap((part) => {
      const set = found[part];
      return set?.kind === 'files' ? [set] : [];
    });
  } catch (error) {
    if (error instanceof UserError) return undefined;
    throw error;
  }
}

function namesIn(sets: readonly ImageFiles[]): readonly string[] {
  return sets.flatMap(({ files }) => files.map(absoluteName));
}

function expectFolder(folder: string, at: DataSources | undefined): void {
  if (existsSync(folder)) return;
  const hint = at === undefined ? `; ${option('data')} says where it lies now` : '';
  throw new UserError(`${folder}: expected the images that the run began with, found no such folder${hint}`);
}

/**
 * A part, unchanged since the run began. An image that could not be read then is left out again, even if it can be read
 * now.
 * @throws UserError that names what is missing or has changed
 */
function unchanged(
  part: KeptPart,
  name: PartName,
  { sha256, bad }: Inspected,
  { onBadImage, tellsLeftOut }: Pick<ReopenOptions, 'onBadImage'> & { readonly tellsLeftOut: boolean },
  { remark }: Context,
): Pick<KeptPart, 'set' | 'digests'> {
  const { set, digests } = part;
  const same = (index: number) => sha256[index] === digests[index];
  const damaged = bad.find(({ index }) => same(index)); // unreadable since the run began
  if (damaged && onBadImage !== 'skip') throw refused(damaged);
  const unreadable = new Set(bad.map(({ index }) => index));
  const known = (index: number) => same(index) || part.unreadable[index]!;
  // An image that is missing or can no longer be read is left out if bad images are to be skipped.
  const gone = onBadImage === 'skip' ? [] : bad.flatMap(({ file, index }) => (known(index) ? [] : [file]));
  const changed = set.files.flatMap((place, index) =>
    unreadable.has(index) || known(index) ? [] : [imageName(place)],
  );
  if (gone.length + changed.length > 0) throw otherImages(set.name, digests.length, name, { gone, changed });
  if (tellsLeftOut && bad.length > 0) remark(leftOutSummary(set, bad));
  const mended = new Set(
    Array.from(digests.keys()).filter((index) => part.unreadable[index] && !same(index)),
  );
  if (mended.size === 0) return { set, digests };
  remark(
    `${set.name}: the run leaves out ${counted(mended.size, 'image')} that could not be read when it began`,
  );
  const sound = indicesWithout(set, mended);
  return { set: subset(set, sound, set.name), digests: Array.from(sound, (index) => digests[index]!) };
}

function otherImages(
  name: string,
  images: number,
  part: PartName,
  { gone, changed }: { readonly gone: readonly string[]; readonly changed: readonly string[] },
): UserError {
  const expected = part === 'test' ? 'that the run set aside to be tested on' : 'that the run began with';
  const found = [
    ...(gone.length > 0 ? [`${gone.length} gone or unreadable (${listed(gone, 3)})`] : []),
    ...(changed.length > 0 ? [`${changed.length} changed (${listed(changed, 3)})`] : []),
  ];
  return new UserError(
    `${name}: expected the ${counted(images, 'image')} ${expected}, found ${found.join(', ')}`,
  );
}

/**
 * Reports how many images in the folder the run does not know. A folder that cannot be listed is not an error.
 * @throws UserError if images that the run knows now belong to other classes
 */
async function noteUnknownImages(
  record: RunRecord,
  kept: KeptImages,
  {
    at = sourcesOf(record),
    additions,
  }: { readonly at?: DataSources | undefined; readonly additions: boolean },
  context: Context,
): Promise<void> {
  const sets = await setsIn(at, context);
  if (!sets) return;
  const where = sourcesText(at);
  const renamed = expectLabelsKept(where, relabelled(record.labels!, kept, sets));
  if (!additions) return;
  if (renamed !== undefined) context.remarkOnce(renamed);
  const known = knownTo(record, kept);
  const added = namesIn(sets).filter((image) => !known.has(image));
  if (added.length === 0) return;
  const which = added.length === 1 ? '1 image has' : `${added.length} images have`;
  context.remark(
    `${which} been added to ${where} since the run began (${listed(added, 3)}): the run does not use what was added`,
  );
}

/** The data of a run whose images are held in memory once they are read. */
async function ownImages(
  record: RunRecord,
  parts: readonly PartName[],
  at: DataSources | undefined,
  context: Context,
): Promise<Partial<Record<PartName, OwnPart>>> {
  const data = await splitsOf(record, at, context);
  const found: Partial<Record<PartName, OwnPart>> = {};
  for (const part of parts) {
    const set = data[part];
    const before = record.parts![part];
    const now = set && (await fingerprintOf(set, []));
    if (now?.sha256 !== before?.sha256)
      throw new UserError(
        `${set?.name ?? record.data}: expected the ${counted(before?.images ?? 0, 'image')} that the run began with as its ${part} set, found ${now ? `${counted(now.images, 'image')}, not the same` : 'none'}`,
      );
    if (set) found[part] = { set, sha256: [] };
  }
  return found;
}

/** The data of a run that began before fingerprints of all parts were recorded. */
async function olderData(
  record: RunRecord,
  parts: readonly PartName[],
  at: DataSources | undefined,
  context: Context,
): Promise<Partial<Record<PartName, OwnPart>>> {
  const { olderFingerprint: before } = record;
  const data = await (before ? openAsBefore(record, before, at, context) : splitsOf(record, at, context));
  if (data.train.classes.length !== record.classes)
    throw new UserError(
      `${data.train.name}: expected ${counted(record.classes, 'class', 'classes')} as the run began with, found ${data.train.classes.length}`,
    );
  context.remarkOnce(
    before
      ? `${record.data}: the run keeps the names of the images that it learned from but no digests, so nobody can tell whether their content is the same`
      : `${record.data}: the run keeps no fingerprint of its data, so nobody can tell whether the data is the same`,
  );
  return Object.fromEntries(
    parts.flatMap((part) => {
      const set = data[part];
      return set ? [[part, { set, sha256: [] }]] : [];
    }),
  );
}

async function openAsBefore(
  record: RunRecord,
  before: NonNullable<RunRecord['olderFingerprint']>,
  at: DataSources | undefined,
  context: Context,
): Promise<Splits> {
  const data = await splitsOf(record, at, context, asFormerly);
  if (olderFingerprint(data.train)?.sha256 === before.sha256) return data;
  throw new UserError(
    `${data.train.name}: expected the ${counted(before.images, 'image')} that the run began with, found others ` +
      `(${data.train.labels.length}): an image was added, taken away or renamed`,
  );
}

/** How image folders were read when runs recorded only the older fingerprint of them. */
const asFormerly = { partWords: 'former', classOrder: 'bytes' } as const;

function splitsOf(
  record: RunRecord,
  at: DataSources | undefined,
  context: Context,
  reading: Partial<OpenOptions> = {},
): Promise<Splits> {
  const { validationSplit, finetune } = record;
  const options = { ...dataOptions(context), ...reading, summarise: false };
  const sources = at ?? sourcesOf(record);
  return finetune
    ? openFinetuneData(sources, { ...options, validationSplit: validationSplit! })
    : openData(namesOf(sources)[0]!, { ...options, validationSplit });
}
