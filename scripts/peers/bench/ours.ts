/** Our own step as a contender of the benchmark, in this process. */
import type { Batch } from '../../../src/data/loader/batches';
import type { Recipe } from '../../../src/core/network';
import type { tf } from '../../../src/core/tf';
import { compiledForward, type Forward } from '../../../src/evaluate/scores/forward';
import type { Step } from '../../../src/train/step/step';
import { stepFor } from '../../../src/train/step/choose-step';
import { timed, type Contender } from './contender';
import { benchRate } from '../../../src/report/bench/bench';
import { sessionOptions } from '../../../src/graph/precision';

/** Our compiled step, run in this process. */
export function ourContender(model: tf.LayersModel, recipe: Recipe, batch: Batch): Contender {
  let step: Step | undefined;
  let forward: Forward | undefined;
  const release = async () => {
    step?.dispose();
    forward?.dispose();
    step = undefined;
    forward = undefined;
  };
  return {
    name: 'ours',
    side: 'ours',
    prepare: async (precision) => {
      await release();
      step = stepFor(model, recipe, 1, { kind: 'compiled', precision });
      forward = compiledForward(model, sessionOptions(precision));
      const scores = await forward.run(batch);
      return [...scores.subarray(0, scores.length / batch.labels.length)];
    },
    time: (work, passes) =>
      timed(passes, () => (work === 'training' ? step!.run(batch, benchRate, 0) : forward!.run(batch))),
    release,
  };
}
