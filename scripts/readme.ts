import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { zoo } from '../models/registry';
import { overview } from '../src/report/overview';
import {
  benchTable,
  faithfulness,
  networksTable,
  runsTable,
  type BenchOnFile,
  type ReportOnFile,
} from '../src/report/readme-tables';
import { useBackend } from '../src/runtime/backend';
import { writeFileAtomically } from '../src/weights/atomic-file';
import { onFile } from './results-on-file';

const root = join(__dirname, '..');

/** The README with its generated parts made anew: each stands between `<!-- NAME -->` and `<!-- /NAME -->`. */
export async function generatedReadme(text: string): Promise<string> {
  await useBackend('cpu');
  const reports = onFile<ReportOnFile>('results', (name) => join(name, 'report.json'));
  const parts = {
    networks: networksTable(overview(zoo, reports)),
    faithfulness: faithfulness(zoo),
    runs: runsTable(reports),
    bench: benchTable(onFile<BenchOnFile>(join('results', 'bench'), (name) => name)),
  };
  return Object.entries(parts).reduce(
    (readme, [name, part]) =>
      readme.replace(
        new RegExp(`(<!-- ${name} -->\n)[^]*?(<!-- /${name} -->)`),
        (_, before: string, after: string) => `${before}\n${part}\n\n${after}`,
      ),
    text,
  );
}

async function main(): Promise<void> {
  const path = join(root, 'README.md');
  await writeFileAtomically(path, await generatedReadme(readFileSync(path, 'utf8')));
}

if (require.main === module) void main();
