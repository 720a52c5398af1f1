/** The data of a new run: inspects all of it, and determines what the run records of it. */
import type { BadImagePolicy } from '../../data/image/bad-image';
import type { BadImage } from '../../data/image/bad-image';
import { settledName, leftOutSummary } from '../../data/open';
import { namesOf, type DataSources } from '../../data/put-together';
import { indicesWithout, subset, type ImageSet, type Splits } from '../../data/dataset';
import { expectDecoded } from '../../data/inspect/decoded-sample';
import { fingerprintOf } from '../../data/inspect/fingerprint';
import { inspectImages } from '../../data/inspect/inspect-images';
import { partNames, imagesToKeep, type KeptImages, type PartName } from '../../train/run/images-file';
import type { RunRecord } from '../../train/run/run-record';
import { counted } from '../../core/text/counted';
import type { Context } from '../context';

/** The data of a new run, with every image inspected. */
export interface BegunData {
  /** The data. If unreadable images are skipped, it is without those of the training set. */
  readonly data: Splits;
  /** What `run.json` records of the data. */
  readonly facts: Pick<
    RunRecord,
    | 'data'
    | 'moreData'
    | 'testData'
    | 'classes'
    | 'labels'
    | 'synsets'
    | 'parts'
    | 'imageShape'
    | 'skippedImages'
  >;
  /** What `images.jsonl` records; null for images that are held in memory. */
  readonly kept: KeptImages | null;
  /** The SHA-256 digests of each part's images. */
  readonly digests: Digests;
}

export type Digests = Readonly<Partial<Record<PartName, readonly string[] | undefined>>>;

/**
 * Inspects all images that a new run will see, and determines what it records of them.
 * @param sources where it lies, as the user gave it
 * @throws BadImageError for the first unreadable image of any part, unless such images are skipped
 */
export async function beginData(
  sources: DataSources,
  found: Splits,
  onBadImage: BadImagePolicy | undefined,
  context: Context,
): Promise<BegunData> {
  const looked = new Map<PartName, Awaited<ReturnType<typeof lookAt>>>();
  for (const part of partNames) {
    const set = found[part];
    if (set) looked.set(part, await lookAt(set, part, onBadImage, context));
  }
  const [train, validation, test] = partNames.map((part) => looked.get(part));
  const data: Splits = {
    train: train!.set,
    ...(validation && { validation: validation.set }),
    test: test!.set,
  };
  const digests: Digests = Object.fromEntries([...looked].map(([part, { sha256 }]) => [part, sha256]));
  if (found.test.kind === 'files') remarkLeaks(found.test.name, digests, context);
  const skippedImages = [...looked.values()].flatMap(({ bad }) => bad);
  const { classes, synsets } = found.train;
  return {
    data,
    facts: {
      ...(await settledSources(sources, context)),
      classes: classes.length,
      labels: [...classes],
      ...(synsets && { synsets: [...synsets] }),
      parts: {
        train: await partOf(train!),
        ...(validation && { validation: await partOf(validation) }),
        test: await partOf(test!),
      },
      ...(found.train.kind === 'pixels' && { imageShape: [...found.train.shape] as const }),
      ...(skippedImages.length > 0 && { skippedImages }),
    },
    kept: imagesToKeep(data, digests, new Set(test!.stays)),
    digests,
  };
}

/** The places of a run's data as its record keeps them. */
export async function settledSources(
  sources: DataSources,
  { root }: Pick<Context, 'root'>,
): Promise<Pick<RunRecord, 'data' | 'moreData' | 'testData'>> {
  const { test } = sources;
  const [data, ...moreData] = await Promise.all(namesOf(sources).map((name) => settledName(name, root)));
  return {
    data: data!,
    ...(moreData.length > 0 && { moreData }),
    ...(test !== undefined && { testData: await settledName(test, root) }),
  };
}

/** An image that is learned from, or chooses the best epoch, and is tested on, makes the error look lower than it is. */
function remarkLeaks(
  name: string,
  { train = [], validation = [], test = [] }: Digests,
  { remark }: Context,
): void {
  const known = new Set([...train, ...validation]);
  const leaks = test.filter((digest) => known.has(digest)).length;
  if (leaks === 0) return;
  remark(
    `${name}: ${leaks} of its ${counted(test.length, 'image')} ${leaks === 1 ? 'is' : 'are'} also among those to learn from: the error will say too little about new images`,
  );
}

interface Looked {
  readonly set: ImageSet;
  /** The digests of the set's images. */
  readonly sha256: readonly string[];
  /** The images that were left out of the set. */
  readonly bad: readonly BadImage[];
  /** The names of unreadable images that are not left out. */
  readonly stays: readonly string[];
}

async function lookAt(
  set: ImageSet,
  part: PartName,
  onBadImage: BadImagePolicy | undefined,
  { remark }: Context,
): Promise<Looked> {
  if (set.kind === 'pixels') return { set, sha256: [], bad: [], stays: [] };
  const { sha256, bad } = await inspectImages(set, { onBadImage, onProgress: remark });
  await expectDecoded(set, bad, onBadImage);
  if (bad.length > 0) remark(leftOutSummary(set, bad));
  // Unreadable images of the test set stay: each evaluation leaves them out, and its report says so.
  if (part === 'test') return { set, sha256, bad: [], stays: bad.map(({ file }) => file) };
  if (bad.length === 0) return { set, sha256, bad, stays: [] };
  const sound = indicesWithout(set, new Set(bad.map(({ index }) => index)));
  return {
    set: subset(set, sound, set.name),
    sha256: Array.from(sound, (index) => sha256[index]!),
    bad: bad.map(({ file, reason }) => ({ file, reason })),
    stays: [],
  };
}

async function partOf({ set, sha256 }: Looked) {
  return { name: set.name, ...(await fingerprintOf(set, sha256)) };
}
