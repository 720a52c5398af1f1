/**
 * Measures what ranks read of tar shards, and the most memory that each holds, on sets of two sizes:
 * `npx tsx scripts/ranks/shards.ts IMAGES` writes results/ranks/shards.md. The shards hold the images of a folder again
 * and again. Needs Open MPI and, for as long as it runs, 3 GB of disk.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { UserError } from '../../src/core/errors';
import { markdownTable } from '../../src/core/text/markdown-table';
import { percent } from '../../src/core/text/numbers';
import { ownFolder } from '../cli/npm/npm-run';
import { fail, note } from '../cli/terminal/output';
import { tarOf } from '../fuzz/tar';
import { writePage } from './result-page';

const sizes = [0.25e9, 2.5e9];
const inShard = 100e6;
const classes = 10;

/** A process says at its end what it has read (all threads, also of what lay in memory), and held at most. */
const telling = `const { isMainThread } = require('node:worker_threads');
if (isMainThread) process.on('exit', () => {
  const fs = require('node:fs');
  const read = Number(/rchar: (\\d+)/.exec(fs.readFileSync('/proc/self/io', 'utf8'))[1]);
  const rank = process.env.OMPI_COMM_WORLD_RANK ?? 'alone';
  const held = process.resourceUsage().maxRSS * 1024;
  fs.writeFileSync(process.env.LINEAGE_TOLD + '/' + rank + '.' + process.pid, JSON.stringify({ read, held }));
});`;

interface Told {
  readonly read: number;
  readonly held: number;
}

/** Writes shards of so many bytes of images: a training and a tenth as large a test set. */
function writeShards(folder: string, images: readonly Buffer[], bytes: number): number {
  mkdirSync(folder, { recursive: true });
  let written = 0;
  let count = 0;
  for (const [name, all] of [
    ['train', bytes / 1.1],
    ['test', bytes / 11],
  ] as const) {
    for (let left = all, shard = 0; left > 0; shard++) {
      const files: Record<string, Buffer> = {};
      for (let size = 0; size < Math.min(inShard, left); count++) {
        const image = images[count % images.length]!;
        const key = String(count).padStart(8, '0');
        files[`${key}.jpg`] = image;
        files[`${key}.cls`] = Buffer.from(String(count % classes));
        size += image.length;
      }
      const archive = tarOf(files);
      writeFileSync(join(folder, `${name}-${String(shard).padStart(4, '0')}.tar`), archive);
      written += archive.length;
      left -= archive.length;
    }
  }
  return written;
}

/** What each rank of a training of one epoch tells, by its number. */
function trained(work: string, data: string, ranks: number): readonly Told[] {
  const told = join(work, 'told');
  const preload = join(work, 'telling.cjs');
  mkdirSync(told);
  writeFileSync(preload, telling);
  const program = [join(ownFolder, 'scripts', 'cnn-lineage.ts'), 'train', 'lenet5-modern', '--data', data];
  const words = [
    '--epochs',
    '1',
    '--out',
    join(work, 'run'),
    ...(ranks > 1 ? ['--ranks', String(ranks)] : []),
  ];
  const { status, stderr } = spawnSync(process.execPath, ['--require', 'tsx/cjs', ...program, ...words], {
    cwd: ownFolder,
    env: { ...process.env, LINEAGE_TOLD: told, NODE_OPTIONS: `--require ${preload}` },
    encoding: 'utf8',
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  if (status !== 0) throw new Error(`${ranks} ranks ended with ${status}: ${stderr}`);
  const wanted = ranks > 1 ? Array.from({ length: ranks }, (_, rank) => `${rank}.`) : ['alone.'];
  const names = readdirSync(told);
  const found = wanted.map((start) => {
    const all = names.filter((name) => name.startsWith(start));
    const each = all.map((name) => JSON.parse(readFileSync(join(told, name), 'utf8')) as Told);
    return each.sort((one, other) => other.held - one.held)[0]!; // beside it, small processes of its own
  });
  rmSync(told, { recursive: true });
  rmSync(join(work, 'run'), { recursive: true });
  return found;
}

async function main(): Promise<void> {
  const [photos] = process.argv.slice(2);
  if (photos === undefined) throw new UserError('expected a folder of JPEG images, found none');
  const images = readdirSync(photos)
    .filter((name) => /\.jpe?g$/i.test(name))
    .map((name) => readFileSync(join(photos, name)));
  const work = mkdtempSync(join(tmpdir(), 'lineage-shards-'));
  try {
    const found = sizes.map((size) => {
      const data = join(work, 'shards');
      const bytes = writeShards(data, images, size);
      const ranks = [1, 2, 4].map((count) => trained(work, data, count));
      rmSync(data, { recursive: true });
      note(JSON.stringify({ bytes, ranks }));
      return { bytes, ranks };
    });
    await writePage('shards.md', text(found, images.length), 'shards.ts IMAGES');
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

interface Found {
  readonly bytes: number;
  /** By the number of ranks, what each tells. */
  readonly ranks: readonly (readonly Told[])[];
}

function text([small, large]: readonly Found[], images: number): string {
  const rows = large!.ranks.flatMap((ranks, at) =>
    ranks.map((told, rank) => {
      const before = small!.ranks[at]![rank]!;
      const share = (told.read - before.read) / (large!.bytes - small!.bytes);
      const held = [before, told].map((each) => `${Math.round(each.held / 1e6)} MB`);
      return [ranks.length === 1 ? 'one process' : `${rank} of ${ranks.length}`, percent(share, 0), ...held];
    }),
  );
  const [fewer, more] = [small!, large!].map(({ bytes }) => `${(bytes / 1e9).toFixed(2)} GB`);
  return `# What ranks read of tar shards

One epoch of \`lenet5-modern\` on shards of ${fewer} and of ${more}, with ${images} photographs in them again and again. "Read" is by how much more a rank read of the larger set than of the smaller one, as a share of the difference; what lay in the system's memory counts as read. Before the run begins, rank 0 reads every image to see whether it is whole, and again those of the training set, since this recipe takes its normalisation from them; the others share out a look at what lies on their host. Then each rank reads its own rows of every batch and of the test set.

${markdownTable(['rank', 'read', `most memory, ${fewer}`, `most memory, ${more}`], rows)}`;
}

main().catch(fail);
