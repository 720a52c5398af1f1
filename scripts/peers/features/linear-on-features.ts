/**
 * Writes features of a data set in all formats, has Python read them with numpy and safetensors and fit scikit-learn's
 * linear classifier, and sets its error beside that of fine-tuned heads:
 * `npx tsx scripts/peers/features/linear-on-features.ts [PYTHON]` writes results/features/README.md. PYTHON has numpy,
 * safetensors and scikit-learn.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeFeatures } from '../../../index';
import { makeFolder, writeFileAtomically } from '../../../src/core/io/files';
import { markdownTable } from '../../../src/core/text/markdown-table';
import { machine } from '../../../src/runtime/machine';
import { backendInUse } from '../../../src/runtime/backend';
import { commit, fail, note } from '../../cli/terminal/output';
import { ownFolder } from '../../cli/npm/npm-run';

const data = 'clothing';
const model = 'googlenet';
const finetuned = [1, 2, 3].map((seed) => `results/googlenet-clothing-frozen-${seed}`);

interface Fitted {
  readonly C: number;
  readonly validationWrong: number;
  readonly testWrong: number;
  readonly same: Readonly<Record<string, boolean>>;
  readonly sizes: Readonly<Record<string, number>>;
  readonly width: number;
  readonly versions: Readonly<Record<string, string>>;
}

async function main([python = 'python3']: readonly string[]): Promise<void> {
  const work = mkdtempSync(join(tmpdir(), 'lineage-features-'));
  try {
    const began = performance.now();
    for (const part of ['train', 'validation', 'test'] as const)
      await writeFeatures(data, { model, part, out: join(work, `${part}.npz`) });
    const seconds = (performance.now() - began) / 1000;
    for (const ending of ['npy', 'csv', 'safetensors'])
      await writeFeatures(data, { model, part: 'test', out: join(work, `test.${ending}`) });
    const script = join(ownFolder, 'scripts', 'peers', 'features', 'linear_on_features.py');
    const found = JSON.parse(execFileSync(python, [script, work], { encoding: 'utf8' })) as Fitted;
    note(JSON.stringify(found));
    const differing = Object.entries(found.same).filter(([, same]) => !same);
    if (differing.length > 0)
      throw new Error(`expected the same rows in all files, found others in ${differing[0]![0]}`);
    const folder = join(ownFolder, 'results', 'features');
    await makeFolder(folder);
    await writeFileAtomically(join(folder, 'README.md'), await text(found, seconds));
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

async function text(found: Fitted, seconds: number): Promise<string> {
  const { cpu, cores, backend } = machine(await backendInUse());
  const { train, validation, test } = found.sizes as Record<'train' | 'validation' | 'test', number>;
  const all = train + validation + test;
  const share = (wrong: number) => `${((100 * wrong) / test).toFixed(2)} %`;
  const heads = finetuned.map((folder) => {
    const report = JSON.parse(readFileSync(join(ownFolder, folder, 'report.json'), 'utf8')) as {
      readonly mistakes: number;
    };
    return [
      `\`finetune\`, [${folder.split('/')[1]}](../${folder.split('/')[1]}/report.json)`,
      `${report.mistakes} of ${test}`,
      share(report.mistakes),
    ];
  });
  const versions = Object.entries(found.versions).map(([name, version]) => `${name} ${version}`);
  return `# Features, read elsewhere

What \`features\` writes of GoogLeNet's \`pool5\` (${found.width} values an image) for the ${all} images of \`${data}\`, read in Python by ${versions.join(', ')}. The rows of the test set are the same numbers, bit for bit, in \`.npz\`, \`.npy\`, \`.safetensors\` and \`.csv\`, with the same file names and labels.

scikit-learn's \`LogisticRegression\` on the ${train} training rows, standardised; C, a half power of ten, is the one with the fewest mistakes on the ${validation} validation rows (C = ${found.C.toPrecision(3)}, ${found.validationWrong} mistakes). Beside it the heads that \`finetune\` made on the same frozen layers.

${markdownTable(['', 'mistakes', 'test error'], [[`scikit-learn on \`features\``, `${found.testWrong} of ${test}`, share(found.testWrong)], ...heads])}

Computing and writing the features took ${seconds.toFixed(0)} s (${(all / seconds).toFixed(1)} images/s, decoding and loading the model included) on ${cores} cores of ${cpu}, ${backend}, shared with other work.

\`npx tsx scripts/peers/features/linear-on-features.ts PYTHON\`, commit \`${commit()}\`, ${new Date().toISOString().slice(0, 10)}.
`;
}

main(process.argv.slice(2)).catch(fail);
