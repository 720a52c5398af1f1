/**
 * Compares the output of `classify --json` with the results of another program for the same images, by file name. Its
 * arguments are the two files; the other program's holds `{ images: { [file name]: { top5: class indices, probability:
 * of each } } }`.
 */
import { basename } from 'node:path';
import { UserError } from '../../../src/core/errors';
import type { Classification } from '../../../src/evaluate/scores/classify';
import { fail } from '../../cli/terminal/output';
import { jsonFile } from '../bench/json-file';

interface Reference {
  readonly images: Readonly<
    Record<string, { readonly top5: readonly number[]; readonly probability: readonly number[] }>
  >;
}

function main(ours: string | undefined, theirs: string | undefined): void {
  if (ours === undefined || theirs === undefined)
    throw new UserError(
      'compare-classified: expected two files, what classify --json printed and what another program found',
    );
  const { images } = jsonFile(theirs, 'what another program found') as Reference;
  let [same, close, worst] = [0, 0, 0];
  const found = jsonFile(ours, 'what classify --json printed') as readonly Classification[];
  for (const { file, predictions } of found) {
    const expected = images[basename(file)];
    if (!expected) throw new UserError(`${theirs}: expected ${basename(file)} in it, found none`);
    if (predictions[0]!.index === expected.top5[0]) same++;
    const apart = expected.top5.map((index, rank) => {
      const own = predictions.find((prediction) => prediction.index === index)?.probability ?? 0;
      return Math.abs(own - expected.probability[rank]!);
    });
    if (Math.max(...apart) <= 1e-3) close++;
    worst = Math.max(worst, ...apart);
  }
  process.stdout.write(
    `${same} of ${found.length} images have the same best class, ${close} their five best probabilities within 1e-3; the largest difference is ${worst.toExponential(1)}\n`,
  );
}

try {
  main(process.argv[2], process.argv[3]);
} catch (error) {
  fail(error);
}
