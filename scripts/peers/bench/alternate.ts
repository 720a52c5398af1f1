/** Times several programs on the same network in alternation, once their class scores agree. */
import { median, type PeerBench, type Timed } from '../../../src/report/bench/peers';
import type { Contender } from './contender';
import type { Precision } from '../../../src/graph/precision';

export interface Rounds {
  readonly device: 'cpu' | 'gpu';
  readonly precision: Precision;
  readonly rounds: number;
  /** The approximate time that one contender computes before the next one's turn. */
  readonly secondsATurn: number;
  readonly onProgress: (line: string) => void;
}

/**
 * If scores differ by more than this, relative to the largest score, the networks are not the same. On a GPU, float32
 * products use factors with 10-bit mantissas (TF32), in TensorFlow as in PyTorch.
 */
const sameNetwork = {
  cpu: { float32: 1e-3, bfloat16: 0.2, float16: 0.05 },
  gpu: { float32: 0.02, bfloat16: 0.2, float16: 0.05 },
};

/**
 * Times contenders in alternation, so that other load on the machine affects all of them: in each round each one trains
 * and infers for a while, and the order changes from round to round. Timing starts only once the class scores of all
 * agree.
 */
export async function alternate(
  contenders: readonly Contender[],
  { device, precision, rounds, secondsATurn, onProgress }: Rounds,
): Promise<PeerBench['timed']> {
  const scores: (readonly number[])[] = [];
  for (const contender of contenders) {
    onProgress(`preparing ${contender.name}`);
    scores.push(await contender.prepare(precision));
  }
  const differences = agreed(contenders, scores, sameNetwork[device][precision]);
  const passes = new Map<string, number>();
  for (const contender of contenders) {
    for (const work of ['training', 'inference'] as const) {
      await contender.time(work, 2);
      const [one] = await contender.time(work, 1);
      const wanted = Math.ceil((1000 * secondsATurn) / one!);
      passes.set(`${contender.name} ${work}`, Math.min(2000, Math.max(2, wanted)));
    }
  }
  const found = contenders.map(() => ({ training: [] as number[], inference: [] as number[] }));
  for (let round = 0; round < rounds; round++) {
    for (let turn = 0; turn < contenders.length; turn++) {
      const index = (turn + round) % contenders.length;
      const contender = contenders[index]!;
      for (const work of ['training', 'inference'] as const) {
        const times = await contender.time(work, passes.get(`${contender.name} ${work}`)!);
        found[index]![work].push(median(times));
      }
    }
    onProgress(`round ${round + 1} of ${rounds} done`);
  }
  for (const contender of contenders) await contender.release();
  return contenders.map(({ name, side }, index): Timed => ({
    name,
    side,
    ...found[index]!,
    scoreDifference: differences[index]!,
  }));
}

/**
 * The largest difference of each contender's class scores from ours.
 * @throws Error when a difference exceeds `most`
 */
function agreed(
  contenders: readonly Contender[],
  scores: readonly (readonly number[])[],
  most: number,
): readonly number[] {
  const ours = scores[contenders.findIndex(({ side }) => side === 'ours')]!;
  return contenders.map(({ name }, index) => {
    const difference = differenceOf(ours, scores[index]!);
    if (difference <= most) return difference;
    throw new Error(`${name}: expected the class scores of the same network, found them ${difference} apart`);
  });
}

function differenceOf(ours: readonly number[], theirs: readonly number[]): number {
  if (ours.length !== theirs.length) return Infinity;
  const largest = Math.max(...ours.map(Math.abs));
  return Math.max(...ours.map((score, index) => Math.abs(score - theirs[index]!))) / largest;
}
