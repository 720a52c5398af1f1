/** The state of a training that several ranks share: copied from rank 0 at the start, and the same on all ever after. */
import { sha256Of } from '../../core/io/hash';
import type { Communicator } from '../../core/io/process/communicator';
import { copyFile, expectSame, together } from '../../core/io/process/together';
import type { tf } from '../../core/tf';
import { arraysOf, setWeights, type NamedArray } from '../../weights/named-array';
import type { Step } from '../step/step';
import { loadCheckpoint, type Progress } from './checkpoint';

/** What a training changes. */
interface Trained {
  readonly model: tf.LayersModel;
  readonly step?: Pick<Step, 'state'>;
}

/** Rank 0's checkpoint, restored on all ranks; the others give the path where their copy of it may lie. */
export async function loadCheckpointOfFirst(
  ranks: Communicator,
  path: string,
  { model, step }: Trained,
): Promise<Progress> {
  await copyFile(ranks, path);
  return together(ranks, () => loadCheckpoint(path, model, step));
}

/** Gives all ranks the weights of rank 0, before a first update. */
export async function takeWeightsOfFirst(ranks: Communicator, { model }: Trained): Promise<void> {
  if (ranks.size === 1) return;
  const arrays = await arraysOf(model.weights);
  for (const array of arrays) await ranks.broadcast(bytesOf(array));
  if (ranks.rank !== 0) setWeights(model.weights, arrays, 'rank 0');
}

/**
 * The digests of weights and memory are compared.
 * @param done the updates that were made, for the message
 * @throws UserError on all ranks, naming one whose state is not rank 0's
 */
export async function expectSameState(
  ranks: Communicator,
  { model, step }: Trained,
  done: number,
): Promise<void> {
  if (ranks.size === 1) return;
  const state = step?.state;
  await state?.sync();
  const digest = await weightsDigest(model, await state?.memory());
  await expectSame(ranks, { [`weights after ${done} updates`]: digest.slice(0, 16) });
}

/** The SHA-256 of a model's weights, and of further arrays. */
export async function weightsDigest(
  model: tf.LayersModel,
  others: readonly NamedArray[] = [],
): Promise<string> {
  const arrays = [...(await arraysOf(model.weights)), ...others];
  return sha256Of(...arrays.map(bytesOf));
}

function bytesOf({ values }: NamedArray): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}

/** How often, in seconds, ranks tell each other whether one was asked to end. */
const askEvery = 0.5;

/** Whether any rank was asked to end: all of them find out after the same update. */
export class AskedToEnd {
  /** The update after which they tell each other. */
  private next = 0;

  constructor(private readonly ranks: Communicator) {}

  /**
   * @param done updates since the start of the training
   * @param asked whether this rank was asked
   * @param seconds that an update takes; rank 0's decides when they look again
   */
  async after(done: number, asked: boolean, seconds: number): Promise<boolean> {
    const { ranks } = this;
    if (ranks.size === 1) return asked;
    if (done < this.next) return false;
    const updates = ranks.rank === 0 ? Math.min(1000, Math.max(1, Math.round(askEvery / seconds))) : 0;
    const sums = Float32Array.of(asked ? 1 : 0, updates);
    await ranks.sum(sums);
    this.next = done + sums[1]!;
    return sums[0]! > 0;
  }
}
