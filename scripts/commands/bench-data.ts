/** The command `bench-data`: how fast images are read from a folder, or a network trains on them. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { networkNames, type NetworkName } from '../../models/registry';
import { packImages } from '../../src/data/cache/pack-images';
import { openImageFolder } from '../../src/data/formats/image-folder/image-folder';
import type { ImageFiles } from '../../src/data/dataset';
import { counted } from '../../src/core/text/counted';
import { UserError } from '../../src/core/errors';
import { loaderTable, loaderText, type LoaderTable, type Turn } from '../../src/report/bench/bench-data';
import type { BackendName, Runtime } from '../../src/runtime/backend';
import { cpuFeatures, machine } from '../../src/runtime/machine';
import {
  backendOption,
  chooseBackend,
  commandWithoutPaths,
  commit,
  jsonOption,
  note,
  print,
  type Command,
} from '../cli/output';
import { foundPath, expectUsed } from '../cli/options/shared-options';
import { startProgram } from '../peers/bench/contender';
import { ownLoader, readingRecipe, sharpLoader, torchLoader, type TimedLoader } from '../peers/bench/loaders';
import { trainingLoaders } from '../peers/bench/training-loaders';
import { checkPrecision, precisions, type Precision } from '../../src/graph/precision';
import { positiveNumber, wholeNumber, workersOf } from '../cli/numbers';

/**
 * Defaults are applied where options are used, not by the parser, so that an option without effect is refused only if
 * given.
 */
interface Arguments {
  folder: string;
  rounds: number;
  seconds?: number | undefined;
  python?: string | undefined;
  train?: NetworkName | undefined;
  batch?: number | undefined;
  steps?: number | undefined;
  workers?: number | undefined;
  precision?: Precision | undefined;
  backend?: BackendName | undefined;
  json: boolean;
}

/** The default number of updates per turn. */
const usualSteps = 10;

export const benchData: Command<Arguments> = {
  command: 'bench-data <folder>',
  describe: 'how fast images are read, or a network learns from them',
  builder: (argv) =>
    jsonOption(backendOption(argv))
      .positional('folder', { type: 'string', demandOption: true, describe: 'with images by class' })
      .option('rounds', { type: 'number', default: 5, describe: 'turns of each way' })
      .option('seconds', { type: 'number', describe: 'a turn, when images are only read (default: 2)' })
      .option('python', {
        type: 'string',
        describe: 'a Python with torch, torchvision and pillow, to time their DataLoader beside',
      })
      .option('train', { choices: networkNames, describe: 'train this network from them instead' })
      .option('batch', { type: 'number', describe: 'images an update (default: 16)' })
      .option('steps', { type: 'number', describe: `updates a turn (default: ${usualSteps})` })
      .option('workers', {
        type: 'number',
        describe: 'threads that load images for the training (default: one a core)',
      })
      .option('precision', { choices: precisions, describe: 'of the training (default: float32)' }),
  handler: async ({ folder, json, backend, ...given }) => {
    const { train } = given;
    const unused = train
      ? (['seconds', 'python'] as const)
      : (['batch', 'steps', 'workers', 'precision', 'backend'] as const);
    expectUsed({ ...given, backend }, unused, '--train', train !== undefined);
    const rounds = wholeNumber('--rounds', given.rounds, 1);
    const seconds = positiveNumber('--seconds', given.seconds ?? 2);
    const {
      train: learned,
      validation,
      test,
    } = await openImageFolder(foundPath(folder), basename(resolve(folder)));
    const data = learned ?? validation ?? test;
    if (!data) throw new UserError(`${folder}: expected images, found none`);
    const cache = await mkdtemp(join(tmpdir(), 'lineage-packed-'));
    try {
      const runtime = await chooseBackend(backend);
      const found = train
        ? await benchTraining(data, cache, { ...given, train, rounds }, runtime)
        : await benchReading(data, cache, { rounds, seconds, python: given.python });
      const command = commandWithoutPaths();
      const turn = train ? { steps: given.steps ?? usualSteps } : { seconds };
      const facts = { folder, images: data.files.length, rounds, ...turn, command, commit: commit() };
      print(
        json,
        { ...facts, ...found, machine: machine(runtime) },
        `${counted(data.files.length, 'image')} of ${folder}, medians of ${counted(rounds, 'round')}\n${loaderText(found)}`,
      );
    } finally {
      await rm(cache, { recursive: true, force: true });
    }
  },
};

/**
 * Reading with one worker and with two: plain sharp, PyTorch, and our batches from the folder and from packed images.
 */
async function benchReading(
  data: ImageFiles,
  cache: string,
  { rounds, seconds, python }: { rounds: number; seconds: number; python: string | undefined },
): Promise<LoaderTable> {
  const packed = await packImages(data, { cache, recipe: readingRecipe, onProgress: note });
  const list = join(cache, 'files.json');
  await writeFile(list, JSON.stringify(data.files.map(({ file }) => file)));
  const torch =
    python && startProgram('PyTorch', python, [join(__dirname, '../peers/bench/python/torch_data.py'), list]);
  try {
    const loaders = [1, 2].flatMap((workers): TimedLoader[] => [
      sharpLoader(`sharp, ${workers}`, data, workers),
      ownLoader(`folder, ${workers}`, data, workers),
      ownLoader(`packed, ${workers}`, packed, workers),
      ...(torch ? [torchLoader(`PyTorch, ${workers}`, torch, workers)] : []),
    ]);
    const fed = await inTurns(loaders, rounds, seconds);
    const pairs = [1, 2].flatMap((workers) => [
      [`folder, ${workers}`, `sharp, ${workers}`] as const,
      [`folder, ${workers}`, `PyTorch, ${workers}`] as const,
      [`packed, ${workers}`, `folder, ${workers}`] as const,
      [`packed, ${workers}`, `sharp, ${workers}`] as const,
    ]);
    return loaderTable('reading, workers', fed, pairs);
  } finally {
    if (torch) torch.end();
  }
}

/** Updates of a network: on one batch in memory, from packed images and from the folder. */
async function benchTraining(
  data: ImageFiles,
  cache: string,
  {
    train,
    precision = 'float32',
    batch = 16,
    steps = usualSteps,
    rounds,
    workers,
  }: Omit<Arguments, 'train' | 'folder' | 'json'> & { train: NetworkName },
  runtime: Runtime,
): Promise<LoaderTable> {
  checkPrecision('auto', precision, runtime.backend, cpuFeatures());
  const { loaders, end } = await trainingLoaders(data, cache, {
    network: train,
    precision,
    batch: wholeNumber('--batch', batch, 1),
    steps: wholeNumber('--steps', steps, 1),
    workers: workersOf(workers),
    onProgress: note,
  });
  try {
    const fed = await inTurns(loaders, rounds, 0);
    const pairs = ['packed', 'folder'].map((name) => [name, 'memory'] as const);
    return loaderTable(`${train}, batch ${batch}, ${precision}`, fed, pairs);
  } finally {
    await end();
  }
}

/** Each loader has a turn in each round, so that other load on the machine affects all of them. */
async function inTurns(loaders: readonly TimedLoader[], rounds: number, seconds: number) {
  const fed = loaders.map(({ name }) => ({ name, turns: [] as Turn[] }));
  for (let round = 0; round < rounds; round++) {
    for (let turn = 0; turn < loaders.length; turn++) {
      const index = (turn + round) % loaders.length;
      fed[index]!.turns.push(await loaders[index]!.turn(seconds));
    }
    note(`round ${round + 1} of ${rounds} done`);
  }
  return fed;
}
