/** Compares derivatives with finite differences, for every weight and the input of every layer. */
import { UserError } from '../../core/errors';
import { counted } from '../../core/text/counted';
import type { ImageShape, Network } from '../../core/network';
import { deriveSeed, seededRandom } from '../../core/random';
import { tf } from '../../core/tf';
import { lossOfOutputs } from '../../train/loss';
import { descendsGradient } from '../../train/step/gradient-descent';
import { backwardPass, type LayerPass, type Sloped } from './backward-pass';
import { compare, tolerance } from './finite-difference';
import { gradientSample } from './gradient-sample';
import { applied } from '../../layers/layer-walk';

/** The derivatives of the loss with respect to one tensor, compared with finite differences. */
export interface CheckedTensor {
  /** The layer's name; `loss` for the tensors that the loss reads. */
  readonly layer: string;
  /** The weight's own name, `input`, or the name of the output that the loss reads. */
  readonly tensor: string;
  /** The number of entries compared. */
  readonly entries: number;
  /** The number of entries where no derivative exists. */
  readonly skipped: number;
  readonly largestDerivative: number;
  /** Relative to the largest derivative. */
  readonly largestError: number;
  readonly meanError: number;
  /** Whether no error exceeds the tolerance, with at least half of the requested entries compared. */
  readonly ok: boolean;
}

/** The comparison of a network’s gradients with finite differences. */
export interface GradientCheck {
  readonly input: ImageShape;
  readonly images: number;
  readonly loss: number;
  readonly tolerance: number;
  /** In order from the loss down to the image. */
  readonly tensors: readonly CheckedTensor[];
  readonly ok: boolean;
}

/** How many derivatives of which network are checked. */
export interface CheckOptions {
  /** How many entries to check in each tensor: the one with the largest derivative, and others at random. */
  readonly entries: number;
  readonly seed: number;
}

/** A scalar: the change in the result when a tensor is replaced by the given one. */
type Change = (tensor: tf.Tensor) => tf.Tensor;

/**
 * Compares the derivatives of the recipe's training loss, with respect to every weight and to every layer's input, with
 * finite differences, from the loss down. First come those with respect to the scores. Then come, for each layer, those
 * with respect to its inputs and weights, given the derivative with respect to its output, which has already been
 * checked. So each difference runs through a single layer, where it meets few kinks and is far larger than the rounding
 * errors of single precision, however deep the network is.
 * @throws UserError for a network that is not trained by its gradient
 */
export async function checkGradients(network: Network, options: CheckOptions): Promise<GradientCheck> {
  const { recipe } = network;
  if (!descendsGradient(recipe)) {
    const { kind } = recipe.optimiser;
    throw new UserError(`gradients: expected a network that is trained by its gradient, found ${kind}`);
  }
  const sample = await gradientSample(network, options.seed);
  const { model, images, labels } = sample;
  const pass = await backwardPass(sample, recipe);
  const tensors: CheckedTensor[] = [];
  for (const output of pass.outputs) {
    const loss: Change = (tensor) => {
      const scores = pass.outputs.map(({ name, value }) => (name === output.name ? tensor : value));
      return lossOfOutputs(scores as tf.Tensor2D[], model.outputNames, recipe, labels).sub(pass.loss);
    };
    tensors.push(await checkTensor('loss', output, loss, options));
  }
  for (const layerPass of pass.layers.toReversed()) tensors.push(...(await checkLayer(layerPass, options)));
  const input = model.inputs[0]!.shape.slice(1) as [number, number, number];
  const found = { input, images: images.shape[0], loss: pass.loss, tolerance, tensors };
  pass.dispose();
  tf.dispose([images, labels]);
  model.dispose();
  return { ...found, ok: tensors.every(({ ok }) => ok) };
}

async function checkLayer(
  { layer, inputs, weights, outputSlope }: LayerPass,
  options: CheckOptions,
): Promise<CheckedTensor[]> {
  const values = inputs.map(({ value }) => value);
  const before = applied(layer, values);
  /** The change in the loss, to first order, when the layer's output changes from `before`. */
  const change = (given: tf.Tensor[]) => applied(layer, given).sub(before).mul(outputSlope).sum();
  const checked: CheckedTensor[] = [];
  for (const weight of weights) {
    const variable = weight.value as tf.Variable;
    const original = variable.clone();
    const ofWeight: Change = (tensor) => {
      variable.assign(tensor);
      return change(values);
    };
    checked.push(await checkTensor(layer.name, weight, ofWeight, options));
    variable.assign(original);
    original.dispose();
  }
  for (const [index, input] of inputs.entries()) {
    const ofInput: Change = (tensor) => change(values.with(index, tensor));
    checked.push(await checkTensor(layer.name, input, ofInput, options));
  }
  before.dispose();
  return checked;
}

