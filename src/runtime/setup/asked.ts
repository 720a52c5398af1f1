/** Sets native TensorFlow up as `--gpu` and `LINEAGE_BACKEND` ask, and says what came of it. */
import { UserError } from '../../core/errors';
import { didYouMean } from '../../core/text/did-you-mean';
import { option } from '../../core/text/wording';
import { backendNames } from '../backend-names';
import { setUp, type SetUpReport } from './setup';

/** What came of a set-up. */
export interface SetUpAsked {
  readonly done: SetUpReport;
  /** The error where TensorFlow was asked for and cannot be set up. */
  readonly failure?: UserError;
}

/**
 * @param gpu whether TensorFlow with CUDA is asked for; `LINEAGE_BACKEND` may ask for it too
 * @param say told of each step and of the result, one line at a time
 * @throws UserError if `LINEAGE_BACKEND` is no backend's name, or keeps the backend that is asked for from being used
 */
export async function setUpAsked(gpu: boolean, say: (line: string) => void): Promise<SetUpAsked> {
  const forced = process.env.LINEAGE_BACKEND || undefined;
  expectSameBackend(gpu, forced);
  const withGpu = gpu || forced === 'tensorflow-gpu';
  const done = await setUp({ gpu: withGpu, report: say });
  const reasons = done.obstacles.map(({ why, fix }) => `${why} (${fix})`);
  if (!done.tensorflow && (withGpu || forced === 'tensorflow'))
    return { done, failure: new UserError(`expected to set TensorFlow up, but ${reasons.join('; ')}`) };
  for (const reason of reasons) say(reason);
  const seconds = `(${done.seconds.toFixed(2)} s)`;
  say(
    done.tensorflow
      ? `TensorFlow ${done.tensorflow} ${done.alreadyDone ? 'is' : 'was'} set up ${seconds}`
      : `no native TensorFlow; the wasm backend is used instead ${seconds}`,
  );
  return { done };
}

function expectSameBackend(gpu: boolean, forced: string | undefined): void {
  if (forced === undefined) return;
  if (!backendNames.some((name) => name === forced))
    throw new UserError(
      `LINEAGE_BACKEND: expected one of ${backendNames.join(', ')}, found ${forced}${didYouMean(forced, backendNames)}`,
    );
  if (gpu && forced !== 'tensorflow-gpu')
    throw new UserError(
      `${option('gpu')}: expected LINEAGE_BACKEND to be tensorflow-gpu, or not set, found ${forced}`,
    );
}
