import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { drawDigits } from '../../src/data/formats/digits/digits';
import { initialise } from '../../src/layers/initialise/initialise';
import { Rbf } from '../../src/layers/rbf';
import { ScaledTanh } from '../../src/layers/scaled-tanh';
import type { Network, Recipe } from '../../src/core/network';
import { useBackend } from '../../src/runtime/backend';
import { tf } from '../../src/core/tf';
import { readLog } from '../../src/train/run/log';
import { errorOf } from '../../src/evaluate/scores/predict';
import { drawnModel, trainInFolder, type TrainInFolderOptions } from '../../src/train/run/run';
import { createRun, runFiles, type RunRecord } from '../../src/train/run/run-record';
import { readSafetensors } from '../../src/weights/formats/safetensors/read-safetensors';
import { temporaryFolder } from '../support/fixtures';

const folder = temporaryFolder();
const data = drawDigits({ seed: 5, train: 120, test: 40 });

const recipe: Recipe = {
  dataset: 'digits',
  input: { shape: [28, 28, 1], preprocess: [{ kind: 'range', black: -0.1, white: 1.175 }] },
  epochs: 3,
  batchSize: 16,
  weightDecay: 0,
  optimiser: { kind: 'diagonalLevenbergMarquardt', mu: 0.02, images: 50 },
  schedule: { kind: 'constant', rate: 0.0001 },
  loss: { kind: 'rbfPenalty', rival: 2 },
  augment: [],
  initialiser: { kernel: { kind: 'uniformOverRootFanIn', scale: 1 }, bias: 0 },
  guesses: {},
};

/** One layer of weights and ten codes of which no two are closer than any others. */
const network: Network = {
  paper: {
    title: '',
    authors: '',
    venue: '',
    year: 1998,
    parameters: { exact: 0, layers: {} },
    results: [],
    lineage: { kind: 'first', adds: '' },
    departures: [],
  },
  recipe,
  head: [],
  build: ({ seed }) => {
    const image = tf.input({ shape: [28, 28, 1] });
    const codes = Array.from({ length: 10 }, (_, at) =>
      Array.from({ length: 10 }, (_, k) => (at === k ? 1 : -1)),
    );
    const layers = [
      tf.layers.flatten(),
      tf.layers.dense({ name: 'states', units: 10, kernelInitializer: 'zeros' }),
      new ScaledTanh(),
      new Rbf({ name: 'output', codes }),
    ];
    const outputs = layers.reduce((below, layer) => layer.apply(below) as tf.SymbolicTensor, image);
    const model = tf.model({ inputs: image, outputs });
    initialise(model, recipe.initialiser, seed);
    return model;
  },
};

function recordOf(changes: Partial<Recipe> = {}, more: Partial<RunRecord> = {}): RunRecord {
  return {
    network: 'toy',
    data: 'digits',
    classes: 10,
    recipe: { ...recipe, ...changes },
    seed: 1,
    validationImages: 0,
    checkpointEvery: 1000,
    step: 'auto',
    precision: 'float32',
    command: '',
    commit: null,
    started: '',
    machine: {},
    ...more,
  };
}

/** Trains in a folder of that name, from the start or from where it was left. */
async function run(name: string, record: RunRecord, more: Partial<TrainInFolderOptions> = {}) {
  const model = drawnModel(network, record);
  const options = { folder: join(folder, name), record, model, data: data.train, ...more };
  const begun = await createRun(options.folder, record).then(
    () => false,
    () => true,
  );
  try {
    return { begun, model, ...(await trainInFolder(options)) };
  } catch (error) {
    model.dispose();
    throw error;
  }
}

const checkpoint = async (name: string) =>
  (await readSafetensors(join(folder, name, 'last.safetensors'))).tensors;

beforeAll(async () => void (await useBackend()));

it.each([
  {},
  { variants: 4, augment: [{ kind: 'affine', shift: 2, scale: 0, squeeze: 0, shear: 0 }] as const },
])(
  'goes on by curvature from its checkpoint, cut off within an epoch or after one, to the same weights: %j',
  async (changes) => {
    const name = Object.keys(changes).join('-') || 'plain';
    const record = recordOf(changes);
    await run(`${name}-whole`, record);
    for (const cut of [8, 11]) {
      const controller = new AbortController();
      const { signal } = controller;
      const onUpdate = ({ step }: { step: number }) => void (step === cut && controller.abort());
      const cutOff = await run(`${name}-${cut}`, record, { signal, onUpdate });
      expect({ finished: cutOff.finished, done: cutOff.progress.done }).toEqual({
        finished: false,
        done: cut,
      });
      expect((await run(`${name}-${cut}`, record)).begun).toBe(true);
      expect(await checkpoint(`${name}-${cut}`)).toEqual(await checkpoint(`${name}-whole`));
    }
    const names = (await checkpoint(`${name}-whole`)).map((tensor) => tensor.name);
    expect(names).toContain('memory/curvature/states/kernel');
  },
);

