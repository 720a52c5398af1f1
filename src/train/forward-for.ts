import type { tf } from '../tf';
import { compiledForward, eagerForward, forwardOf, type Forward } from './forward';
import { asRefusal, sessionOptions, type StepChoice } from './step-for';

/**
 * Class scores, computed as a step of the same choice computes.
 * @throws UserError, at the first batch, when a precision other than float32 is asked for, which is that of recorded
 *   graphs alone, and something in the model cannot become part of one
 */
export function forwardFor(
  model: tf.LayersModel,
  { kind, precision = 'float32' }: Pick<StepChoice, 'kind' | 'precision'>,
): Forward {
  if (kind === 'eager') return eagerForward(model);
  if (precision === 'float32') return forwardOf(model);
  const forward = compiledForward(model, sessionOptions(precision));
  const refused = (error: unknown) => {
    throw asRefusal(error, `precision ${precision}`);
  };
  return {
    run: (batch) => forward.run(batch).catch(refused),
    layerTimes: (batch) => forward.layerTimes(batch).catch(refused),
    dispose: () => forward.dispose(),
  };
}
