/** The data of a new run: inspects all of it, and determines what the run records of it. */
import type { BadImagePolicy } from '../../data/image/bad-image';
import type { BadImage } from '../../data/image/bad-image';
import { settledName, leftOutSummary } from '../../data/open';
import { indicesWithout, subset, type ImageSet, type Splits } from '../../data/dataset';
import { expectDecoded } from '../../data/inspect/decoded-sample';
import { fingerprintOf } from '../../data/inspect/fingerprint';
import { inspectImages } from '../../data/inspect/inspect-images';
import { partNames, imagesToKeep, type KeptImages, type PartName } from '../../train/run/images-file';
import type { RunRecord } from '../../train/run/run-record';
import type { Context } from '../context';

/** The data of a new run, with every image inspected. */
export interface BegunData {
  /** The data. If unreadable images are skipped, it is without those of the training set. */
  readonly data: Splits;
  /** What `run.json` records of the data. */
  readonly facts: Pick<
    RunRecord,
    'data' | 'classes' | 'labels' | 'synsets' | 'parts' | 'imageShape' | 'skippedImages'
  >;
  /** What `images.jsonl` records; null for images that are held in memory. */
  readonly kept: KeptImages | null;
  /** The SHA-256 digests of each part's images. */
  readonly digests: Digests;
}

export type Digests = Readonly<Partial<Record<PartName, readonly string[] | undefined>>>;

/**
 * Inspects all images that a new run will see, and determines what it records of them.
 * @param name the data set's name as the user gave it
 * @throws BadImageError for the first unreadable image of any part, unless such images are skipped
 */
export async function beginData(
  name: string,
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
  const skippedImages = [...looked.values()].flatMap(({ bad }) => bad);
  const { classes, synsets } = found.train;
  return {
    data,
    facts: {
      data: await settledName(name, context.root),
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