async function checkTensor(
  layer: string,
  { name, value, slope }: Sloped,
  change: Change,
  { entries, seed }: CheckOptions,
): Promise<CheckedTensor> {
  const values = (await value.data<'float32'>()).slice();
  const slopes = await slope.data<'float32'>();
  const size = Math.max(1, Math.sqrt(values.reduce((sum, entry) => sum + entry ** 2, 0) / values.length));
  const candidates = candidateEntries(slopes, entries, deriveSeed(seed, layer, name));
  const largest = Math.abs(slopes[candidates[0]!]!);
  const shifted = async (entry: number, shift: number) => {
    const moved = values.slice();
    moved[entry]! += shift;
    const changed = tf.tidy(() => change(tf.tensor(moved, value.shape)));
    const [found] = await changed.data();
    changed.dispose();
    return { change: found!, by: moved[entry]! - values[entry]! };
  };
  const errors: number[] = [];
  let skipped = 0;
  for (const entry of candidates) {
    const at = (shift: number) => shifted(entry, shift);
    const compared = await compare({ derivative: slopes[entry]!, largest, size, at });
    if (compared.skipped) skipped++;
    else errors.push(compared.error);
    if (errors.length === entries) break;
  }
  const largestError = Math.max(0, ...errors);
  return {
    layer,
    tensor: name,
    entries: errors.length,
    skipped,
    largestDerivative: largest,
    largestError,
    meanError: errors.reduce((sum, error) => sum + error, 0) / Math.max(1, errors.length),
    ok: largestError <= tolerance && 2 * errors.length >= Math.min(entries, values.length),
  };
}

/** The entry with the largest derivative, then random others: more than needed, because some may be skipped. */
function candidateEntries(slopes: Float32Array, wanted: number, seed: number): number[] {
  let first = 0;
  slopes.forEach((slope, entry) => {
    if (Math.abs(slope) > Math.abs(slopes[first]!)) first = entry;
  });
  const chosen = new Set([first]);
  const random = seededRandom(seed);
  while (chosen.size < Math.min(4 * wanted, slopes.length)) chosen.add(random.integer(slopes.length));
  return [...chosen];
}

/** The comparison as text for a terminal: one line for each tensor. */
export function gradientsText(
  network: string,
  { input, images, tensors, tolerance, ok }: GradientCheck,
): string {
  const width = Math.max(...tensors.map(({ layer }) => layer.length)) + 2;
  const row = (layer: string, tensor: string, cells: readonly string[], verdict: string) =>
    `${layer.padEnd(width)}${tensor.padEnd(13)}${cells.map((cell) => cell.padStart(13)).join('')}  ${verdict}`;
  const wrong = tensors.filter((tensor) => !tensor.ok);
  const skipped = tensors.reduce((sum, tensor) => sum + tensor.skipped, 0);
  return [
    `${network}: derivatives of the loss of ${counted(images, 'image')} ${input.join('×')}, beside central differences`,
    '',
    row('layer', 'of', ['compared', 'skipped', 'largest', 'worst error', 'mean error'], ''),
    ...tensors.map((checked) => {
      const { entries, largestDerivative, largestError, meanError } = checked;
      const sizes = [largestDerivative, largestError, meanError].map((value) => value.toExponential(1));
      const cells = [String(entries), String(checked.skipped), ...sizes];
      return row(checked.layer, checked.tensor, cells, checked.ok ? 'ok' : 'WRONG');
    }),
    '',
    `errors are relative to the largest derivative of the tensor; at most ${tolerance} is ok, single precision and bends within a step allow about 0.001`,
    ...(skipped
      ? [
          `${counted(skipped, 'entry', 'entries')} skipped: there is a bend (ReLU, maximum), and no derivative`,
        ]
      : []),
    ok ? 'all derivatives agree' : `${wrong.length} of ${tensors.length} do not agree`,
  ].join('\n');
}
