/** How a fine-tuning learns: it solves a linear head on fixed features, or else uses gradient descent. */
import { UserError } from '../../core/errors';
import type { Loss } from '../../core/network';
import type { tf } from '../../core/tf';
import type { SplitModel } from '../../finetune/split-model';
import { linearHeadOf } from '../../finetune/solve/linear-head';
import { option } from '../../core/text/wording';
import type { Context } from '../context';
import type { FinetuneRunChoices } from './finetune-run';

type Asked = Pick<
  FinetuneRunChoices,
  | 'method'
  | 'withValidation'
  | 'rate'
  | 'epochs'
  | 'batch'
  | 'patience'
  | 'layerRate'
  | 'optimiser'
  | 'warmUp'
  | 'labelSmoothing'
  | 'clipNorm'
  | 'accumulate'
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
  'accumulate',
  'order',
  'weightDecay',
  'clipNorm',
  'schedule',
  'warmUp',
  'multipliers',
  'averaging',
  'optimiser',
];

/** Fields of the optimiser that control how a head is solved instead. */
const ofSolving = ['optimiser.weightDecays', 'optimiser.patience'];

/**
 * @param model the model, with its frozen layers marked
 * @param loss the recipe's loss, with the changes of single fields
 * @param set the paths of these fields
 * @throws UserError if options ask for both methods, or for one that the head does not allow
 */
export function finetuneMethod(
  asked: Asked,
  model: tf.LayersModel,
  loss: Loss,
  set: ReadonlySet<string>,
  { remark }: Context,
): FinetuneMethod {
  const { method = 'auto' } = asked;
  const descending = descentAsked(asked, set);
  const solving = ofSolving.filter((path) => set.has(path)).map((path) => option('set', path))[0];
  const withValidation = asked.withValidation === true;
  const only = solving ?? (withValidation ? option('withValidation') : undefined);
  const head = linearHeadOf(model, loss);
  if (method === 'solve' && descending !== undefined)
    throw new UserError(
      `${descending}: expected it without ${option('method', 'solve')}, which takes all images at once, found it with`,
    );
  if (only !== undefined && (method === 'descend' || descending !== undefined))
    throw new UserError(
      `${only}: expected a head that is solved, found ${method === 'descend' ? option('method', 'descend') : `${descending}, by which gradients are descended`}`,
    );
  if (head.kind === 'other') {
    const asking = method === 'solve' ? option('method', 'solve') : only;
    if (asking !== undefined)
      throw new UserError(
        `${asking}: expected one linear layer to learn, with softmaxCrossEntropy, found ${head.why}`,
      );
    return { kind: 'descend' };
  }
  if (method === 'descend') return { kind: 'descend' };
  if (descending !== undefined) {
    remark(
      `the head learns batch by batch, because ${descending} was given; without that option it is solved`,
    );
    return { kind: 'descend' };
  }
  return { kind: 'solve', parts: head.parts, withValidation };
}

/** The first option that controls gradient descent. */
function descentAsked(asked: Asked, set: ReadonlySet<string>): string | undefined {
  const options = (
    [
      ...(['rate', 'epochs', 'batch', 'patience', 'layerRate', 'optimiser', 'warmUp'] as const),
      ...(['labelSmoothing', 'clipNorm', 'accumulate'] as const),
    ] as const
  ).filter((name) => asked[name] !== undefined);
  const computed = [
    ...(asked.step !== undefined && asked.step !== 'auto' ? ['step'] : []),
    ...(asked.precision !== undefined && asked.precision !== 'float32' ? ['precision'] : []),
  ];
  const fields = [...set].filter(
    (path) => ofDescent.includes(path.split('.')[0]!) && !ofSolving.includes(path),
  );
  return [
    ...[...options, ...computed].map((name) => option(name)),
    ...fields.map((path) => option('set', path)),
  ][0];
}
