/** How a fine-tuning learns: it solves a linear head on fixed features, or else uses gradient descent. */
import { UserError } from '../../../src/core/errors';
import type { Loss } from '../../../src/core/network';
import type { tf } from '../../../src/core/tf';
import type { SplitModel } from '../../../src/finetune/split-model';
import { linearHeadOf } from '../../../src/finetune/solve/linear-head';
import type { FinetuneArguments } from '../../cli/options/finetune-options';
import { note } from '../../cli/output';

export const finetuneMethods = ['auto', 'solve', 'descend'] as const;

type Asked = Pick<
  FinetuneArguments,
  | 'method'
  | 'with-validation'
  | 'rate'
  | 'epochs'
  | 'batch'
  | 'patience'
  | 'layer-rate'
  | 'step'
  | 'precision'
  | 'set'
>;

export type FinetuneMethod =
  | { readonly kind: 'solve'; readonly parts: SplitModel; readonly withValidation: boolean }
  | { readonly kind: 'descend' };

/** Fields of a recipe that control gradient descent. */
const ofDescent = [
  'epochs',
  'batchSize',
  'order',
  'weightDecay',
  'schedule',
  'multipliers',
  'averaging',
  'optimiser',
];

/** Fields of the optimiser that control how a head is solved instead. */
const ofSolving = ['optimiser.weightDecays', 'optimiser.patience'];

/**
 * @param model the model, with its frozen layers marked
 * @param loss the recipe's loss, with the changes made by `--set`
 * @param set the paths that `--set` sets
 * @throws UserError if options ask for both methods, or for one that the head does not allow
 */
export function finetuneMethod(
  asked: Asked,
  model: tf.LayersModel,
  loss: Loss,
  set: ReadonlySet<string>,
): FinetuneMethod {
  const { method = 'auto' } = asked;
  const descending = descentAsked(asked, set);
  const solving = ofSolving.filter((path) => set.has(path)).map((path) => `--set ${path}`)[0];
  const withValidation = asked['with-validation'] === true;
  const only = solving ?? (withValidation ? '--with-validation' : undefined);
  const head = linearHeadOf(model, loss);
  if (method === 'solve' && descending !== undefined)
    throw new UserError(
      `${descending}: expected it without --method solve, which takes all images at once, found it with`,
    );
  if (only !== undefined && (method === 'descend' || descending !== undefined))
    throw new UserError(
      `${only}: expected a head that is solved, found ${method === 'descend' ? '--method descend' : `${descending}, by which gradients are descended`}`,
    );
  if (head.kind === 'other') {
    const option = method === 'solve' ? '--method solve' : only;
    if (option !== undefined)
      throw new UserError(
        `${option}: expected one linear layer to learn, with softmaxCrossEntropy, found ${head.why}`,
      );
    return { kind: 'descend' };
  }
  if (method === 'descend') return { kind: 'descend' };
  if (descending !== undefined) {
    note(`the head learns batch by batch, because ${descending} was given; without that option it is solved`);
    return { kind: 'descend' };
  }
  return { kind: 'solve', parts: head.parts, withValidation };
}

/** The first option that controls gradient descent. */
function descentAsked(asked: Asked, set: ReadonlySet<string>): string | undefined {
  const options = (['rate', 'epochs', 'batch', 'patience', 'layer-rate'] as const).filter(
    (option) => asked[option] !== undefined,
  );
  const computed = [
    ...(asked.step !== undefined && asked.step !== 'auto' ? ['step'] : []),
    ...(asked.precision !== undefined && asked.precision !== 'float32' ? ['precision'] : []),
  ];
  const fields = [...set].filter(
    (path) => ofDescent.includes(path.split('.')[0]!) && !ofSolving.includes(path),
  );
  return [...options, ...computed, ...fields.map((path) => `set ${path}`)].map((option) => `--${option}`)[0];
}
