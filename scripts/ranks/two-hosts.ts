/**
 * Measures two ranks in two network namespaces, as if on two hosts, over a link of 1 and of 10 Gbit/s, beside what the
 * cost model predicts: `npx tsx scripts/ranks/two-hosts.ts` writes results/ranks/two-hosts.md. Needs root, iproute2, Open
 * MPI and a machine with two cores that does nothing else.
 */
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { markdownTable } from '../../src/core/text/markdown-table';
import { fail, note } from '../cli/terminal/output';
import { median } from '../../src/report/bench/peers';
import { speedText, writePage } from './result-page';
import { updatesBy, type Starting } from './start-ranks';
import type { Asked, Found } from './update-rank';

const hosts = [
  { name: 'lineage-a', address: '10.231.7.1' },
  { name: 'lineage-b', address: '10.231.7.2' },
] as const;
const network = '10.231.7.0/24';
const gigabits = [1, 10] as const;

const cases = [
  { network: 'lenet5', batch: 128, data: 'mnist', updates: 120, warm: 20 },
  { network: 'googlenet', batch: 16, updates: 12, warm: 2 },
  { network: 'alexnet', batch: 16, updates: 12, warm: 2 },
] as const satisfies readonly Omit<Asked, 'out'>[];

/** What is predicted: so many hosts of such a link, each with this machine's one core. */
const farHosts = [8, 64] as const;
const farGigabits = [10, 100] as const;
const imagesAHost = 16;

/** A link between hosts. */
interface Link {
  /** Bytes a millisecond. */
  readonly bandwidth: number;
  /** Milliseconds of a sum of one number over two ranks. */
  readonly latency: number;
}

/** Bytes of a sum; an update's gradients go in as many sums as this takes. */
const bucket = 4 * 2 ** 20;

/**
 * The milliseconds of an update: what computing its images takes on one host, shared out, and the sums of the gradients,
 * as if none of their time were hidden. A ring sends each byte 2 (n − 1) / n times, in 2 (n − 1) steps.
 */
function predicted(compute: number, bytes: number, hosts_: number, { bandwidth, latency }: Link): number {
  const sums = Math.ceil(bytes / bucket);
  const steps = sums * latency * (hosts_ - 1);
  return compute / hosts_ + (bytes * 2 * (hosts_ - 1)) / hosts_ / bandwidth + steps;
}

async function main(): Promise<void> {
  const work = mkdtempSync(join(tmpdir(), 'lineage-hosts-'));
  const rows: string[][] = [];
  const far: string[][] = [];
  const links: string[][] = [];
  const agent = join(work, 'agent');
  writeFileSync(agent, agentText);
  chmodSync(agent, 0o755);
  takeDown();
  setUp();
  try {
    const alone = new Map(cases.map((one) => [one.network, updatesBy(1, one, { threads: 1 })]));
    const near = new Map(cases.map((one) => [one.network, updatesBy(2, one, { threads: 1 })]));
    const overLink = new Map<number, Found[]>();
    for (const rate of gigabits) {
      for (const { name } of hosts) limit(name, rate);
      const found = cases.map((one) => updatesBy(2, one, startedOver(agent)));
      overLink.set(rate, found);
      const link = linkOf(found[0]!);
      links.push([`${rate} Gbit/s`, `${link.latency.toFixed(2)} ms`, gigabitsText(link)]);
      for (const [at, one] of cases.entries()) {
        const here = found[at]!;
        const compute = median(alone.get(one.network)!.milliseconds);
        const expected = predicted(compute, here.bytes, 2, link);
        note(
          `${one.network}, ${rate} Gbit/s: ${median(here.milliseconds).toFixed(1)} ms, predicted ${expected.toFixed(1)} ms`,
        );
        rows.push([
          `\`${one.network}\`, ${one.batch}`,
          `${rate} Gbit/s`,
          timedText(one.batch, compute),
          timedText(one.batch, median(near.get(one.network)!.milliseconds)),
          timedText(one.batch, median(here.milliseconds)),
          timedText(one.batch, expected),
          (median(here.milliseconds) / expected).toFixed(2),
          same(here, near.get(one.network)!),
        ]);
      }
    }
    const { latency } = linkOf(overLink.get(10)![0]!);
    for (const one of cases.slice(1)) {
      const perImage = median(alone.get(one.network)!.milliseconds) / one.batch;
      const { bytes } = near.get(one.network)!;
      for (const rate of farGigabits)
        for (const count of farHosts) {
          const images = imagesAHost * count;
          const time = predicted(images * perImage, bytes, count, { bandwidth: rate * 1.25e5, latency });
          const ideal = perImage * imagesAHost;
          far.push([
            `\`${one.network}\``,
            `${rate} Gbit/s`,
            String(count),
            String(images),
            timedText(images, time),
            `${((100 * ideal) / time).toFixed(0)} %`,
          ]);
        }
    }
  } finally {
    takeDown();
    rmSync(work, { recursive: true, force: true });
  }
  await write(links, rows, far);
}

