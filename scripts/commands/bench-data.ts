import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { networkNames, type NetworkName } from '../../models/registry';
import { packPictures } from '../../src/data/cache/pack-images';
import { openPictureFolder } from '../../src/data/formats/image-folder/image-folder';
import type { Pictures } from '../../src/data/dataset';
import { counted } from '../../src/core/text/counted';
import { UserError } from '../../src/core/errors';
import { feedTable, feedText, type FeedTable, type Turn } from '../../src/report/bench/bench-data';
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
import { foundPath, expectUsed } from '../cli/options';
import { startProgram } from '../peers/bench/contender';
import { feedFeeder, readingRecipe, sharpFeeder, torchFeeder, type Feeder } from '../peers/bench/feeders';
import { trainingFeeders } from '../peers/bench/training-feeders';
import { checkPrecision, precisions, type Precision } from '../../src/graph/precision';
import { positiveNumber, wholeNumber, workersOf } from '../cli/numbers';

/** Defaults are given where options are read, so that one that changes nothing is told from one that is not given. */
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

/** Updates a turn, where nobody asks for others. */
const usualSteps = 10;

export const benchData: Command<Arguments> = {
  command: 'bench-data <folder>',
  describe: 'how fast pictures are read, or a network learns from them',
  builder: (argv) =>
    jsonOption(backendOption(argv))
      .positional('folder', { type: 'string', demandOption: true, describe: 'with pictures by class' })
      .option('rounds', { type: 'number', default: 5, describe: 'turns of each way' })
      .option('seconds', { type: 'number', describe: 'a turn, when pictures are only read (default: 2)' })
      .option('python', {
        type: 'string',
        describe: 'a Python with torch, torchvision and pillow, to time their DataLoader beside',
      })
      .option('train', { choices: networkNames, describe: 'train this network from them instead' })
      .option('batch', { type: 'number', describe: 'images an update (default: 16)' })
      .option('steps', { type: 'number', describe: `updates a turn (default: ${usualSteps})` })
      .option('workers', { type: 'number', describe: 'threads that feed the training (default: one a core)' })
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
    } = await openPictureFolder(foundPath(folder), basename(resolve(folder)));
    const data = learned ?? validation ?? test;
    if (!data) throw new UserError(`${folder}: expected pictures, found none`);
    const cache = await mkdtemp(join(tmpdir(), 'lineage-packed-'));
    try {
      const runtime = await chooseBackend(backend);
      const found = train
        ? await benchTraining(data, cache, { ...given, train, rounds }, runtime)
        : await benchReading(data, cache, { rounds, seconds, python: given.python });
      const command = commandWithoutPaths();
      const turn = train ? { steps: given.steps ?? usualSteps } : { seconds };
      const facts = { folder, pictures: data.places.length, rounds, ...turn, command, commit: commit() };
      print(
        json,
        { ...facts, ...found, machine: machine(runtime) },
        `${counted(data.places.length, 'picture')} of ${folder}, medians of ${counted(rounds, 'round')}\n${feedText(found)}`,
      );
    } finally {
      await rm(cache, { recursive: true, force: true });
    }
  },
};

/** With one worker and two: plain sharp, PyTorch, our batches from the folder and from packed pictures. */
async function benchReading(
  data: Pictures,
  cache: string,
  { rounds, seconds, python }: { rounds: number; seconds: number; python: string | undefined },
): Promise<FeedTable> {
  const packed = await packPictures(data, { cache, recipe: readingRecipe, onProgress: note });
  const list = join(cache, 'files.json');
  await writeFile(list, JSON.stringify(data.places.map(({ file }) => file)));
  const torch =
    python && startProgram('PyTorch', python, [join(__dirname, '../peers/bench/python/torch_data.py'), list]);
  try {
    const feeders = [1, 2].flatMap((workers): Feeder[] => [
      sharpFeeder(`sharp, ${workers}`, data, workers),
      feedFeeder(`folder, ${workers}`, data, workers),
      feedFeeder(`packed, ${workers}`, packed, workers),
      ...(torch ? [torchFeeder(`PyTorch, ${workers}`, torch, workers)] : []),
    ]);
    const fed = await inTurns(feeders, rounds, seconds);
    const pairs = [1, 2].flatMap((workers) => [
      [`folder, ${workers}`, `sharp, ${workers}`] as const,
      [`folder, ${workers}`, `PyTorch, ${workers}`] as const,
      [`packed, ${workers}`, `folder, ${workers}`] as const,
      [`packed, ${workers}`, `sharp, ${workers}`] as const,
    ]);
    return feedTable('reading, workers', fed, pairs);
  } finally {
    if (torch) torch.end();
  }
}

/** A network's updates on one batch that lies in memory, from packed pictures and from the folder. */
async function benchTraining(
  data: Pictures,
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
): Promise<FeedTable> {
  checkPrecision('auto', precision, runtime.backend, cpuFeatures());
  const { feeders, end } = await trainingFeeders(data, cache, {
    network: train,
    precision,
    batch: wholeNumber('--batch', batch, 1),
    steps: wholeNumber('--steps', steps, 1),
    workers: workersOf(workers),
    onProgress: note,
  });
  try {
    const fed = await inTurns(feeders, rounds, 0);
    const pairs = ['packed', 'folder'].map((name) => [name, 'memory'] as const);
    return feedTable(`${train}, batch ${batch}, ${precision}`, fed, pairs);
  } finally {
    await end();
  }
}

/** Each way has a turn in each round, so that what else the machine does meets all of them. */
async function inTurns(feeders: readonly Feeder[], rounds: number, seconds: number) {
  const fed = feeders.map(({ name }) => ({ name, turns: [] as Turn[] }));
  for (let round = 0; round < rounds; round++) {
    for (let turn = 0; turn < feeders.length; turn++) {
      const index = (turn + round) % feeders.length;
      fed[index]!.turns.push(await feeders[index]!.turn(seconds));
    }
    note(`round ${round + 1} of ${rounds} done`);
  }
  return fed;
}
