/** The data of a run: what it begins with is written down, and whoever opens it later gets the same or is told. */
import { existsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { refused, type BadPicturePolicy } from '../src/data/bad-picture-policy';
import type { SkippedPicture } from '../src/data/batches';
import { dataRoot } from '../src/data/data-root';
import { subset, type ImageSet, type Splits } from '../src/data/dataset';
import { fingerprintOf } from '../src/data/fingerprint';
import { inspectPictures, lookedAt } from '../src/data/inspect-pictures';
import { listingOf } from '../src/data/listing';
import { openData, openParts, openTuningData, settledName, type OpenOptions } from '../src/data/open';
import { listed } from '../src/data/picture-files';
import type { Pictures } from '../src/data/pictures';
import { webFetch } from '../src/data/web-fetch';
import { counted } from '../src/counted';
import { UserError } from '../src/errors';
import {
  keptPart,
  partNames,
  picturesToKeep,
  readImagesFile,
  type KeptPictures,
  type PartName,
} from '../src/train/images-file';
import type { RunRecord } from '../src/train/run-record';
import { note } from './cli';

/** Drawn and split data are the same for every run: its seed is not the run's. */
const dataSeed = 1;

/** How every command opens data. */
export function dataOptions(): OpenOptions {
  return { root: dataRoot(process.env), seed: dataSeed, fetch: webFetch(process.env), onProgress: noteOnce };
}

const noted = new Set<string>();

/** Of several networks, each opens the data anew; what is said of it is said once. */
function noteOnce(line: string): void {
  if (noted.has(line)) return;
  noted.add(line);
  note(line);
}

/** The data of a new run, looked at from the first picture to the last. */
export interface BegunData {
  /** Without the pictures to learn from that cannot be read, where such are skipped. */
  readonly data: Splits;
  /** What `run.json` keeps of it. */
  readonly facts: Pick<RunRecord, 'data' | 'classes' | 'labels' | 'synsets' | 'parts' | 'skippedPictures'>;
  /** What `images.jsonl` keeps; null of images that lie in memory. */
  readonly kept: KeptPictures | null;
  /** Of each part's pictures, their SHA-256. */
  readonly digests: Digests;
}

export type Digests = Readonly<Partial<Record<PartName, readonly string[] | undefined>>>;

/**
 * Looks at all images that a new run will see, and settles what it remembers of them.
 * @param name as it was asked for
 * @throws BadPicture for the first of any part that cannot be read, unless such are skipped
 */
export async function beginData(
  name: string,
  found: Splits,
  onBadPicture: BadPicturePolicy | undefined,
): Promise<BegunData> {
  const looked = new Map<PartName, Awaited<ReturnType<typeof lookAt>>>();
  for (const part of partNames) {
    const set = found[part];
    if (set) looked.set(part, await lookAt(set, part, onBadPicture));
  }
  const [train, validation, test] = partNames.map((part) => looked.get(part));
  const data: Splits = {
    train: train!.set,
    ...(validation && { validation: validation.set }),
    test: test!.set,
  };
  const digests: Digests = Object.fromEntries([...looked].map(([part, { sha256 }]) => [part, sha256]));
  const skippedPictures = [...looked.values()].flatMap(({ bad }) => bad);
  const { classes, synsets } = found.train;
  return {
    data,
    facts: {
      data: await settledName(name, dataOptions().root),
      classes: classes.length,
      labels: [...classes],
      ...(synsets && { synsets: [...synsets] }),
      parts: {
        train: await partOf(train!),
        ...(validation && { validation: await partOf(validation) }),
        test: await partOf(test!),
      },
      ...(skippedPictures.length > 0 && { skippedPictures }),
    },
    kept: picturesToKeep(data, digests),
    digests,
  };
}

interface Looked {
  readonly set: ImageSet;
  /** Of the set's pictures. */
  readonly sha256: readonly string[];
  /** What was left out of it. */
  readonly bad: readonly SkippedPicture[];
}

async function lookAt(
  set: ImageSet,
  part: PartName,
  onBadPicture: BadPicturePolicy | undefined,
): Promise<Looked> {
  if (set.kind === 'images') return { set, sha256: [], bad: [] };
  const { sha256, bad } = await inspectPictures(set, { onBadPicture, onProgress: note });
  // Those of the test set stay: each evaluation leaves them out, and its report says so.
  if (bad.length === 0 || part === 'test') return { set, sha256, bad: [] };
  const without = new Set(bad.map(({ index }) => index));
  const sound = Int32Array.from(set.labels.keys()).filter((index) => !without.has(index));
  return {
    set: subset(set, sound, set.name),
    sha256: Array.from(sound, (index) => sha256[index]!),
    bad: bad.map(({ file, reason }) => ({ file, reason })),
  };
}

async function partOf({ set, sha256 }: Looked) {
  return { name: set.name, ...(await fingerprintOf(set, sha256)) };
}

/** A part of a run's data, as it was. */
export interface OwnPart {
  readonly set: ImageSet;
  /** Of the set's pictures; none of images that lie in memory. */
  readonly sha256: readonly string[];
}

export interface OwnDataOptions {
  /** What for: to go on learning from all of it, or to test on what was set aside. */
  readonly parts: readonly PartName[];
  /** Where the data lies now. Default: where it lay. */
  readonly at?: string | undefined;
  readonly onBadPicture?: BadPicturePolicy | undefined;
}

/**
 * Opens the data of a run that was begun: the very images, parted as they were, by the names that they had.
 * @throws UserError where an image is gone or another, or it cannot be told whether it is
 */
export async function ownData(
  folder: string,
  record: RunRecord,
  { parts, at, onBadPicture }: OwnDataOptions,
): Promise<Readonly<Partial<Record<PartName, OwnPart>>>> {
  const kept = await readImagesFile(folder);
  if (!kept) return record.parts ? ownImages(record, parts, at) : olderData(record, parts, at);
  const there = at === undefined ? kept : { ...kept, folder: movedTo(kept, record, at) };
  expectFolder(there.folder, at);
  const found: Partial<Record<PartName, OwnPart>> = {};
  for (const part of parts) {
    const named = { name: record.parts![part]?.name ?? '', classes: record.labels!, ...synsetsOf(record) };
    const own = keptPart(there, part, named);
    if (!own) continue;
    await expectUnchanged(own.set, own.digests, part, onBadPicture);
    found[part] = { set: own.set, sha256: own.digests };
  }
  await noteAdditions(record, there, at);
  return found;
}

function synsetsOf({ synsets }: RunRecord): Pick<Pictures, 'synsets'> {
  return synsets ? { synsets } : {};
}

/** The common folder of the pictures may lie within the data's own, or be that of its archives. */
function movedTo({ folder }: KeptPictures, { data }: RunRecord, at: string): string {
  const before = data.endsWith('.tar') ? dirname(data) : data;
  const now = at.endsWith('.tar') ? dirname(resolve(at)) : resolve(at);
  return folder.startsWith(before) ? `${now}${folder.slice(before.length)}` : now;
}

/** Whether the run's own pictures lie in a folder: the first of them that it set aside is there. */
export async function liesAt(folder: string, record: RunRecord, at: string): Promise<boolean> {
  const kept = await readImagesFile(folder);
  const first = kept?.pictures.find(({ part }) => part === 'test');
  if (!kept || !first) return false;
  const place = { file: resolve(movedTo(kept, record, at), first.file) };
  const { sha256 } = await lookedAt(
    {
      kind: 'pictures',
      name: '',
      synthetic: false,
      classes: [''],
      labels: new Int32Array(1),
      places: [{ ...place, ...(first.within && { part: first.within }) }],
    },
    { onBadPicture: 'skip' },
  );
  return sha256[0] === first.sha256;
}

function expectFolder(folder: string, at: string | undefined): void {
  if (existsSync(folder)) return;
  const hint = at === undefined ? '; --data says where it lies now' : '';
  throw new UserError(
    `${folder}: expected the pictures that the run began with, found no such folder${hint}`,
  );
}

async function expectUnchanged(
  set: Pictures,
  digests: readonly string[],
  part: PartName,
  onBadPicture: BadPicturePolicy | undefined,
): Promise<void> {
  const { sha256, bad } = await lookedAt(set, { onBadPicture: 'skip', onProgress: note });
  const same = (index: number) => sha256[index] === digests[index];
  const damaged = bad.find(({ index }) => same(index)); // from the beginning
  if (damaged && onBadPicture !== 'skip') throw refused(damaged);
  const unreadable = new Set(bad.map(({ index }) => index));
  // One that cannot be read any more is left out where that is asked for, as one that is gone.
  const gone = onBadPicture === 'skip' ? [] : bad.flatMap(({ file, index }) => (same(index) ? [] : [file]));
  const changed = set.places.flatMap(({ file, part: within }, index) =>
    unreadable.has(index) || same(index) ? [] : [within?.name ?? file],
  );
  if (gone.length + changed.length === 0) return;
  const expected = part === 'test' ? 'that the run set aside to be tested on' : 'that the run began with';
  const found = [
    ...(gone.length > 0 ? [`${gone.length} gone or unreadable (${listed(gone, 3)})`] : []),
    ...(changed.length > 0 ? [`${changed.length} changed (${listed(changed, 3)})`] : []),
  ];
  throw new UserError(
    `${set.name}: expected the ${counted(digests.length, 'picture')} ${expected}, found ${found.join(', ')}`,
  );
}

/** Says how many pictures lie in the folder that the run does not know; that a listing fails is no reason to stop. */
async function noteAdditions(record: RunRecord, kept: KeptPictures, at: string | undefined): Promise<void> {
  try {
    const found = await openParts(at ?? record.data, { ...dataOptions(), onProgress: undefined });
    const key = (file: string, name: string | undefined) => JSON.stringify([file, name ?? null]);
    const known = new Set([
      ...kept.pictures.map(({ file, within }) => key(resolve(kept.folder, file), within?.name)),
      ...(record.skippedPictures ?? []).map(({ file }) => key(resolve(file), undefined)),
    ]);
    const places = partNames.flatMap((part) => {
      const set = found[part];
      return set?.kind === 'pictures' ? set.places : [];
    });
    const added = places.filter(({ file, part }) => !known.has(key(resolve(file), part?.name)));
    if (added.length === 0) return;
    const which = added.length === 1 ? '1 picture has' : `${added.length} pictures have`;
    note(
      `${which} been added to ${record.data} since the run began (${listed(
        added.map(({ file }) => file),
        3,
      )}): it does not learn from them, and is not tested on them`,
    );
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
  }
}

/** Of images that lie in memory once they are read. */
async function ownImages(
  record: RunRecord,
  parts: readonly PartName[],
  at: string | undefined,
): Promise<Partial<Record<PartName, OwnPart>>> {
  const data = await splitsOf(record, at);
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

/** Of a run that was begun before fingerprints of all parts were kept. */
async function olderData(
  record: RunRecord,
  parts: readonly PartName[],
  at: string | undefined,
): Promise<Partial<Record<PartName, OwnPart>>> {
  const { listing } = record;
  const data = await (listing ? asListed(record, listing, at) : splitsOf(record, at));
  if (data.train.classes.length !== record.classes)
    throw new UserError(
      `${data.train.name}: expected ${counted(record.classes, 'class', 'classes')} as the run began with, found ${data.train.classes.length}`,
    );
  if (!listing)
    note(
      `${record.data}: the run keeps no fingerprint of its data, so that it cannot be told whether it is the same`,
    );
  return Object.fromEntries(
    parts.flatMap((part) => {
      const set = data[part];
      return set ? [[part, { set, sha256: [] }]] : [];
    }),
  );
}

async function asListed(
  record: RunRecord,
  listing: NonNullable<RunRecord['listing']>,
  at: string | undefined,
): Promise<Splits> {
  const data = await splitsOf(record, at, asFormerly);
  if (listingOf(data.train)?.sha256 === listing.sha256) return data;
  throw new UserError(
    `${data.train.name}: expected the ${counted(listing.pictures, 'picture')} that the run began with, found others ` +
      `(${data.train.labels.length}): a picture was added, taken away or renamed`,
  );
}

/** How folders of pictures were read when runs kept no more of them than a listing. */
const asFormerly = { partWords: 'former', classOrder: 'bytes' } as const;

function splitsOf(
  { validationSplit, tuning, data }: RunRecord,
  at: string | undefined,
  reading: Partial<OpenOptions> = {},
): Promise<Splits> {
  const options = { ...dataOptions(), ...reading, summarise: false };
  return tuning
    ? openTuningData(at ?? data, { ...options, validationSplit: validationSplit! })
    : openData(at ?? data, { ...options, validationSplit });
}
