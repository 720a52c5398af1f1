/** The neocognitron's learning rule as a step: the strongest cells of an image are reinforced, without a gradient. */
import { tf } from '../../../core/tf';
import { expectValues, type Batch } from '../../../data/loader/batches';
import { UserError } from '../../../core/errors';
import { ClassVotes } from '../../../layers/neocognitron/class-votes';
import { SCells } from '../../../layers/neocognitron/s-cells';
import type { CompetitiveLayer, RecipeWith } from '../../../core/network';
import { meanLoss } from '../../loss';
import { reinforce } from './reinforce';
import { representatives } from './representatives';
import type { Step } from '../step';

/** A layer that learns, and its parameters. */
interface Learner {
  readonly cells: SCells;
  readonly rule: CompetitiveLayer;
}

/**
 * Unsupervised learning, one image of a batch after the other. Every layer of S-cells responds; then the cells that win
 * in their columns are reinforced, together with their whole planes (Fukushima 1980, §3). The S-cells do not use the
 * labels; only the readout layer does, which counts them for the cell that responds most.
 * The loss that `run` returns is the recipe's loss of the class scores before learning; the rule does not minimise it.
 * The rule keeps no state besides the weights.
 * @throws UserError when the recipe asks for something that the rule does not support, or names layers that are not
 *   S-cells
 */
export function winnerTakeAllStep(model: tf.LayersModel, recipe: RecipeWith<'winnerTakeAll'>): Step {
  const { learners, readout } = competitorsOf(model, recipe);
  const watched = [
    ...learners.flatMap(({ cells }) => [cells.input, cells.output]),
    readout.input,
    model.outputs[0]!,
  ].map((tensor) => (tensor as tf.SymbolicTensor).name);
  const learn = async (image: Float32Array, shape: Batch['shape'], label: number, rate: number) => {
    const tensors = tf.tidy(() => {
      const seen = model.execute(tf.tensor4d(image, [1, ...shape]), watched) as tf.Tensor[];
      const scores = seen.pop() as tf.Tensor2D;
      return [...seen, meanLoss(recipe.loss, scores, tf.tensor1d([label], 'int32'))];
    });
    const values = await Promise.all(tensors.map((tensor) => tensor.data<'float32'>()));
    tf.dispose(tensors);
    learners.forEach(({ cells, rule }, index) => {
      const [below, outputs] = [values[2 * index]!, values[2 * index + 1]!];
      const winners = representatives(outputs, cells.options.cells, rule.column);
      reinforce(cells, below, winners, rate * rule.speed);
    });
    count(readout, values.at(-2)!, label);
    return values.at(-1)![0]!;
  };
  return {
    run: async (batch, rate) => {
      const { images, shape, labels } = expectValues(batch);
      const size = shape[0] * shape[1] * shape[2];
      let sum = 0;
      for (const [index, label] of labels.entries()) {
        sum += await learn(images.slice(index * size, (index + 1) * size), shape, label, rate);
      }
      return sum / labels.length;
    },
    dispose: () => undefined,
  };
}

/**
 * The layers that learn, and the readout layer.
 * @throws UserError as `winnerTakeAllStep`
 */
export function competitorsOf(
  model: tf.LayersModel,
  recipe: RecipeWith<'winnerTakeAll'>,
): { readonly learners: readonly Learner[]; readonly readout: ClassVotes } {
  const learners = learnersOf(model, recipe);
  const readout = model.layers.find((layer) => layer instanceof ClassVotes);
  if (readout) return { learners, readout };
  throw new UserError(`winnerTakeAll: expected a layer that counts votes, found none in ${model.name}`);
}

function learnersOf(model: tf.LayersModel, recipe: RecipeWith<'winnerTakeAll'>): Learner[] {
  const { weightDecay, multipliers = [], auxiliary = {}, averaging } = recipe;
  if (weightDecay !== 0 || multipliers.length || Object.keys(auxiliary).length || averaging) {
    throw new UserError(
      'winnerTakeAll: expected a recipe without weightDecay, multipliers, auxiliary and averaging, found one that has one of them',
    );
  }
  return recipe.optimiser.layers.map((rule) => {
    const cells = model.layers.find(({ name }) => name === rule.name);
    if (!(cells instanceof SCells)) {
      throw new UserError(
        `winnerTakeAll: expected layers of S-cells, found no such layer ${rule.name} in ${model.name}`,
      );
    }
    if (rule.column > cells.options.cells) {
      throw new UserError(
        `winnerTakeAll: expected columns of at most ${cells.options.cells} cells in ${rule.name}, found ${rule.column}`,
      );
    }
    return { cells, rule };
  });
}

/** Counts one more image for the strongest cell and the label. */
function count(readout: tf.layers.Layer, responses: Float32Array, label: number): void {
  const strongest = responses.indexOf(Math.max(...responses));
  if (!(responses[strongest]! > 0)) return;
  const [counts] = readout.weights;
  tf.tidy(() => {
    const [cells, classes] = counts!.shape as [number, number];
    const one = tf.oneHot(tf.tensor1d([strongest * classes + label], 'int32'), cells * classes);
    counts!.write(counts!.read().add(one.toFloat().reshape([cells, classes])));
  });
}
