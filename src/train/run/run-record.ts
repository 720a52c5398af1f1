/** `run.json`, the record of what a run trains and how, and the other files in a run's folder. */
import { importCall, resumeCall } from '../../core/text/wording';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { wires } from '../../core/io/process/gradient-sum';
import { conventions } from '../../weights/import/toolkit-layout';
import type { BadImage } from '../../data/image/bad-image';
import { badImagePolicies } from '../../data/image/bad-image';
import { sourcesText, type DataSources } from '../../data/put-together';
import { UserError } from '../../core/errors';
import type { Recipe } from '../../core/network';
import { writeFileAtomically, makeFolder } from '../../core/io/files';
import { keptTextIfThere } from '../../core/io/kept-file';
import { parseSealedJson, sealedJson } from '../../core/text/sealed-json';
import { parseRecipe } from '../../core/recipe/overrides';
import { withTodaysNames } from './older-names';
import { startSchema } from './start-from';
import { kindText } from '../../weights/formats/kinds/file-kinds';
import { kindOfPath } from '../../weights/formats/read-weights';
import { precisions, stepKinds } from '../../graph/precision';

export const finetuneSchema = z.strictObject({
  /** The file or folder whose weights it starts from, as the user gave it. */
  weights: z.string(),
  /** The naming convention of the file, if the user gave it. */
  names: z.enum(conventions).exactOptional(),
  /** The digest of the weights in it: a run that is resumed starts from the same weights or not at all. */
  sha256: z.string(),
  /** Where the weights come from: plain data, for information. */
  source: z.record(z.string(), z.unknown()),
  /** Layers that keep their weights. */
  frozen: z.array(z.string()),
  /** Whether the outputs of the frozen layers for the images were computed once. */
  features: z.boolean(),
  /** For a head that is solved: whether it is solved again with the images that chose the weight decay included. */
  withValidation: z.literal(true).exactOptional(),
});

/** What `run.json` says of a fine-tuning. */
export type FinetuneRecord = Readonly<z.infer<typeof finetuneSchema>>;

/** See `fingerprintOf`. */
const partSchema = z.strictObject({ name: z.string(), images: z.int().min(0), sha256: z.string() });

const recordSchema = z.object({
  network: z.string(),
  /** The name of the data set, or the absolute path of its folder or archives; in older runs the value of `--data`. */
  data: z.string(),
  /** Further data sets that were put together with it. */
  moreData: z.array(z.string()).min(1).exactOptional(),
  /** The data set whose test set the run is tested on, where it is another. */
  testData: z.string().exactOptional(),
  classes: z.int().positive(),
  /** The names of the classes, and their WordNet ids if the data has them, by index. Older runs do not have these. */
  labels: z.array(z.string()).exactOptional(),
  synsets: z.array(z.string()).exactOptional(),
  /** A fingerprint of each part of the data. Older runs do not have it. */
  parts: z
    .strictObject({ train: partSchema, validation: partSchema.exactOptional(), test: partSchema })
    .exactOptional(),
  /** The stored shape of images in memory, `[height, width, channels]`. Older runs do not have it. */
  imageShape: z.tuple([z.int().positive(), z.int().positive(), z.int().positive()]).exactOptional(),
  recipe: z.unknown(),
  seed: z.int(),
  /** Images held out of the training set to choose the best epoch. */
  validationImages: z.int().min(0),
  /** The share of each class that was split off the training set to be the validation set. */
  validationSplit: z.number().gt(0).lt(1).exactOptional(),
  /** In older runs, a fingerprint of the training set: see `olderFingerprint` in `fingerprint.ts`. */
  olderFingerprint: z.strictObject({ images: z.int(), sha256: z.string() }).exactOptional(),
  /** The number of images to learn from, drawn from the training set. Default: all that are not held out. */
  trainingImages: z.int().positive().exactOptional(),
  /** Default: `fail`. */
  onBadImage: z.enum(badImagePolicies).exactOptional(),
  /** The folder into which images are packed and from which they are read: see `packImages`. */
  cache: z.string().exactOptional(),
  /** Updates between checkpoints; one is written after each epoch as well. */
  checkpointEvery: z.int().positive(),
  /** Trained weights that the first update started from. */
  start: startSchema.exactOptional(),
  /** The training ends early after this many epochs without a lower validation error. */
  patience: z.int().positive().exactOptional(),
  /** Set for a fine-tuning, which starts from trained weights and replaces the head. */
  finetune: finetuneSchema.exactOptional(),
  /** How updates are computed. */
  step: z.enum(stepKinds).default('auto'),
  precision: z.enum(precisions).default('float32'),
  /** The numbers in which gradients travel between ranks. Default: `float32`. */
  wire: z.enum(wires).exactOptional(),
  /** The ranks by whose number batch and rate were multiplied. */
  linearScaling: z.int().min(2).exactOptional(),
  command: z.string(),
  commit: z.string().nullable(),
  started: z.string(),
  machine: z.record(z.string(), z.unknown()),
  /** The images left out so far, sorted by name. */
  skippedImages: z.array(z.strictObject({ file: z.string(), reason: z.string() })).exactOptional(),
});

