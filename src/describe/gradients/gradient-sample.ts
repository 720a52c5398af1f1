/** A model and a batch on which derivatives can be measured accurately. */
import { elementCount } from '../../core/shape';
import { UserError } from '../../core/errors';
import { prepareDropout } from '../../layers/seeded-dropout';
import type { ImageShape, Network } from '../../core/network';
import { deriveSeed, seededRandom } from '../../core/random';
import { tf } from '../../core/tf';
import { applied, computingLayers, inputsOf, outputOf } from '../../layers/layer-walk';

/** A model and a batch on which derivatives can be measured. The caller disposes of all three. */
export interface GradientSample {
  readonly model: tf.LayersModel;
  readonly images: tf.Tensor4D;
  readonly labels: tf.Tensor1D;
}

const classes = 10;
const batch = 2;
/** Inputs with sides up to this keep the recipe's size. */
const smallSide = 64;

/**
 * The network for ten classes with a random batch, and with weights for which signals keep about the same size through
 * all layers. Whether a derivative is right does not depend on the weights, but whether its effect exceeds the rounding
 * errors of single precision does.
 */
export async function gradientSample(network: Network, seed: number): Promise<GradientSample> {
  const model = smallModel(network, seed);
  const shape = model.inputs[0]!.shape.slice(1) as [number, number, number];
  const sample = { model, ...randomBatch(shape, seed) };
  prepareDropout(model, seed, 1);
  await levelWeights(model, sample.images, seed);
  return sample;
}

/** Builds a network for large images at the smallest size that it accepts, from a third of their side upwards. */
function smallModel({ recipe, build }: Network, seed: number): tf.LayersModel {
  const [height, , channels] = recipe.input.shape;
  if (height <= smallSide) return build({ classes, seed });
  for (let side = Math.ceil(height / 3); side < height; side++) {
    try {
      return build({ classes, seed, input: [side, side, channels] });
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
    }
  }
  return build({ classes, seed });
}

/** Images with values uniform in ±1, and labels. */
function randomBatch(shape: ImageShape, seed: number): Omit<GradientSample, 'model'> {
  const random = seededRandom(deriveSeed(seed, 'batch'));
  const size = batch * elementCount(shape);
  const values = Float32Array.from({ length: size }, () => random.uniform(-1, 1));
  const labels = Int32Array.from({ length: batch }, () => random.integer(classes));
  return { images: tf.tensor4d(values, [batch, ...shape]), labels: tf.tensor1d(labels, 'int32') };
}

/**
 * Scales every kernel so that its layer's output has mean square 1 on these images, and shifts all other weights by up
 * to 0.1, so that no unit rests at the kink of a ReLU.
 */
async function levelWeights(model: tf.LayersModel, images: tf.Tensor4D, seed: number): Promise<void> {
  const isKernel = ({ originalName, shape }: tf.LayerVariable) =>
    shape.length > 1 && !originalName.endsWith('/bias');
  const outputs = new Map<number, tf.Tensor>([[model.inputs[0]!.id, images]]);
  for (const layer of computingLayers(model)) {
    const inputs = inputsOf(layer).map(({ id }) => outputs.get(id)!);
    tf.tidy(() => {
      for (const weight of layer.trainableWeights) if (!isKernel(weight)) move(weight, seed);
    });
    let output = tf.tidy(() => applied(layer, inputs));
    const kernel = layer.trainableWeights.find(isKernel);
    const meanSquare = kernel ? await meanSquareOf(output) : 0;
    if (kernel && meanSquare !== 0) {
      tf.tidy(() => void kernel.write(kernel.read().div(Math.sqrt(meanSquare))));
      output.dispose();
      output = tf.tidy(() => applied(layer, inputs));
    }
    outputs.set(outputOf(layer).id, output);
  }
  tf.dispose([...outputs.values()].filter((tensor) => tensor !== images));
}

async function meanSquareOf(tensor: tf.Tensor): Promise<number> {
  const mean = tf.tidy(() => tensor.square().mean());
  const [value] = await mean.data();
  mean.dispose();
  return value!;
}

function move(weight: tf.LayerVariable, seed: number): void {
  const random = seededRandom(deriveSeed(seed, 'move', weight.originalName));
  const values = weight.read();
  const moves = Float32Array.from({ length: values.size }, () => random.uniform(-0.1, 0.1));
  weight.write(values.add(tf.tensor(moves, values.shape)));
}
