/** The derivatives of a loss with respect to the inputs and weights of every layer, computed by the backend. */
import type { Recipe } from '../../core/network';
import { tf } from '../../core/tf';
import { lossOfOutputs } from '../../train/loss';
import type { GradientSample } from './gradient-sample';
import { applied, computingLayers, inputsOf, outputOf, throughLayers } from '../../layers/layer-walk';

/** A tensor and the derivative of the loss with respect to it, of the same shape. */
export interface Sloped {
  readonly name: string;
  readonly value: tf.Tensor;
  readonly slope: tf.Tensor;
}

/** A layer's inputs and outputs for a batch, and the derivatives with respect to them. */
export interface LayerPass {
  readonly layer: tf.layers.Layer;
  readonly inputs: readonly Sloped[];
  readonly weights: readonly Sloped[];
  readonly outputSlope: tf.Tensor;
}

export interface BackwardPass {
  readonly loss: number;
  readonly outputs: readonly Sloped[];
  readonly layers: readonly LayerPass[];
  /** Frees all tensors but the weights. */
  dispose(): void;
}

/**
 * The derivatives of the recipe's training loss with respect to everything in a model: its weights, the inputs of each
 * layer, and its outputs. Where several layers read one tensor, there is one derivative for each reader; their sum is
 * the tensor's derivative.
 */
export async function backwardPass(
  { model, images, labels }: GradientSample,
  recipe: Recipe,
): Promise<BackwardPass> {
  const layers = computingLayers(model);
  const read = new Map<tf.layers.Layer, tf.Tensor[]>();
  const outputs = throughLayers(model, images, (layer, inputs) => {
    read.set(layer, inputs);
    return applied(layer, inputs);
  });
  // Zeros that are added to each layer's inputs and to the outputs: the derivatives with respect to the zeros equal
  // theirs.
  const zeros = (tensor: tf.Tensor) => tf.tidy(() => tf.variable(tf.zerosLike(tensor)));
  const shifts = new Map(layers.map((layer) => [layer, read.get(layer)!.map(zeros)]));
  const outputShifts = outputs.map(zeros);
  const shiftedLoss = () => {
    const found = throughLayers(model, images, (layer, inputs) => {
      const shifted = inputs.map((input, index) => input.add(shifts.get(layer)![index]!));
      return applied(layer, shifted);
    });
    const scores = found.map((output, index) => output.add<tf.Tensor2D>(outputShifts[index]!));
    return lossOfOutputs(scores, model.outputNames, recipe, labels);
  };
  const weights = layers.flatMap(({ trainableWeights }) =>
    trainableWeights.map((weight) => weight.read() as tf.Variable),
  );
  const { value, grads } = tf.variableGrads(shiftedLoss, [
    ...weights,
    ...[...shifts.values()].flat(),
    ...outputShifts,
  ]);
  const slopeOf = (variable: tf.Tensor) => grads[(variable as tf.Variable).name]!;
  const slopesAt = ({ id }: tf.SymbolicTensor) => [
    ...layers.flatMap((layer) => shifts.get(layer)!.filter((_, index) => inputsOf(layer)[index]!.id === id)),
    ...outputShifts.filter((_, index) => model.outputs[index]!.id === id),
  ];
  const passes = layers.map((layer) => ({
    layer,
    inputs: read.get(layer)!.map((input, index) => ({
      name: index ? `input ${index + 1}` : 'input',
      value: input,
      slope: slopeOf(shifts.get(layer)![index]!),
    })),
    weights: layer.trainableWeights.map((weight) => ({
      name: weight.originalName.split('/').at(-1)!,
      value: weight.read(),
      slope: slopeOf(weight.read()),
    })),
    outputSlope: tf.addN(slopesAt(outputOf(layer)).map(slopeOf)),
  }));
  return {
    loss: (await value.data())[0]!,
    outputs: outputs.map((output, index) => ({
      name: model.outputNames[index]!,
      value: output,
      slope: slopeOf(outputShifts[index]!),
    })),
    layers: passes,
    dispose: () =>
      tf.dispose([
        value,
        grads,
        outputs,
        outputShifts,
        [...shifts.values()],
        [...read.values()].flat().filter((tensor) => tensor !== images),
        passes.map(({ outputSlope }) => outputSlope),
      ]),
  };
}
