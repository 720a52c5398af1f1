/**
 * Compares updates that 2, 3 and 4 ranks make with those of one: `npx tsx scripts/ranks/same-updates.ts` writes
 * results/ranks/same-updates.md. Needs Open MPI, MNIST and `clothing`, a folder of photos.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { markdownTable } from '../../src/core/text/markdown-table';
import { fail, note } from '../cli/terminal/output';
import { writePage } from './result-page';
import { updatesBy } from './start-ranks';
import type { Asked, Found } from './update-rank';

const updates = 20;
/** So small a rate that rounding stays rounding: no unit changes the side of 0 on which it is, and no maximum its place. */
const still = 1e-4;
const cases = [
  { network: 'lenet5', batch: 128, data: 'mnist', rates: [1] },
  { network: 'googlenet', batch: 16, data: 'clothing', rates: [1, still] },
  { network: 'alexnet', batch: 16, data: 'clothing', rates: [1, still] },
] as const;

/** What is compared with one process: more ranks, another number of threads, a narrower wire. */
interface Way {
  readonly ranks: number;
  readonly what: string;
  readonly wire?: Asked['wire'];
  readonly threads?: number;
}

const ways: readonly Way[] = [
  { ranks: 1, what: 'one process, again' },
  { ranks: 1, what: 'one process, one thread', threads: 1 },
  { ranks: 2, what: '2 ranks' },
  { ranks: 2, what: '2 ranks, again' },
  { ranks: 3, what: '3 ranks' },
  { ranks: 4, what: '4 ranks' },
  { ranks: 2, what: '2 ranks, `--wire bfloat16`', wire: 'bfloat16' },
];

interface Weighed {
  readonly found: Found;
  readonly weights: Float32Array;
}

async function main(): Promise<void> {
  const work = mkdtempSync(join(tmpdir(), 'lineage-ranks-'));
  const rows: string[][] = [];
  try {
    for (const { network, batch, data, rates } of cases)
      for (const rate of rates) {
        const run = ({ ranks, what, wire, threads }: Way): Weighed => {
          const weights = join(work, 'weights');
          const asked = { network, batch, data, rate, wire, updates, warm: 0, weights };
          const found = updatesBy(ranks, asked, { threads });
          note(`${network}, rate × ${rate}, ${what}: loss ${found.losses.at(-1)}`);
          return { found, weights: new Float32Array(new Uint8Array(readFileSync(weights)).buffer) };
        };
        const alone = run({ ranks: 1, what: 'one process' });
        const own = ways.filter(({ ranks, wire }) => rate === 1 || (ranks > 1 && !wire));
        let two: Weighed | undefined;
        for (const way of own) {
          const several = run(way);
          const again = way.what.endsWith('again');
          if (way.what === '2 ranks') two = several;
          const apart = differences(several.found.losses, alone.found.losses, true);
          const close = apart.findIndex((difference) => !(difference <= 1e-5));
          rows.push([
            `\`${network}\`, ${batch} of ${data}${rate === 1 ? '' : `, rate × ${rate}`}`,
            way.what,
            largest(apart).toExponential(1),
            close < 0 ? `all ${updates}` : String(close),
            largest(differences(several.weights, alone.weights, false)).toExponential(1),
            again && two
              ? several.found.sha256 === two.found.sha256
                ? 'the same, bit for bit'
                : 'OTHER'
              : '',
          ]);
        }
      }
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  const head = [
    'network, images of an update',
    'beside one process',
    'losses, relative',
    'updates within 1e-5',
    'weights',
    'beside the first time',
  ];
  await writePage(
    'same-updates.md',
    `# The updates of several ranks beside those of one

The largest differences over ${updates} updates: of the losses, each beside one process's, the first updates for which it is at most 1e-5, and of all weights afterwards. The recipes are the networks' own, with distortions and dropout, GoogLeNet with both auxiliary heads; photos are decoded anew.

At their own rates the large networks, whose weights are new, part after some updates, whoever computes: one process of one thread, or the same process again, is as far from one process as ranks are, since the order of a sum decides on which side of 0 a unit is, or which of two units is the larger. At a rate so small that none of that changes (× ${still}), the gradients of ${updates} batches add up to the same.

${markdownTable(head, rows)}`,
    'same-updates.ts',
  );
}

function differences(
  found: ArrayLike<number>,
  expected: ArrayLike<number>,
  relative: boolean,
): readonly number[] {
  if (found.length !== expected.length)
    throw new Error(`expected ${expected.length} numbers, found ${found.length}`);
  return Array.from({ length: found.length }, (_, at) => {
    return Math.abs(found[at]! - expected[at]!) / (relative ? Math.abs(expected[at]!) : 1);
  });
}

function largest(values: readonly number[]): number {
  return values.reduce((most, value) => (value <= most ? most : value), 0);
}

main().catch(fail);
