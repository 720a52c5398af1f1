/**
 * Measures how much faster two ranks of one thread each are than one process of one thread, and what the sums take:
 * `npx tsx scripts/ranks/efficiency.ts [--rounds 3]` writes results/ranks/efficiency.md. Needs Open MPI and MNIST, and a
 * machine with two cores that does nothing else.
 */
import { loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { counted } from '../../src/core/text/counted';
import { markdownTable } from '../../src/core/text/markdown-table';
import { percent } from '../../src/core/text/numbers';
import { median } from '../../src/report/bench/peers';
import { fail, note } from '../cli/terminal/output';
import { speedText, writePage } from './result-page';
import { updatesBy } from './start-ranks';
import type { Asked, Found } from './update-rank';

const cases = [
  { network: 'lenet5', batch: 128, data: 'mnist', updates: 220, warm: 20 },
  { network: 'googlenet', batch: 16, updates: 14, warm: 2 },
  { network: 'alexnet', batch: 16, updates: 22, warm: 2 },
] as const satisfies readonly Omit<Asked, 'out'>[];

const ways = [
  { name: 'one process', ranks: 1 },
  { name: 'two ranks', ranks: 2 },
  { name: 'two ranks that exchange nothing', ranks: 2, silent: true },
  { name: 'two ranks, bfloat16', ranks: 2, wire: 'bfloat16' },
  { name: 'one process, half the images', ranks: 1, half: true },
] as const;

type WayName = (typeof ways)[number]['name'];

interface Way extends Pick<Asked, 'silent' | 'wire'> {
  readonly name: WayName;
  readonly ranks: number;
  readonly half?: true;
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { rounds: { type: 'string', default: '3' } } });
  const rows: string[][] = [];
  for (const one of cases) {
    const found = new Map<WayName, Found[]>();
    for (let round = 0; round < Number(values.rounds); round++)
      for (const { name, ranks, half, ...way } of ways as readonly Way[]) {
        const batch = half ? one.batch / 2 : one.batch;
        const result = updatesBy(ranks, { ...one, batch, ...way }, { threads: 1, bound: true });
        found.set(name, [...(found.get(name) ?? []), result]);
        note(`${one.network}, ${name}: ${median(result.milliseconds).toFixed(1)} ms`);
      }
    const update = (name: WayName) => median(found.get(name)!.flatMap(({ milliseconds }) => milliseconds));
    const [alone, two, silent, narrow, half] = ways.map(({ name }) => update(name)) as [
      number,
      number,
      number,
      number,
      number,
    ];
    const sums = found
      .get('two ranks')!
      .map(({ summing, milliseconds }) => summing.milliseconds / milliseconds.length);
    const bytes = found.get('two ranks')![0]!.summing.bytes / (one.updates - one.warm);
    const summing = median(sums);
    const shown = Math.max(0, two - silent);
    const speed = (milliseconds: number) => speedText(one.batch, milliseconds);
    rows.push([
      `\`${one.network}\`, ${one.batch}`,
      `${speed(alone)} (${alone.toFixed(1)} ms)`,
      `${speed(two)} (${two.toFixed(1)} ms)`,
      `**${(alone / two).toFixed(2)}**`,
      (alone / silent).toFixed(2),
      (silent / half).toFixed(2),
      `${(bytes / 1e6).toFixed(1)} MB in ${summing.toFixed(1)} ms, ${percent(summing / two)}`,
      percent(shown / two),
      (alone / narrow).toFixed(2),
    ]);
  }
  const head = [
    'network, images of an update',
    'one process, images/s (an update)',
    'two ranks',
    'ratio',
    'ratio if nothing were exchanged',
    'a rank’s time beside that of a process that has the machine to itself',
    'sums of an update: bytes, time, share',
    'of that not hidden',
    'ratio with `--wire bfloat16`',
  ];
  await writePage(
    'efficiency.md',
    `# Two ranks beside one process

One process that is bound to a core, and two ranks on the same machine, each bound to a core of its own with all its threads, those that prepare images included; ${counted(Number(values.rounds), 'round')} one after the other, medians of all updates after the first ones. The third ratio says what the machine gives: a rank that computes its half of the images and exchanges nothing, while the other does, beside one process that computes such a half alone; above 1, the two cores get in each other's way. Of the time of the sums, a part passes while the session computes: hidden is what an update does not take longer than one of ranks that exchange nothing and so compute alone. A sum also waits for the slower of the two ranks. GoogLeNet and AlexNet learn from noise in memory, distorted as their recipes say.

${markdownTable(head, rows)}`,
    `efficiency.ts --rounds ${values.rounds}`,
    `; load average at the end ${loadavg()[0]!.toFixed(1)}`,
  );
}

main().catch(fail);
