/**
 * Compares updates that 2, 3 and 4 ranks make with those of one: `npx tsx scripts/ranks/same-updates.ts` writes
 * results/ranks/same-updates.md. Needs Open MPI, MNIST and `clothing`, a folder of photos.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeFolder, writeFileAtomically } from '../../src/core/io/files';
import { deviceOf } from '../../src/core/text/device';
import { markdownTable } from '../../src/core/text/markdown-table';
import { useBackend } from '../../src/runtime/backend';
import { machine } from '../../src/runtime/machine';
import { ownFolder } from '../cli/npm/npm-run';
import { commit, fail, note } from '../cli/terminal/output';
import { updatesBy } from './start-ranks';
import type { Asked, Found } from './update-rank';

const updates = 20;
const cases = [
  { network: 'lenet5', batch: 128, data: 'mnist' },
  { network: 'googlenet', batch: 16, data: 'clothing' },
  { network: 'alexnet', batch: 16, data: 'clothing' },
] as const;

interface Weighed {
  readonly found: Found;
  readonly weights: Float32Array;
}

async function main(): Promise<void> {
  const work = mkdtempSync(join(tmpdir(), 'lineage-ranks-'));
  const rows: string[][] = [];
  try {
    for (const one of cases) {
      const run = (ranks: number, wire: Asked['wire'] = 'float32'): Weighed => {
        const weights = join(work, 'weights');
        const found = updatesBy(ranks, { ...one, wire, updates, warm: 0, weights });
        note(`${one.network}, ${ranks} ranks, ${wire}: loss ${found.losses.at(-1)}`);
        return { found, weights: new Float32Array(new Uint8Array(readFileSync(weights)).buffer) };
      };
      const alone = run(1);
      let two: Weighed | undefined;
      for (const [ranks, wire] of [[2], [2], [3], [4], [2, 'bfloat16'], [4, 'bfloat16']] as const) {
        const several = run(ranks, wire);
        const again = ranks === 2 && wire === undefined && two;
        two ??= several;
        rows.push([
          `\`${one.network}\`, ${one.batch} of ${one.data}`,
          `${ranks}${again ? ', again' : ''}${wire ? `, ${wire}` : ''}`,
          largest(several.found.losses, alone.found.losses, true).toExponential(1),
          largest(several.weights, alone.weights, false).toExponential(1),
          again ? (several.found.sha256 === two.found.sha256 ? 'the same, bit for bit' : 'OTHER') : '',
        ]);
      }
    }
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  const head = [
    'network, images of an update',
    'ranks',
    'losses, relative',
    'weights',
    'beside the first time',
  ];
  const folder = join(ownFolder, 'results', 'ranks');
  await makeFolder(folder);
  await writeFileAtomically(
    join(folder, 'same-updates.md'),
    `# The updates of several ranks beside those of one

The largest difference of ${updates} updates: of the losses, each beside one process's, and of all weights afterwards. The recipes are the networks' own, with distortions and dropout, GoogLeNet with both auxiliary heads; photos are decoded anew. Where gradients travel as bfloat16 (\`--wire bfloat16\`), that is what it costs.

${markdownTable(head, rows)}

\`npx tsx scripts/ranks/same-updates.ts\`, commit \`${commit()}\`, ${new Date().toISOString().slice(0, 10)}, ${deviceOf({ ...machine(await useBackend('tensorflow')) })}.
`,
  );
}

function largest(found: ArrayLike<number>, expected: ArrayLike<number>, relative: boolean): number {
  if (found.length !== expected.length) throw new Error(`expected ${expected.length}, found ${found.length}`);
  let most = 0;
  for (let at = 0; at < found.length; at++) {
    const apart = Math.abs(found[at]! - expected[at]!) / (relative ? Math.abs(expected[at]!) : 1);
    if (!(apart <= most)) most = apart;
  }
  return most;
}

main().catch(fail);
