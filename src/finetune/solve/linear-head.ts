/** Whether the trainable part of a model is one linear layer above frozen ones: fitting it is a convex problem. */
import type { Loss } from '../../core/network';
import type { tf } from '../../core/tf';
import { isRandom, splitAt, type SplitModel } from '../split-model';

export type LinearHead =
  /** The model is split at the layer's input; dropout before it is left out. */
  | { readonly kind: 'linear'; readonly parts: SplitModel; readonly layer: tf.layers.Layer }
  /** `why`: what was found instead, for a message. */
  | { readonly kind: 'other'; readonly why: string };

/** Examines a model whose layers are already frozen for training. */
export function linearHeadOf(model: tf.LayersModel, loss: Loss): LinearHead {
  const other = (why: string): LinearHead => ({ kind: 'other', why });
  const output = model.outputs[0]!;
  const layer = output.sourceLayer;
  const learning = model.layers.filter(({ trainableWeights }) => trainableWeights.length > 0);
  const below = learning.find((one) => one !== layer);
  if (loss.kind !== 'softmaxCrossEntropy') return other(`a loss of kind ${loss.kind}`);
  if (loss.labelSmoothing !== undefined) return other(`labels smoothed by ${loss.labelSmoothing}`);
  if (below) return other(`${below.name}, which learns as well and is not the layer of the scores`);
  const { activation, useBias } = layer.getConfig();
  if (layer.getClassName() !== 'Dense' || activation !== 'linear' || useBias !== true)
    return other(`scores of ${layer.name}, which is no linear layer with biases`);
  let cut = output.inputs[0]!;
  while (isRandom(cut.sourceLayer)) cut = cut.inputs[0]!;
  const parts = cut.inputs.length > 0 ? splitAt(model, cut) : null;
  return parts ? { kind: 'linear', parts, layer } : other(`${layer.name} without layers below it`);
}
