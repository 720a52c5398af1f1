import { UserError } from '../errors';
import { imageScores, type ImageScores, type PredictOptions } from './image-scores';
import { meanOf } from './taken-together';

/**
 * What several networks answer to the same images, taken together: the mean of their probabilities, as in AlexNet §6.1,
 * VGG §4.4 and GoogLeNet §7, or where their scores are none of the scores.
 * @param members all on one data set, one at least
 * @throws UserError when scores of different kinds would be averaged
 */
export async function* ensembleScores(
  members: readonly [PredictOptions, ...PredictOptions[]],
): AsyncGenerator<ImageScores, void> {
  const [first, ...others] = members;
  const kinds = [...new Set(members.map(({ recipe }) => recipe.loss.kind))];
  if (kinds.length > 1)
    throw new UserError(`ensemble: expected networks with one kind of loss, found ${kinds.join(' and ')}`);
  const coming = others.map((member) => imageScores(member));
  try {
    for await (const own of imageScores(first)) {
      const theirs = await Promise.all(coming.map((one) => one.next()));
      const all = [own, ...theirs.map(({ value }) => value as ImageScores)];
      const probabilities = meanOf(all.map((one) => one.probabilities));
      const scores = all.length === 1 ? own.scores : (probabilities ?? meanOf(all.map((one) => one.scores))!);
      yield { image: own.image, label: own.label, scores, probabilities };
    }
  } finally {
    await Promise.all(coming.map((one) => one.return()));
  }
}
