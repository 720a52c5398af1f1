/** How image files are made ready for the network of a run: as the images were that it learned from. */
import type { Input, Preprocess } from '../../core/network';
import { publishedDataset } from '../../data/datasets/catalogue';
import type { RunRecord } from './run-record';

/**
 * The run's input, for whoever shows image files to its network. If it learned from images in memory that its
 * preprocessing pads, files are brought to the size of those; if from a published data set on a background of one
 * brightness, files have to have that background. A run that learned from files shows others as it saw its own.
 */
export function learnedInput({
  data,
  imageShape,
  recipe: { input },
}: Pick<RunRecord, 'data' | 'imageShape' | 'recipe'>): Input {
  const { background: _, ...asSeen } = input;
  const background = publishedDataset(data)?.background;
  const padded = imageShape && input.preprocess.some(({ kind }: Preprocess) => kind === 'pad');
  return {
    ...asSeen,
    ...(padded && { stored: [imageShape[0], imageShape[1]] as const }),
    ...(background && { background }),
  };
}
