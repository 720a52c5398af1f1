/**
 * Compares WebGPU's scores, losses and gradients with those of native TensorFlow and wasm, for networks of the zoo with
 * the weights that the recipe draws: `npx tsx scripts/peers/webgpu/compare-backends.ts [NETWORK …]` prints a table.
 * Networks for large images take the smallest ones that they accept.
 */
import { zoo } from '../../../models/registry';
import { networkNames, type NetworkName } from '../../../models/names';
import { UserError } from '../../../src/core/errors';
import type { ImageShape, Network, RecipeWith } from '../../../src/core/network';
import { seededRandom } from '../../../src/core/random';
import { elementCount } from '../../../src/core/shape';
import { tf } from '../../../src/core/tf';
import { prepareDropout } from '../../../src/layers/seeded-dropout';
import { useBackend, type BackendName } from '../../../src/runtime/backend';
import { totalLoss } from '../../../src/train/loss';
import { winnerTakeAllStep } from '../../../src/train/step/winner-take-all/winner-take-all';

const [classes, seed] = [10, 1];

/** What one backend computes for a network with given weights. */
interface Answers {
  /** The initial weights, before others were set. */
  readonly drawn: readonly Float32Array[];
  readonly scores: readonly Float32Array[];
  readonly loss: number;
  readonly gradients: readonly Float32Array[];
}

/** The largest differences, each relative to the largest value of its tensor. */
export interface Differences {
  /** From native TensorFlow's. */
  readonly scores: number;
  /** From wasm's, which draws dropout's masks as WebGPU does. */
  readonly loss: number;
  /** Likewise; for a network that learns without a gradient, the weights that it has learned. */
  readonly gradients: number;
  /** Whether webgpu draws the same initial weights as wasm, bit for bit. */
  readonly drawnAlike: boolean;
}

/** Computes a network on webgpu, wasm and native TensorFlow, each with the weights that wasm draws. */
export async function compareBackends(network: Network, input: ImageShape): Promise<Differences> {
  const wasm = await answersOf('wasm', network, input);
  const native = await answersOf('tensorflow', network, input, wasm.drawn);
  const own = await answersOf('webgpu', network, input, wasm.drawn);
  return {
    scores: largest(native.scores, own.scores),
    loss: Math.abs(own.loss / wasm.loss - 1),
    gradients: largest(wasm.gradients, own.gradients),
    drawnAlike: wasm.drawn.every((values, at) =>
      values.every((value, index) => value === own.drawn[at]![index]),
    ),
  };
}

async function main(words: readonly string[]): Promise<void> {
  const names = words.length > 0 ? (words as readonly NetworkName[]) : networkNames;
  console.log('| network | input | scores | loss | gradients |');
  console.log('| --- | --- | --- | --- | --- |');
  const cell = (error: number) => error.toExponential(1);
  for (const name of names) {
    const input = smallestInput(zoo[name]);
    const { scores, loss, gradients, drawnAlike } = await compareBackends(zoo[name], input);
    if (!drawnAlike) throw new Error(`${name}: expected the initial weights of wasm, found others`);
    console.log(
      `| \`${name}\` | ${input.join('x')} | ${cell(scores)} | ${cell(loss)} | ${cell(gradients)} |`,
    );
  }
}

async function answersOf(
  backend: BackendName,
  network: Network,
  input: ImageShape,
  weights?: readonly Float32Array[],
): Promise<Answers> {
  await useBackend(backend);
  const model = network.build({ classes, seed, input: [...input] });
  const drawn = await copiesOf(model.weights.map((weight) => weight.read()));
  if (weights)
    model.setWeights(weights.map((values, at) => tf.tensor(values, model.weights[at]!.shape as number[])));
  const { recipe } = network;
  const random = seededRandom(seed);
  const pixels = () => Float32Array.from({ length: elementCount(input) }, () => random.uniform(-1, 1));
  if (recipe.optimiser.kind === 'winnerTakeAll')
    return { drawn, ...(await learned(model, { ...recipe, optimiser: recipe.optimiser }, input, pixels)) };
  const images = tf.tensor4d(pixels(), [1, ...input]);
  const scores = await taken([model.apply(images) as tf.Tensor | tf.Tensor[]].flat());
  // The least likely class: a loss of 0, which large scores can have, would have no gradient.
  const labels = tf.tensor1d([scores[0]!.indexOf(Math.min(...scores[0]!))], 'int32');
  prepareDropout(model, seed, 1);
  const trained = model.trainableWeights.map((weight) => weight.read() as tf.Variable);
  const { value, grads } = tf.variableGrads(() => totalLoss(model, recipe, images, labels), trained);
  const [loss] = await taken([value]);
  const gradients = await taken(trained.map((weight) => grads[weight.name]!));
  tf.dispose([images, labels]);
  model.dispose();
  return { drawn, scores, loss: loss![0]!, gradients };
}

/** What a network without a gradient answers and holds once it has learned a few images. */
async function learned(
  model: tf.LayersModel,
  recipe: RecipeWith<'winnerTakeAll'>,
  shape: ImageShape,
  pixels: () => Float32Array,
): Promise<Omit<Answers, 'drawn'>> {
  const step = winnerTakeAllStep(model, recipe);
  let loss = 0;
  for (let label = 0; label < 5; label++)
    loss += await step.run({ images: pixels(), shape, labels: Int32Array.of(label) }, 1, label);
  const images = tf.tensor4d(pixels(), [1, ...shape]);
  const scores = await taken([model.apply(images) as tf.Tensor]);
  const gradients = await copiesOf(model.weights.map((weight) => weight.read()));
  images.dispose();
  model.dispose();
  return { scores, loss, gradients };
}

/** The values; disposes of the tensors. */
async function taken(tensors: readonly tf.Tensor[]): Promise<Float32Array[]> {
  const values = await copiesOf(tensors);
  tf.dispose([...tensors]);
  return values;
}

async function copiesOf(tensors: readonly tf.Tensor[]): Promise<Float32Array[]> {
  const values: Float32Array[] = [];
  for (const tensor of tensors) values.push((await tensor.data<'float32'>()).slice());
  return values;
}

/** The recipe's input; for large images the smallest square that the network accepts. */
function smallestInput({ recipe, build }: Network): ImageShape {
  const [height, , channels] = recipe.input.shape;
  if (height <= 64) return recipe.input.shape;
  for (let side = 32; side < height; side++) {
    try {
      build({ classes, seed, input: [side, side, channels] }).dispose();
      return [side, side, channels];
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
    }
  }
  return recipe.input.shape;
}

/** The largest difference of any value, relative to the largest value of its tensor. */
function largest(wanted: readonly Float32Array[], found: readonly Float32Array[]): number {
  const errors = wanted.map((values, at) => {
    let [error, scale] = [0, 0];
    values.forEach((value, index) => {
      const difference = Math.abs(value - found[at]![index]!);
      if (!(difference <= error)) error = difference; // not a number counts as the largest
      scale = Math.max(scale, Math.abs(value));
    });
    return scale === 0 ? error : error / scale;
  });
  return errors.reduce((most, error) => (error <= most ? most : error), 0);
}

if (require.main === module) void main(process.argv.slice(2));
