/** A training that goes on update by update as it is asked to, whose rate can be changed on the way. */
import {
  drawDigits,
  evaluate,
  modelFolder,
  openIdxFiles,
  safetensorsFile,
  stepFor,
  subset,
  tf,
  train,
  trainedModel,
  type Dataset,
  type Recipe,
  type Splits,
  type Update,
} from '../../../browser';
import { batchesInOrder } from '../../../src/data/loader/batches';
import { initialise } from '../../../src/layers/initialise/initialise';
import { SCells } from '../../../src/layers/neocognitron/s-cells';
import { checkTraining } from '../../../src/train/check-recipe';
import { totalLoss } from '../../../src/train/loss';
import { networks, recipeOf, rescheduled, type Choices } from '../choices';
import type { LayerMaps, RunFacts, SavedAs, SavedFiles, Tested } from '../messages';

export interface Run {
  readonly facts: Omit<RunFacts, 'backend'>;
  /** Updates done. */
  readonly done: () => number;
  /** Does one update. @throws Diverged when the loss is not finite */
  next(): Promise<Update>;
  /** The rate from the next update on; what the optimiser keeps of earlier ones is left as it is. */
  changeRate(rate: number): Promise<void>;
  readonly rate: () => number;
  maps(): Promise<readonly LayerMaps[]>;
  test(): Promise<Tested>;
  save(as: SavedAs): Promise<SavedFiles>;
}

/** How many test images the error is measured on, so that measuring does not take longer than learning. */
const testedImages = 500;

/** The digits of the choices, or those of files. */
export async function openData(
  { seed, images }: Choices,
  files: readonly File[] | null,
): Promise<Splits<Dataset>> {
  return files ? openIdxFiles(files) : drawDigits({ seed, train: images, test: testedImages });
}

/** @throws UserError if the network cannot learn these images */
export async function openRun(choices: Choices, data: Splits<Dataset>): Promise<Run> {
  const { network: name, seed, batchSize } = choices;
  const network = networks[name];
  const recipe = recipeOf(choices);
  checkTraining(name, network, recipe, { data: data.train, set: new Set(), startsFrom: null });
  const model = network.build({ classes: data.train.classes.length, seed });
  initialise(model, recipe.initialiser, seed);
  const test = spread(data.test, testedImages);
  const updatesPerEpoch = Math.ceil(data.train.labels.length / batchSize);
  const updates = updatesOf(model, recipe, data.train, choices);
  const descends = recipe.optimiser.kind !== 'winnerTakeAll';
  return {
    facts: {
      ...{ data: data.train.name, classes: data.train.classes, updatesPerEpoch },
      trainingImages: data.train.labels.length,
      testImages: data.test.labels.length,
      tested: test.labels.length,
      testEvery: batchSize < 8 ? 250 : 50,
      untrainedLoss: descends ? await meanLossOf(model, recipe, data.train) : null,
    },
    ...{ done: updates.done, next: updates.next, changeRate: updates.changeRate, rate: updates.rate },
    maps: () => layerMaps(model),
    test: async () => {
      const { images, mistakes, confusion } = await evaluate({ model, recipe, data: test });
      return { at: updates.done(), images, mistakes, confusion };
    },
    save: async (as) => {
      const passes = updates.done() / updatesPerEpoch;
      const trained = await trainedModel({
        ...{ model, networks, data: data.train, seed, seconds: updates.seconds() },
        recipe: { ...recipe, epochs: Math.max(1, Math.ceil(passes)), schedule: updates.schedule() },
        epochs: Math.floor(passes),
      });
      if (as === 'folder') return modelFolder(trained);
      return { [`${name}.safetensors`]: (await safetensorsFile(trained)) as Uint8Array<ArrayBuffer> };
    },
  };
}

/** The updates of a training, one at a time, by one step: only the schedule changes with the rate. */
function updatesOf(model: tf.LayersModel, recipe: Recipe, data: Dataset, choices: Choices) {
  const { seed } = choices;
  const step = stepFor(model, recipe, seed);
  const updatesPerEpoch = Math.ceil(data.labels.length / recipe.batchSize);
  let schedule = recipe.schedule;
  let rate = choices.rate;
  let [done, milliseconds] = [0, 0];
  let going: ReturnType<typeof train> | null = null;
  return {
    done: () => done,
    seconds: () => milliseconds / 1000,
    schedule: () => schedule,
    rate: () => rate,
    changeRate: async (next: number) => {
      rate = next;
      schedule = rescheduled(schedule, done / updatesPerEpoch, rate);
      await going?.return();
      going = null;
    },
    next: async (): Promise<Update> => {
      const started = performance.now();
      going ??= train({ model, recipe: { ...recipe, schedule }, data, seed, step, done });
      const { value } = await going.next();
      done = value!.step;
      milliseconds += performance.now() - started;
      return value!;
    },
  };
}

/** Some images of a set, spread evenly over it; all of a smaller one. */
export function spread(data: Dataset, most: number): Dataset {
  const count = data.labels.length;
  if (count <= most) return data;
  const indices = Int32Array.from({ length: most }, (_, at) => Math.floor((at * count) / most));
  return subset(data, indices, data.name);
}

/** The mean loss of a model, over 200 training images. */
async function meanLossOf(model: tf.LayersModel, recipe: Recipe, data: Dataset): Promise<number> {
  for await (const { images, shape, labels } of batchesInOrder(spread(data, 200), recipe, 200)) {
    const loss = tf.tidy(() => {
      const input = tf.tensor4d(images, [labels.length, ...shape]);
      return totalLoss(model, recipe, input, tf.tensor1d(labels, 'int32'));
    });
    const [mean] = await loss.data();
    loss.dispose();
    return mean!;
  }
  return NaN;
}

/** The kernels of the first layer; of a neocognitron, those of all its layers of S-cells. */
async function layerMaps(model: tf.LayersModel): Promise<readonly LayerMaps[]> {
  const competitive = model.layers.filter((layer) => layer instanceof SCells);
  const convolution = model.layers.find(({ weights }) => weights[0]?.shape.length === 4)!;
  return Promise.all((competitive.length > 0 ? competitive : [convolution]).map(mapsOf));
}

async function mapsOf(layer: tf.layers.Layer): Promise<LayerMaps> {
  const [kernel, second] = layer.weights;
  const [side, , reads, count] = kernel!.shape as [number, number, number, number];
  const values = await kernel!.read().data<'float32'>();
  return {
    ...{ layer: layer.name, side, reads },
    maps: Array.from({ length: count }, (_, map) => summedKernel(values, side ** 2, reads, map)),
    inhibition: layer instanceof SCells ? (await second!.read().data<'float32'>()).slice() : null,
  };
}

/**
 * A map's kernel, summed over the maps that it reads.
 * @param values `[places, reads, maps]`
 */
export function summedKernel(values: Float32Array, places: number, reads: number, map: number): Float32Array {
  const maps = values.length / places / reads;
  return Float32Array.from({ length: places }, (_, place) => {
    let sum = 0;
    for (let read = 0; read < reads; read++) sum += values[(place * reads + read) * maps + map]!;
    return sum;
  });
}
