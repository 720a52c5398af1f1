/**
 * Measures what pages with this package weigh, as the Markdown tables of results/browser/README.md:
 * `npx tsx scripts/package/sizes.ts FOLDER`, where FOLDER is one in which the packed package is installed.
 */
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { transform } from 'esbuild';
import { bundle, bundlers, scriptsIn, sizeOf, type Job } from './bundle';

/** Modules whose size is told beside TensorFlow.js. */
const modules = {
  '`lenet5`': "export { lenet5 } from 'cnn-lineage/networks';",
  '`alexnet`': "export { alexnet } from 'cnn-lineage/networks';",
  '`vggD`': "export { vggD } from 'cnn-lineage/networks';",
  '`googlenet`': "export { googlenet } from 'cnn-lineage/networks';",
  '`googlenetTorchvision`, the largest': "export { googlenetTorchvision } from 'cnn-lineage/networks';",
  '`zoo`': "export { zoo } from 'cnn-lineage/networks';",
  '`cnn-lineage/layers`': "export * from 'cnn-lineage/layers';",
  '`train`, `evaluate` and `lenet5`': "export { evaluate, lenet5, train } from 'cnn-lineage/browser';",
  '`loadPretrained` and `lenet5`': "export { lenet5, loadPretrained } from 'cnn-lineage/browser';",
  'all of `cnn-lineage/browser`': "export * from 'cnn-lineage/browser';",
};
const examples = ['photo', 'digits', 'camera'] as const;

async function main(given: string): Promise<void> {
  const folder = resolve(given);
  const out = mkdtempSync(join(tmpdir(), 'cnn-lineage-sizes-'));
  try {
    const beside: string[][] = [];
    for (const [index, [name, text]] of Object.entries(modules).entries()) {
      const entry = join(folder, `sizes-${index}.js`);
      writeFileSync(entry, text);
      const cells: string[] = [];
      for (const bundler of bundlers)
        cells.push(await cellOf({ bundler, entry, out: join(out, `${index}-${bundler}`), besideTfjs: true }));
      beside.push([name, ...cells]);
      rmSync(entry);
    }
    console.log(markdown(['beside TensorFlow.js', ...bundlers], beside));
    const whole: string[][] = [];
    for (const name of examples) {
      cpSync(join('examples', name), join(folder, name), { recursive: true });
      const cells: string[] = [];
      for (const bundler of bundlers) {
        const entry = join(folder, name, bundler === 'vite' ? 'index.html' : 'main.js');
        cells.push(await cellOf({ bundler, entry, out: join(out, `${name}-${bundler}`), besideTfjs: false }));
      }
      whole.push([`\`examples/${name}\``, ...cells]);
    }
    console.log(markdown(['with TensorFlow.js', ...bundlers], whole));
  } finally {
    rmSync(out, { recursive: true, force: true });
  }
}

/** Kilobytes of what loads at once, minified and gzipped; rollup's output is minified by esbuild. */
async function cellOf(job: Job): Promise<string> {
  const { first } = await bundle(job);
  if (job.bundler === 'rollup')
    for (const file of scriptsIn(job.out)) {
      const { code } = await transform(readFileSync(file, 'utf8'), {
        minify: true,
        format: 'esm',
        legalComments: 'eof',
      });
      writeFileSync(file, code);
    }
  const { bytes, gzipped } = sizeOf(first);
  return `${(bytes / 1000).toFixed(1)} / ${(gzipped / 1000).toFixed(1)}`;
}

function markdown(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line), ''].join('\n');
}

void main(process.argv[2]!);
