/**
 * One rank of a measurement: makes updates of a network, and writes what rank 0 found into a file. Started by the other
 * scripts of this folder, with or without mpirun: `update-rank.ts JSON`.
 */
import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import { zoo, type NetworkName } from '../../models/registry';
import type { Communicator } from '../../src/core/io/process/communicator';
import type { Wire } from '../../src/core/io/process/gradient-sum';
import { elementCount } from '../../src/core/shape';
import { seededRandom } from '../../src/core/random';
import { datasetInMemory, type ImageSet } from '../../src/data/dataset';
import { openLoader } from '../../src/data/loader/loader';
import { dataRoot, openData } from '../../src/data/open';
import { useBackend } from '../../src/runtime/backend';
import { openCommunicator } from '../../src/runtime/mpi/started-ranks';
import { timesRate } from '../../src/train/schedule';
import { train } from '../../src/train/train';
import { stepFor } from '../../src/train/step/choose-step';
import { arraysOf } from '../../src/weights/named-array';

/** What is measured. */
export interface Asked {
  readonly network: NetworkName;
  readonly batch: number;
  readonly updates: number;
  /** A data set; without one, images are noise in memory, so that nothing is decoded. */
  readonly data?: string;
  readonly wire?: Wire | undefined;
  /** The factor on the recipe's rates. Default: 1. */
  readonly rate?: number;
  /** The first updates, which are not timed. */
  readonly warm: number;
  /** Ranks exchange nothing, so that the time of an update is what computing takes. Its results mean nothing. */
  readonly silent?: boolean;
  /** Where the weights go, as raw float32, if they are kept. */
  readonly weights?: string;
  /** Where the figures go. */
  readonly out: string;
}

/** What rank 0 found. */
export interface Found {
  readonly losses: readonly number[];
  /** Wall time of each update that is timed. */
  readonly milliseconds: readonly number[];
  /** Of these updates, how long sums took in all, and how many bytes went into them. */
  readonly summing: { readonly milliseconds: number; readonly bytes: number };
  /** The median time of a sum of one number, and of 2^20 of them. */
  readonly sums: { readonly one: number; readonly million: number };
  /** The bytes of the gradients. */
  readonly bytes: number;
  /** The SHA-256 of the weights afterwards. */
  readonly sha256: string;
}

async function main(asked: Asked): Promise<void> {
  const { network: name, batch, updates, warm } = asked;
  const job = await openCommunicator();
  const summing = { milliseconds: 0, bytes: 0 };
  const ranks: Communicator = {
    ...{ rank: job.rank, size: job.size, local: job.local },
    broadcast: (bytes) => job.broadcast(bytes),
    gather: (bytes) => job.gather(bytes),
    exchange: (bytes) => job.exchange(bytes),
    barrier: () => job.barrier(),
    sum: async (values) => {
      if (asked.silent) return;
      const began = performance.now();
      await job.sum(values);
      summing.milliseconds += performance.now() - began;
      summing.bytes += values.byteLength;
    },
  };
  await useBackend('tensorflow');
  const network = zoo[name];
  const data =
    asked.data === undefined
      ? noise(network.recipe.input.shape, batch)
      : (await openData(asked.data, { seed: 1, root: dataRoot(process.env) })).train;
  const recipe = {
    ...network.recipe,
    batchSize: batch,
    schedule: timesRate(network.recipe.schedule, asked.rate ?? 1),
  };
  const model = network.build({ classes: data.classes.length, input: recipe.input.shape, seed: 1 });
  const loader = openLoader();
  const step = stepFor(model, recipe, 1, { communicator: ranks, wire: asked.wire });
  const losses: number[] = [];
  const milliseconds: number[] = [];
  let last = performance.now();
  for await (const update of train({ model, recipe, data, seed: 1, step, loader, communicator: ranks })) {
    const now = performance.now();
    losses.push(update.loss);
    if (losses.length > warm) milliseconds.push(now - last);
    else Object.assign(summing, { milliseconds: 0, bytes: 0 });
    last = now;
    if (losses.length === updates) break;
  }
  const sums = { one: await timeOfSum(job, 1), million: await timeOfSum(job, 2 ** 20) };
  const arrays = await arraysOf(model.weights);
  if (job.rank === 0) {
    const bytes = arrays.map(({ values }) =>
      Buffer.from(values.buffer, values.byteOffset, values.byteLength),
    );
    const hash = createHash('sha256');
    for (const part of bytes) hash.update(part);
    const found: Found = {
      ...{ losses, milliseconds, summing, sums },
      bytes: 4 * model.trainableWeights.reduce((sum, { shape }) => sum + elementCount(shape as number[]), 0),
      sha256: hash.digest('hex'),
    };
    writeFileSync(asked.out, JSON.stringify(found));
    if (asked.weights !== undefined) writeFileSync(asked.weights, Buffer.concat(bytes));
  }
  step.dispose();
  await loader.close();
  await job.close();
}

async function timeOfSum(ranks: Communicator, count: number): Promise<number> {
  const values = new Float32Array(count);
  const times: number[] = [];
  for (let round = 0; round < 25; round++) {
    await ranks.barrier();
    const began = performance.now();
    await ranks.sum(values);
    times.push(performance.now() - began);
  }
  return times.sort((one, other) => one - other)[12]!;
}

/** Noise of ten classes, four batches of it. */
function noise([height, width, channels]: readonly [number, number, number], batch: number): ImageSet {
  const random = seededRandom(1);
  const count = 4 * batch;
  const [rows, columns] = [height + 32, width + 32]; // the recipes crop
  const pixels = Uint8Array.from({ length: count * rows * columns * channels }, () => random.integer(256));
  const classes = Array.from({ length: 10 }, (_, at) => String(at));
  return datasetInMemory({
    ...{ name: 'noise', synthetic: true, classes, pixels },
    labels: Int32Array.from({ length: count }, (_, at) => at % 10),
    shape: [rows, columns, channels],
  });
}

void main(JSON.parse(process.argv[2]!) as Asked).then(
  () => process.exit(0),
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
    process.exit(1);
  },
);
