import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { CropKind } from '../src/data/crops-for';
import type { ImageSet } from '../src/data/dataset';
import type { FeedOptions } from '../src/data/feed';
import { openTestData, openTuningData } from '../src/data/open';
import type { PackOptions } from '../src/data/pack-pictures';
import { counted } from '../src/counted';
import { UserError } from '../src/errors';
import { openRun, runFiles, type RunRecord } from '../src/train/run-record';
import { note } from './cli';
import { packedSet } from './feed-options';
import { dataOptions, openRunData } from './run-start';

/** What a model is evaluated on: a fine-tuned one by default on what it has not seen of its own data. */
export async function testDataOf(
  folder: string,
  name: string | undefined,
): Promise<{ name: string; found: ImageSet }> {
  const record = existsSync(join(folder, runFiles.record)) ? await openRun(folder) : undefined;
  if (record?.tuning && (name === undefined || resolve(name) === resolve(record.data))) {
    const validationSplit = record.validationSplit!;
    const { test } = await openTuningData(record.data, { ...dataOptions(), validationSplit });
    return { name: record.data, found: test };
  }
  if (name !== undefined) return { name, found: await openTestData(name, dataOptions()) };
  if (record && !record.tuning) {
    const { test } = await openRunData(record.data, record.validationSplit);
    return { name: record.data, found: test };
  }
  throw new UserError(`${folder}: expected --data DIR, to evaluate the model on, found none`);
}

/** What a run is evaluated on: of its own data only what it has not seen; of others all, where they are not parted. */
export async function testDataOfRun(
  { data: learned, validationSplit, classes }: RunRecord,
  name: string | undefined,
): Promise<{ readonly test: ImageSet; readonly own: boolean }> {
  const own = name === undefined || resolve(name) === resolve(learned);
  const test = own
    ? (await openRunData(learned, validationSplit)).test
    : await openTestData(name, dataOptions());
  if (test.classes.length === classes) return { test, own };
  throw new UserError(
    `${test.name}: expected ${counted(classes, 'class', 'classes')} as in training, found ${test.classes.length}`,
  );
}

interface Packing extends FeedOptions {
  readonly cache: string | undefined;
  readonly crops: CropKind | undefined;
  readonly recipe: PackOptions['recipe'];
}

/**
 * The pictures packed, where there is a cache for them. Packed pictures are as large as the recipe's own crops need
 * them, and of other crops too small.
 */
export async function packedFor(data: ImageSet, { cache, crops, ...options }: Packing): Promise<ImageSet> {
  if (cache === undefined) return data;
  if (crops !== undefined)
    throw new UserError(`--cache: expected no --crops with packed pictures, found ${crops}`);
  return packedSet(data, { ...options, cache, onProgress: note });
}
