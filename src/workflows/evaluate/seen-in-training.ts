/** Which images of a data set were used in a network's training, either to learn from or to choose its best epoch. */
import { elementCount } from '../../core/shape';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { absoluteName } from '../../data/image/bad-image';
import type { Dataset, ImageSet } from '../../data/dataset';
import { UserError } from '../../core/errors';
import { readImagesFile } from '../../train/run/images-file';
import { openRun, runFiles, type RunRecord } from '../../train/run/run-record';
import type { Context } from '../context';
import { originOf, startedFromFolder } from '../train/started-from';
import type { InFolder, TestData } from './evaluation-data';
import { reopenData } from '../data/reopen-data';

type Seen = ReadonlySet<number>;
type Shown = Pick<TestData, 'set' | 'own' | 'fingerprint' | 'sha256'>;

export interface SeenInTraining {
  /**
   * The images used in the training of a network, of the network whose weights it started from, and so on. Undefined if
   * none are known but some of these trainings cannot be examined.
   */
  readonly indices: Seen | undefined;
  /** The folders of runs whose training cannot be examined. */
  readonly unknown: readonly string[];
}

/** Finds the images that were used in a training, and reports why if a run's training cannot be examined. */
export async function seenInTraining(
  { folder, record }: Pick<InFolder, 'folder' | 'record'>,
  shown: Shown,
  context: Context,
): Promise<SeenInTraining> {
  let all: Seen | undefined;
  const unknown: string[] = [];
  for (const { folder: at, record: one } of await ancestry(folder, record)) {
    const seen = one && (await seenBy(at, one, { ...shown, own: shown.own && at === folder }, context));
    if (seen) all = new Set([...(all ?? []), ...seen]);
    else unknown.push(at);
    if (!one)
      context.remarkOnce(
        `${at}, which ${folder} started from, ${existsSync(at) ? `keeps no ${runFiles.record}` : 'is gone'}: it cannot be told whether these images served its training`,
      );
  }
  // A count that may be too low is still reported, unless it is 0: that would be read as a guarantee.
  return { indices: unknown.length === 0 || (all && all.size > 0) ? all : undefined, unknown };
}

interface Ancestor {
  readonly folder: string;
  /** Null if the folder no longer exists, or contains no record. */
  readonly record: RunRecord | null;
}

/** A run, and the runs whose weights it started from. */
async function ancestry(folder: string, record: RunRecord | null): Promise<readonly Ancestor[]> {
  const found: Ancestor[] = [];
  const visited = new Set<string>();
  let next: { folder: string; record: RunRecord } | undefined = record ? { folder, record } : undefined;
  while (next && !visited.has(resolve(next.folder))) {
    visited.add(resolve(next.folder));
    found.push(next);
    const before = originOf(next.record, next.folder);
    const kept = join(next.folder, startedFromFolder);
    next = undefined;
    if (before === undefined) break;
    const at = [kept, before].find((one) => existsSync(join(one, runFiles.record)));
    if (at === undefined) found.push({ folder: before, record: null });
    else next = { folder: at, record: await openRun(at) };
  }
  return found;
}

async function seenBy(
  folder: string,
  record: RunRecord,
  shown: Shown,
  context: Context,
): Promise<Seen | undefined> {
  const { set, own, fingerprint, sha256 } = shown;
  const all = Array.from(set.labels.keys());
  const kept = readImagesFile(folder);
  if (kept && set.kind === 'files') {
    const learned = new Set(kept.images.filter(({ part }) => part !== 'test').map((image) => image.sha256));
    return new Set(all.filter((index) => learned.has(sha256[index]!)));
  }
  if (own) return new Set();
  if (kept || (record.parts && set.kind === 'files')) return new Set(); // an image is never both a file and in memory
  const { parts } = record;
  if (parts && [parts.train, parts.validation].some((part) => part?.sha256 === fingerprint.sha256))
    return new Set(all);
  return seenByContent(folder, record, set, context);
}

/** Compares the pixels of images in memory, or the names of files, if the run's own data still exists. */
async function seenByContent(
  folder: string,
  record: RunRecord,
  set: ImageSet,
  context: Context,
): Promise<Seen | undefined> {
  try {
    const found = await reopenData(
      folder,
      record,
      { parts: ['train', 'validation'], additions: false },
      context,
    );
    const keys = await Promise.all(Object.values(found).map((part) => keysOf(part.set)));
    const learned = new Set(keys.flat());
    return new Set((await keysOf(set)).flatMap((key, index) => (learned.has(key) ? [index] : [])));
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    context.remark(
      `${folder}: it cannot be told whether it learned from any of these images (${error.message})`,
    );
    return undefined;
  }
}

async function keysOf(set: ImageSet): Promise<readonly string[]> {
  return set.kind === 'files' ? set.files.map(absoluteName) : digestsOf(set);
}

/** How many images are hashed at a time. */
const atATime = 1024;

async function digestsOf({ labels, shape, pixels }: Dataset): Promise<readonly string[]> {
  const size = elementCount(shape);
  const digests: string[] = [];
  const indices = Int32Array.from(labels.keys());
  for (let start = 0; start < indices.length; start += atATime) {
    const part = indices.subarray(start, start + atATime);
    const bytes = await pixels(part);
    for (const row of part.keys())
      digests.push(
        createHash('sha256')
          .update(bytes.subarray(row * size, (row + 1) * size))
          .digest('hex'),
      );
  }
  return digests;
}
