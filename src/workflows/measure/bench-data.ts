/** How fast images of a folder are read, or a network learns from them. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { UserError } from '../../core/errors';
import { expectOptions, type OptionNames } from '../../core/given/options';
import { positiveNumber, wholeNumber, workersOf } from '../../core/given/numbers';
import { option } from '../../core/text/wording';
import { packImages } from '../../data/cache/pack-images';
import type { ImageFiles } from '../../data/dataset';
import { openImageFolder } from '../../data/formats/image-folder/image-folder';
import { checkPrecision, precisions, type Precision } from '../../graph/precision';
import { loaderTable, type LoaderTable, type Turn } from '../../report/bench/bench-data';
import { cpuFeatures, machine, type Machine } from '../../runtime/machine';
import {
  networkOf,
  openContext,
  workflowOptions,
  type Context,
  type WorkflowOptions,
  type Zoo,
} from '../context';
import { foundPath } from '../data/found-path';
import { ownLoader, readingRecipe, sharpLoader, type TimedLoader } from './loaders';
import { trainingLoaders } from './training-loaders';

export interface BenchDataOptions extends WorkflowOptions {
  /** How many turns of each way. Default: 5. */
  readonly rounds?: number | undefined;
  /** Seconds of a turn, when images are only read. Default: 2. */
  readonly seconds?: number | undefined;
  /** The network that learns from the images. Default: none, they are only read. */
  readonly train?: string | undefined;
  /** With `train`: images in an update. Default: 16. */
  readonly batch?: number | undefined;
  /** With `train`: updates in a turn. Default: 10. */
  readonly steps?: number | undefined;
  /** With `train`: threads that load images. Default: one for each core. */
  readonly workers?: number | undefined;
  /** With `train`. Default: `float32`. */
  readonly precision?: Precision | undefined;
  /** Further ways of reading the images, timed beside, such as another toolkit's. */
  readonly peers?: ((images: ImageFiles, cache: string) => Promise<Peers>) | undefined;
}

const names: OptionNames<BenchDataOptions> = {
  rounds: 'optional',
  seconds: 'optional',
  train: 'optional',
  batch: 'optional',
  steps: 'optional',
  workers: 'optional',
  precision: precisions,
  peers: 'optional',
  ...workflowOptions,
};

/** Ways of reading images beside our own. */
export interface Peers {
  /** A reader with so many workers; its name has the number after a comma. */
  readonly loader: (workers: number) => TimedLoader;
  readonly end: () => void;
}

/** What was timed, on which images, by what. */
export interface BenchedData extends LoaderTable {
  readonly folder: string;
  readonly images: number;
  readonly rounds: number;
  readonly steps?: number;
  readonly seconds?: number;
  readonly command: string;
  readonly commit: string | null;
  readonly machine: Machine;
}

/**
 * Times in turns how images are read: by sharp alone, by our batches from the folder and from packed images; or, with
 * `train`, how a network learns from memory, from packed images and from the folder.
 * @param folder images by class
 * @throws UserError for a folder without images, and options that do not fit
 */
export async function benchData(
  zoo: Zoo,
  folder: string,
  options: BenchDataOptions = {},
): Promise<BenchedData> {
  expectOptions('benchData', options, names);
  const { train } = options;
  const rounds = wholeNumber('rounds', options.rounds ?? 5, 1);
  const seconds = positiveNumber('seconds', options.seconds ?? 2);
  const steps = wholeNumber('steps', options.steps ?? usualSteps, 1);
  const context = await openContext(zoo, ['benchData', folder, options], options);
  const found = await openImageFolder(foundPath(folder, context.root), basename(resolve(folder)));
  const data = found.train ?? found.validation ?? found.test;
  if (!data) throw new UserError(`${folder}: expected images, found none`);
  const cache = await mkdtemp(join(tmpdir(), 'lineage-packed-'));
  try {
    const table =
      train === undefined
        ? await benchReading(data, cache, { ...options, rounds, seconds }, context)
        : await benchTraining(data, cache, { ...options, train, rounds, steps }, context);
    return {
      folder,
      images: data.files.length,
      rounds,
      ...(train === undefined ? { seconds } : { steps }),
      ...context.provenance,
      ...table,
      machine: machine(context.runtime),
    };
  } finally {
    await rm(cache, { recursive: true, force: true });
  }
}

/** The default number of updates in a turn. */
const usualSteps = 10;

type Reading = BenchDataOptions & { readonly rounds: number; readonly seconds: number };

/** Reading with one worker and with two: plain sharp, peers, and our batches from the folder and from packed images. */
async function benchReading(
  data: ImageFiles,
  cache: string,
  { rounds, seconds, peers }: Reading,
  { remark }: Context,
): Promise<LoaderTable> {
  const packed = await packImages(data, { cache, recipe: readingRecipe, onProgress: remark });
  const further = await peers?.(data, cache);
  try {
    const theirs = further ? [1, 2].map((workers) => further.loader(workers)) : [];
    const loaders = [1, 2].flatMap((workers, at): TimedLoader[] => [
      sharpLoader(`sharp, ${workers}`, data, workers),
      ownLoader(`folder, ${workers}`, data, workers),
      ownLoader(`packed, ${workers}`, packed, workers),
      ...theirs.slice(at, at + 1),
    ]);
    const fed = await inTurns(loaders, rounds, seconds, remark);
    const pairs = [1, 2].flatMap((workers, at) => [
      [`folder, ${workers}`, `sharp, ${workers}`] as const,
      ...theirs.slice(at, at + 1).map(({ name }) => [`folder, ${workers}`, name] as const),
      [`packed, ${workers}`, `folder, ${workers}`] as const,
      [`packed, ${workers}`, `sharp, ${workers}`] as const,
    ]);
    return loaderTable('reading, workers', fed, pairs);
  } finally {
    further?.end();
  }
}

type Training = BenchDataOptions & {
  readonly train: string;
  readonly rounds: number;
  readonly steps: number;
};

/** Updates of a network: on one batch in memory, from packed images and from the folder. */
async function benchTraining(
  data: ImageFiles,
  cache: string,
  { train, precision = 'float32', batch = 16, steps, rounds, workers }: Training,
  { zoo, runtime, remark }: Context,
): Promise<LoaderTable> {
  checkPrecision('auto', precision, runtime.backend, cpuFeatures());
  const { loaders, end } = await trainingLoaders(data, cache, {
    network: networkOf(zoo, train, option('train')),
    precision,
    batch: wholeNumber('batch', batch, 1),
    steps,
    workers: workersOf(workers),
    onProgress: remark,
  });
  try {
    const fed = await inTurns(loaders, rounds, 0, remark);
    const pairs = ['packed', 'folder'].map((name) => [name, 'memory'] as const);
    return loaderTable(`${train}, batch ${batch}, ${precision}`, fed, pairs);
  } finally {
    await end();
  }
}

/** Each loader has a turn in each round, so that other load on the machine affects all of them. */
async function inTurns(
  loaders: readonly TimedLoader[],
  rounds: number,
  seconds: number,
  remark: (line: string) => void,
) {
  const fed = loaders.map(({ name }) => ({ name, turns: [] as Turn[] }));
  for (let round = 0; round < rounds; round++) {
    for (let turn = 0; turn < loaders.length; turn++) {
      const index = (turn + round) % loaders.length;
      fed[index]!.turns.push(await loaders[index]!.turn(seconds));
    }
    remark(`round ${round + 1} of ${rounds} done`);
  }
  return fed;
}