it('starts from weights that the run’s own recipe draws, not the network’s', async () => {
  const wide = { kernel: { kind: 'uniformOverFanIn', scale: 2.4 }, bias: 0.25 } as const;
  const still = { epochs: 1, schedule: { kind: 'constant', rate: 1e-12 } } as const;
  const { model } = await run('drawn', recordOf({ ...still, initialiser: wide }));
  const expected = network.build({ classes: 10, seed: 1 });
  initialise(expected, wide, 1);
  const [ours, theirs] = [model, expected].map((of) => of.getLayer('states').getWeights());
  const farthest = ours!.map((weight, index) => weight.sub(theirs![index]!).abs().max().dataSync()[0]!);
  farthest.forEach((distance) => expect(distance).toBeLessThan(1e-6));
  expect(Math.max(...ours![1]!.dataSync<'float32'>())).toBeCloseTo(0.25, 6);
});

it('logs after each epoch the errors on what it watches and on what it learns from', async () => {
  const record = recordOf();
  const { model } = await run('watching', record, { watched: { test: data.test } });
  const epochs = readLog(join(folder, 'watching')).flatMap((line) => ('meanLoss' in line ? [line] : []));
  expect(epochs.map(({ errors }) => Object.keys(errors!))).toEqual(Array(3).fill(['training', 'test']));
  expect(epochs.at(-1)!.errors).toEqual({
    training: await errorOf({ model, recipe, data: data.train }),
    test: await errorOf({ model, recipe, data: data.test }),
  });
  expect(epochs[0]!.errors).not.toEqual(epochs[2]!.errors);
});

it('learns from as many images as the record says, drawn from the seed, and no held out ones', async () => {
  const record = recordOf({ epochs: 1, batchSize: 10 }, { trainingImages: 50, validationImages: 30 });
  const { progress } = await run('few', record);
  expect(progress.done).toBe(5);
  const tooMany = recordOf({}, { trainingImages: 100, validationImages: 30 });
  await expect(run('many', tooMany)).rejects.toThrow(
    /training images: expected at most 90 of digits.*, found 100/,
  );
});

it('does not take a checkpoint of a run that is not known for its own', async () => {
  await run('stray', recordOf());
  rmSync(join(folder, 'stray', runFiles.record));
  await expect(createRun(join(folder, 'stray'), recordOf())).rejects.toThrow(
    /stray: expected a new folder, found last\.safetensors of a run without its run\.json/,
  );
  expect(existsSync(join(folder, 'stray', runFiles.record))).toBe(false);
});

it('a checkpoint that is gone is told before the log is touched; a run killed before its first begins anew', async () => {
  const epochs = (name: string) =>
    readLog(join(folder, name)).flatMap((line) => ('meanLoss' in line ? [line] : []));
  const lost = async (name: string, record: RunRecord) => {
    rmSync(join(folder, name, runFiles.last));
    const log = readFileSync(join(folder, name, runFiles.log));
    await expect(run(name, record)).rejects.toThrow(
      /lost-.*: the log has \d+ updates, but the checkpoint is missing: expected last\.safetensors/,
    );
    expect(readFileSync(join(folder, name, runFiles.log))).toEqual(log);
  };
  // After epochs; within the first one, 100 updates of which one image each; after all of a single one.
  await run('lost-epochs', recordOf());
  await lost('lost-epochs', recordOf());
  const within = recordOf({ batchSize: 1, epochs: 1 }, { checkpointEvery: 60 });
  const controller = new AbortController();
  const onUpdate = ({ step }: { step: number }) => void (step === 110 && controller.abort());
  await run('lost-within', within, { signal: controller.signal, onUpdate });
  await lost('lost-within', within);
  const single = recordOf({ epochs: 1 });
  await run('lost-single', single);
  writeFileSync(join(folder, 'lost-single', runFiles.report), '{}');
  await lost('lost-single', single);

  // Killed once the first epoch was logged, and before its checkpoint was there.
  await run('killed', single);
  rmSync(join(folder, 'killed', runFiles.last));
  const told: string[] = [];
  const before = epochs('killed');
  const { progress } = await run('killed', single, { onDamaged: (line) => void told.push(line) });
  expect(progress).toMatchObject({ done: 8, epochs: 1 });
  expect(told).toEqual([
    expect.stringMatching(
      /killed: the log has 8 updates and no last\.safetensors, .*: the training starts over$/,
    ),
  ]);
  expect(epochs('killed').map(({ meanLoss }) => meanLoss)).toEqual(before.map(({ meanLoss }) => meanLoss));
});

it('leaves nothing in memory where its checkpoint cannot be read', async () => {
  const { model } = await run('damaged', recordOf());
  model.dispose();
  const path = join(folder, 'damaged', runFiles.last);
  writeFileSync(path, readFileSync(path).subarray(0, -4));
  const before = tf.memory().numTensors;
  await expect(run('damaged', recordOf())).rejects.toThrow(/damaged.*last\.safetensors/);
  expect(tf.memory().numTensors).toBe(before);
});
