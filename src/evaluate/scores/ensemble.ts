/** Averages class scores over the networks of an ensemble. */
import { UserError } from '../../core/errors';
import { predict, type Prediction, type PredictOptions } from './predict';
import { meanOf } from './ranking';

/** A network of an ensemble. */
export interface Member extends PredictOptions {
  /** For each class of the data, its index in the network, if the network orders the classes differently. */
  readonly classOrder?: readonly number[] | undefined;
}

/**
 * The outputs of an ensemble for the same images: the mean of the networks' probabilities, as in AlexNet §6.1, VGG §4.4
 * and GoogLeNet §7, or of their scores if these give no probabilities.
 * @param members at least one, all on the same data set
 * @throws UserError when scores of different kinds would be averaged
 */
export async function* predictEnsemble(
  members: readonly [Member, ...Member[]],
): AsyncGenerator<Prediction, void> {
  const [first, ...others] = members;
  const kinds = [...new Set(members.map(({ recipe }) => recipe.loss.kind))];
  if (kinds.length > 1)
    throw new UserError(`ensemble: expected networks with one kind of loss, found ${kinds.join(' and ')}`);
  const coming = others.map(inDataOrder);
  try {
    for await (const own of inDataOrder(first)) {
      // One after the other: ranks exchange what they have in the same order.
      const all = [own];
      for (const one of coming) all.push((await one.next()).value as Prediction);
      const probabilities = meanOf(all.map((one) => one.probabilities));
      const scores = all.length === 1 ? own.scores : (probabilities ?? meanOf(all.map((one) => one.scores))!);
      const { image, label } = own;
      const inverted = all.some((one) => one.inverted);
      yield { image, label, scores, probabilities, ...(inverted && { inverted }) };
    }
  } finally {
    for (const one of coming) await one.return();
  }
}

async function* inDataOrder({ classOrder, ...options }: Member): AsyncGenerator<Prediction, void> {
  if (!classOrder) return yield* predict(options);
  const ordered = (values: Float32Array) => Float32Array.from(classOrder, (index) => values[index]!);
  for await (const { scores, probabilities, ...image } of predict(options))
    yield { ...image, scores: ordered(scores), probabilities: probabilities && ordered(probabilities) };
}
