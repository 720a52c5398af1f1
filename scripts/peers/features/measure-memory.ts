/**
 * Measures the most memory that `features` holds (RSS) over folders of different sizes, in each format, and writes
 * results/features/memory.md: `npx tsx scripts/peers/features/measure-memory.ts IMAGES [GOOGLENET]`, a folder of images, to which
 * the folders hold links, each image many times. GoogLeNet is measured where the folder of its model follows.
 */
import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { extname, join, resolve } from 'node:path';
import { writeFileAtomically } from '../../../src/core/io/files';
import { markdownTable } from '../../../src/core/text/markdown-table';
import { useBackend } from '../../../src/runtime/backend';
import { machine } from '../../../src/runtime/machine';
import { commit, fail, note } from '../../cli/terminal/output';
import { ownFolder } from '../../cli/npm/npm-run';

const sizes = [500, 5_000, 20_000];
const formats = ['safetensors', 'npy', 'npz', 'csv'];

/** What is measured: a network, one of its layers, and the sets that are not too long for it. */
interface Case {
  readonly model: string;
  readonly name: string;
  readonly layer: string;
  readonly values: number;
  readonly sizes: readonly number[];
}

/** The process says at its end what it held at most; its threads are in it. */
const telling = `const { isMainThread } = require('node:worker_threads');
if (isMainThread) process.on('exit', () => require('node:fs').writeFileSync(process.env.LINEAGE_PEAK, String(process.resourceUsage().maxRSS)));`;

interface Held {
  readonly kilobytes: number;
  readonly bytes: number;
}

function held(work: string, images: string, { model, layer }: Case, format: string): Held {
  const [told, out, preload] = ['peak', `features.${format}`, 'telling.cjs'].map((name) =>
    join(work, name),
  ) as [string, string, string];
  writeFileSync(preload, telling);
  const program = [join(ownFolder, 'scripts', 'cnn-lineage.ts'), 'features', images];
  const words = ['--model', model, '--layer', layer, '--out', out, '--backend', 'tensorflow'];
  const { status, stderr } = spawnSync(
    process.execPath,
    ['--require', 'tsx/cjs', '--require', preload, ...program, ...words],
    { cwd: ownFolder, env: { ...process.env, LINEAGE_PEAK: told }, encoding: 'utf8' },
  );
  if (status !== 0) throw new Error(stderr);
  const { size: bytes } = statSync(out);
  rmSync(out);
  return { kilobytes: Number(readFileSync(told, 'utf8')), bytes };
}

function linked(folder: string, files: readonly string[], number: number): string {
  mkdirSync(folder);
  for (let at = 0; at < number; at++) {
    const file = files[at % files.length]!;
    symlinkSync(file, join(folder, `${String(at).padStart(5, '0')}${extname(file)}`));
  }
  return folder;
}

/** What was measured, by network, layer, format and images: a run that was ended goes on. */
const figures = join(ownFolder, 'results', 'features', 'memory.json');

async function main([source, models]: readonly string[]): Promise<void> {
  if (source === undefined) throw new Error('expected a folder of images');
  const work = mkdtempSync(join(tmpdir(), 'lineage-features-'));
  const cases: readonly Case[] = [
    { model: 'lenet5', name: 'lenet5', layer: 'C1', values: 28 * 28 * 6, sizes },
    ...(models === undefined
      ? []
      : [
          {
            model: resolve(models),
            name: 'googlenet',
            layer: 'pool5',
            values: 1024,
            sizes: sizes.slice(0, 2),
          },
        ]),
  ];
  const kept = (existsSync(figures) ? JSON.parse(readFileSync(figures, 'utf8')) : {}) as Record<string, Held>;
  try {
    const files = readdirSync(source)
      .sort()
      .map((name) => resolve(source, name));
    const folders = new Map(
      sizes.map((size) => [size, linked(join(work, String(size)), files, size)] as const),
    );
    const rows: string[][] = [];
    for (const one of cases)
      for (const format of formats) {
        const found: Held[] = [];
        for (const size of one.sizes) {
          const key = `${one.name} ${one.layer} ${format} ${size}`;
          kept[key] ??= held(work, folders.get(size)!, one, format);
          note(`${key}: ${JSON.stringify(kept[key])}`);
          await writeFileAtomically(figures, `${JSON.stringify(kept, null, 2)}\n`);
          found.push(kept[key]);
        }
        const cells = sizes.map((_, at) => (found[at] ? (found[at].kilobytes / 1024).toFixed(0) : '-'));
        const largest = `${(found.at(-1)!.bytes / 1e6).toFixed(0)} MB`;
        rows.push([`\`${one.name}\`, \`${one.layer}\`: ${one.values}`, `\`.${format}\``, ...cells, largest]);
      }
    await writeMemory(rows);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

async function writeMemory(rows: readonly (readonly string[])[]): Promise<void> {
  const { cpu, cores, backend } = machine(await useBackend());
  const path = join(ownFolder, 'results', 'features', 'memory.md');
  const head = [
    'network, layer: values an image',
    'format',
    ...sizes.map((size) => `${size.toLocaleString('en')} images`),
    'largest file',
  ];
  await writeFileAtomically(
    path,
    `# Memory of \`features\`

The most memory that \`features\` held (resident, in MiB, its threads included) for folders of links to 500 photos of 227 pixels, each seen as often as it takes. Rows are written batch by batch; what grows with the set are the names of its images.

${markdownTable(head, rows)}

\`npx tsx scripts/peers/features/measure-memory.ts IMAGES MODEL\`, which starts \`npm run features -- FOLDER --model MODEL --layer LAYER --out FILE\` for each; ${cores} cores of ${cpu}, ${backend}, commit \`${commit()}\`, ${new Date().toISOString().slice(0, 10)}.
`,
  );
}

main(process.argv.slice(2)).catch(fail);