async function write(
  links: readonly string[][],
  rows: readonly string[][],
  far: readonly string[][],
): Promise<void> {
  await writePage(
    'two-hosts.md',
    `# Two hosts, and what is predicted of more

Two ranks of one thread each, in two network namespaces with addresses and host names of their own, joined by a link that \`tc\` limits; mpirun starts the second through its launcher agent (\`plm_rsh_agent\`). Both share this machine's memory and its two cores, of which the link takes a part.

${markdownTable(['link', 'a sum of one number', 'bandwidth of a sum of 4 MB'], links)}

Beside one process of one thread and two ranks on one host: images/s and the time of an update. The model has no constants but these and the time of the one process: (time of one process) / ranks + bytes × 2 (n − 1) / n / bandwidth + sums × (n − 1) × latency, the sums being of 4 MB. It hides nothing of the sums behind computing.

${markdownTable(
  [
    'network, images of an update',
    'link',
    'one process',
    'one host',
    'two hosts',
    'predicted',
    'time, measured over predicted',
    'losses, beside one host',
  ],
  rows,
)}

The same model for hosts of one such core each, ${imagesAHost} images of an update a host (\`--linear-scaling\`), with the latency of the faster link above and the full bandwidth of the wire. These are predictions; nobody measured them.

${markdownTable(['network', 'link', 'hosts', 'images of an update', 'predicted', 'of the speed without a network'], far)}`,
    'two-hosts.ts',
    `; load average at the end ${loadavg()[0]!.toFixed(1)}`,
  );
}

function linkOf({ sums: { one, million } }: Found): Link {
  return { latency: one, bandwidth: bucket / (million - one) };
}

function gigabitsText({ bandwidth }: Link): string {
  return `${((bandwidth * 8) / 1e6).toFixed(2)} Gbit/s`;
}

function timedText(images: number, milliseconds: number): string {
  return `${speedText(images, milliseconds)} (${milliseconds.toFixed(0)} ms)`;
}

function same(found: Found, expected: Found): string {
  return found.losses.every((loss, at) => loss === expected.losses[at]) ? 'the same, bit for bit' : 'OTHER';
}

/** Starts a command on a host, as ssh would: the host's address, then the command. */
const agentText = `#!/bin/sh
host=$1
shift
case $host in
${hosts.map(({ name, address }) => `  ${address}) name=${name} ;;`).join('\n')}
esac
exec ip netns exec $name unshare --uts sh -c "hostname $name; $*"
`;

function startedOver(agent: string): Starting {
  const [{ name }] = hosts;
  return {
    threads: 1,
    before: [
      'ip',
      'netns',
      'exec',
      name,
      'unshare',
      '--uts',
      'sh',
      '-c',
      `hostname ${name}; exec "$@"`,
      'sh',
    ],
    words: [
      ...['--host', hosts.map(({ address }) => `${address}:1`).join(',')],
      ...['--mca', 'plm_rsh_agent', agent, '--mca', 'btl', 'self,tcp'],
      ...['--mca', 'btl_tcp_if_include', network, '--mca', 'oob_tcp_if_include', network],
    ],
  };
}

function ip(...words: readonly string[]): void {
  execFileSync('ip', words, { stdio: ['ignore', 'ignore', 'pipe'] });
}

function setUp(): void {
  const [one, other] = hosts;
  for (const { name } of hosts) ip('netns', 'add', name);
  ip('link', 'add', 'wire', 'netns', one.name, 'type', 'veth', 'peer', 'name', 'wire', 'netns', other.name);
  for (const { name, address } of hosts) {
    ip('-n', name, 'addr', 'add', `${address}/24`, 'dev', 'wire');
    ip('-n', name, 'link', 'set', 'wire', 'up');
    ip('-n', name, 'link', 'set', 'lo', 'up');
  }
}

function limit(name: string, rate: number): void {
  const shaping = ['root', 'tbf', 'rate', `${rate}gbit`, 'burst', '1mb', 'latency', '50ms'];
  execFileSync('ip', ['netns', 'exec', name, 'tc', 'qdisc', 'replace', 'dev', 'wire', ...shaping]);
}

function takeDown(): void {
  for (const { name } of hosts)
    try {
      ip('netns', 'delete', name);
    } catch {
      // It was not there.
    }
}

main().catch(fail);