/**
 * What was decided before a run's first update. It is written to `run.json` and then not changed, except for
 * `skippedImages` and, if the run is resumed with other options, `onBadImage` and the path of its data.
 */
export type RunRecord = Omit<z.infer<typeof recordSchema>, 'recipe'> & { readonly recipe: Recipe };

type OwnData = Pick<RunRecord, 'data' | 'moreData' | 'testData'>;

/** Where the images of a run lay when it began. */
export function sourcesOf({ data, moreData = [], testData }: OwnData): DataSources {
  return { data: [data, ...moreData], ...(testData !== undefined && { test: testData }) };
}

/** What a run learned from and is tested on, for reports: see `sourcesText`. */
export function dataText(record: OwnData): string {
  return sourcesText(sourcesOf(record));
}

/** The files of a run's folder. */
export const runFiles = {
  record: 'run.json',
  log: 'log.jsonl',
  last: 'last.safetensors',
  best: 'best.safetensors',
  report: 'report.json',
} as const;

/**
 * Makes the run's folder and its `run.json`, which is first read back as a check.
 * @param fill writes the run's other initial files, before `run.json`: a folder without that file is not a run
 * @throws UserError when the folder already holds a run, or a checkpoint of an unknown run, from which the training
 *   would resume; or when the record could not be read back
 */
export async function createRun(
  folder: string,
  record: RunRecord,
  fill: (folder: string) => Promise<void> = async () => undefined,
): Promise<void> {
  parsedRecord(textOf(record), join(folder, runFiles.record));
  await expectNewRun(folder);
  await makeFolder(folder);
  await fill(folder);
  await writeRecord(folder, record);
}

/** @throws UserError when a run cannot begin in a folder: see `createRun` */
export async function expectNewRun(folder: string): Promise<void> {
  if (recordText(folder)) {
    throw new UserError(
      `${folder}: expected a new folder, found a run; resume it by ${resumeCall('train', folder)}`,
    );
  }
  const left = [runFiles.last, runFiles.best].find((name) => existsSync(join(folder, name)));
  if (left !== undefined) {
    throw new UserError(
      `${folder}: expected a new folder, found ${left} of a run without its ${runFiles.record}; move it away first`,
    );
  }
}

/** @throws UserError when the folder holds no run, or its `run.json` is damaged */
export async function openRun(folder: string): Promise<RunRecord> {
  const path = join(folder, runFiles.record);
  const text = recordText(folder);
  if (text === undefined)
    throw new UserError(
      `${folder}: expected a run's folder, found ${await foundInstead(folder, `no ${runFiles.record} in it`)}`,
    );
  return parsedRecord(text, path);
}

/** @param path the file's path, for messages */
function parsedRecord(text: string, path: string): RunRecord {
  try {
    const record = recordSchema.parse(withTodaysNames(parseSealedJson(text, path, "a run's record")));
    return { ...record, recipe: parseRecipe(record.recipe, path) };
  } catch (error) {
    if (error instanceof UserError) throw error;
    const [issue] = error instanceof z.ZodError ? error.issues : [];
    if (!issue) throw error;
    const where = `${issue.path.join('.')}: ${issue.message}`;
    throw new UserError(
      `${path}: expected a run's record, found a damaged one (${where.replaceAll(/\s+/g, ' ')})`,
    );
  }
}

/** Adds images that were left out to the list in `run.json`. */
export async function noteSkipped(folder: string, images: readonly BadImage[]): Promise<void> {
  const record = await openRun(folder);
  const all = new Map([...(record.skippedImages ?? []), ...images].map(({ file, reason }) => [file, reason]));
  const skippedImages = [...all].sort().map(([file, reason]) => ({ file, reason }));
  await writeRecord(folder, { ...record, skippedImages });
}

/** Replaces `run.json` when a run is resumed with another policy for bad images, or with data that was moved. */
export async function writeRecord(folder: string, record: RunRecord): Promise<void> {
  await writeFileAtomically(join(folder, runFiles.record), Buffer.from(textOf(record)));
}

function textOf(record: RunRecord): string {
  return `${JSON.stringify(sealedJson(record), null, 2)}\n`;
}

function recordText(folder: string): string | undefined {
  return keptTextIfThere(join(folder, runFiles.record));
}

/**
 * What was found where the folder of a run (or of a model) was expected, for a message.
 * @param lacking what to say of an ordinary folder, such as `no run.json in it`
 */
export async function foundInstead(path: string, lacking: string): Promise<string> {
  const kind = await kindOfPath(path).catch(() => undefined); // a path that does not exist lacks the file too
  if (!kind) return lacking;
  const makes = `${importCall()} makes a model’s folder of`;
  if ('reader' in kind) return `a file of weights; ${makes} it`;
  if (kind.is === 'files') return `${lacking}, but files of weights; ${makes} one`;
  return kind.is === 'folder' ? lacking : kindText(kind);
}
