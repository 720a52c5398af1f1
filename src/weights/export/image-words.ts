/** Describes in one line how to prepare images for an exported network. */
import { distortionStages } from '../../data/augment/stages';
import { centreCropOf, type CentreCrop } from '../../data/augment/random-crop';
import type { ImageShape, Preprocess } from '../../core/network';
import { storedSize } from '../../core/shape';
import { fittedFile } from '../fitted-file';
import type { TrainedModel } from '../trained-model';

interface ImageWordsOptions {
  /** Whether the order of the colours is blue, green, red instead of red, green, blue. */
  readonly blueFirst?: boolean;
  /** Whether the channels come before rows and columns. Default: after them. */
  readonly channelsFirst?: boolean;
  /** The preprocessing steps that the user of the model has to do. Default: all. */
  readonly steps?: readonly Preprocess[];
}

/** How to prepare images for a model, in one line: shape, order of colours, crop and values. */
export function imageWords(
  { model, recipe }: Pick<TrainedModel, 'model' | 'recipe'>,
  { blueFirst = false, channelsFirst = false, steps = recipe.input.preprocess }: ImageWordsOptions = {},
): string {
  const [height, width, channels] = model.inputs[0]!.shape.slice(1) as unknown as ImageShape;
  const grey = recipe.input.background ? 'grey, light on dark' : 'grey';
  const colours = channels === 1 ? grey : blueFirst ? 'blue, green, red' : 'red, green, blue';
  const view = centreCropOf(distortionStages(recipe).crop, storedSize(recipe.input));
  const values = ['pixels 0 to 255', ...steps.map((step) => stepWords(step, blueFirst))].join(', ');
  const sides = channelsFirst ? [channels, height, width] : [height, width, channels];
  return [`[batch, ${sides.join(', ')}] in ${colours}`, ...cropWords(view), values].join('; ');
}

/** The words for the crop; empty if an image is only resized to the network's input size. */
function cropWords({ least, longSide, window }: CentreCrop): readonly string[] {
  if (least.height === window.height && least.width === window.width) return [];
  const photo =
    longSide === 'squeezed'
      ? `a photo squeezed to ${least.height}×${least.width}`
      : `a photo whose shorter side is ${least.height}`;
  return [`the middle ${window.height}×${window.width} of ${photo}`];
}

function stepWords(step: Preprocess, blueFirst: boolean): string {
  const listed = (values: readonly number[]) => (blueFirst ? values.toReversed() : values).join(' ');
  switch (step.kind) {
    case 'shrink':
      return `shrunk to ${step.height}×${step.width}`;
    case 'pad':
      return `surrounded by ${step.value} up to ${step.height}×${step.width}`;
    case 'range':
      return `brought to ${step.black} to ${step.white}`;
    case 'subtract':
      return `less ${listed(step.mean)}${step.deviation ? `, divided by ${listed(step.deviation)}` : ''}`;
    case 'subtractMean':
      return `less the mean of the training images, which the run’s ${fittedFile} holds`;
    case 'contrastNormalise':
      return `less their mean, brought to the norm ${step.scale}`;
    case 'whiten':
      return `whitened by what the run’s ${fittedFile} holds`;
    default:
      return step satisfies never;
  }
}
