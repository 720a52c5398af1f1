/** `npm run readme`: regenerates the generated parts of README.md and of other documents, the networks' pages and the figures. */
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { zoo } from '../../models/registry';
import { loaderTables, type LoaderTableOnFile } from '../../src/report/bench/bench-data';
import { overview } from '../../src/report/overview';
import { peersByDevice, peersSummary } from '../../src/report/bench/peers';
import {
  benchTable,
  evaluationsTable,
  experimentsTable,
  faithfulness,
  networksTable,
  runsTable,
  trainedTable,
  type BenchOnFile,
  type EvaluationOnFile,
  type ExperimentOnFile,
  type ReportOnFile,
  type TrainedOnFile,
} from './tables';
import { useBackend } from '../../src/runtime/backend';
import { writeFileAtomically } from '../../src/core/io/files';
import type { PeersOnFile } from '../peers/bench/bench-peers';
import { jsonIn, onFile } from '../cli/on-file';
import { ownFolder } from '../cli/npm/npm-run';
import { readSealedJson } from '../../src/core/io/sealed-file';
import { modelFiles, type ModelRecord } from '../../src/weights/model-folder';
import { trainedNames } from '../../src/weights/trained-names';
import { reportNames } from '../../src/workflows/compare/reports-on-file';
import { inChinese } from './chinese';
import { drawFigure, figures } from './figures';
import { networkPages } from './network-pages';

const root = join(__dirname, '..', '..');

const chineseReadme = 'README.zh-CN.md';

/** Documents with generated parts, each between `<!-- NAME -->` and `<!-- /NAME -->`. */
export const documents = [
  'README.md',
  chineseReadme,
  ...['models', 'results', 'trained'].map((folder) => join(folder, 'README.md')),
];

/** A document, by its name and its text, with its generated parts made anew. */
export async function generatedDocument(name: string, text: string): Promise<string> {
  await useBackend('cpu');
  const reports = onFile<ReportOnFile>('report.json');
  const experiments = onFile<ExperimentOnFile>('summary.json');
  const models = modelsOnFile();
  const peers = ['peers', 'peers-bfloat16', 'peers-gpu'].flatMap((folder) =>
    jsonIn<PeersOnFile>(join('results', folder), (name) => name),
  );
  const parts = {
    networks: networksTable(overview(zoo, reports, experiments)),
    faithfulness: faithfulness(zoo),
    experiments: experimentsTable(experiments),
    runs: runsTable(
      reports.filter(({ run }) => !models.some(({ reports: own }) => own.some((one) => one.run === run))),
    ),
    evaluations: evaluationsTable(
      models.flatMap(({ record: { source }, reports: own }) => own.map((report) => ({ ...report, source }))),
    ),
    bench: benchTable(jsonIn<BenchOnFile>(join('results', 'bench'), (name) => name)),
    'bench-data': loaderTables(jsonIn<LoaderTableOnFile>(join('results', 'bench-data'), (name) => name)),
    peers: peersSummary(peers),
    'peers-in-full': peersByDevice(peers),
    trained: trainedTable(trainedNames.map(trainedOnFile)),
  };
  return Object.entries(parts).reduce(
    (document, [part, table]) =>
      document.replace(
        new RegExp(`(<!-- ${part} -->\n)[^]*?(<!-- /${part} -->)`),
        (_, before: string, after: string) =>
          `${before}\n${name === chineseReadme ? inChinese(table) : table}\n\n${after}`,
      ),
    text,
  );
}

/** The folder of the networks' pages, all of whose files are generated. */
export const networksFolder = join('docs', 'networks');

/** The files of that folder, by name. */
export async function generatedNetworkPages(): Promise<ReadonlyMap<string, string>> {
  await useBackend('cpu');
  return networkPages(zoo);
}

/** Makes a folder hold these files and no others. */
async function writeGenerated(name: string, files: ReadonlyMap<string, string>): Promise<void> {
  const folder = join(root, name);
  mkdirSync(folder, { recursive: true });
  for (const old of readdirSync(folder)) if (!files.has(old)) rmSync(join(folder, old));
  for (const [file, text] of files) await writeFileAtomically(join(folder, file), text);
}

/** The folder of the figures in the documents. */
export const figuresFolder = join('docs', 'figures');

/** The files of that folder, by name. */
export function generatedFigures(): ReadonlyMap<string, string> {
  return new Map(Object.entries(figures).map(([name, figure]) => [name, drawFigure(figure)]));
}

/** The imported and fine-tuned models under `results/`, each with its reports. */
function modelsOnFile(): readonly {
  readonly record: ModelRecord;
  readonly reports: readonly Omit<EvaluationOnFile, 'source'>[];
}[] {
  const read = (path: string) => readSealedJson(path, 'a result');
  const folders = readdirSync(join(ownFolder, 'results'))
    .sort()
    .map((name) => join(ownFolder, 'results', name));
  return folders
    .filter((folder) => existsSync(join(folder, modelFiles.record)))
    .map((folder) => ({
      record: read(join(folder, modelFiles.record)) as ModelRecord,
      reports: reportNames(folder).map((name) => read(join(folder, name)) as EvaluationOnFile),
    }));
}

function trainedOnFile(name: string): TrainedOnFile {
  const path = (file: string) => join(root, 'trained', name, file);
  return {
    name,
    record: readSealedJson(path(modelFiles.record), 'a model') as ModelRecord,
    report: readSealedJson(path('report.json'), 'a report') as TrainedOnFile['report'],
    bytes: statSync(path(modelFiles.weights)).size,
  };
}

async function main(): Promise<void> {
  for (const name of documents) {
    const path = join(root, name);
    await writeFileAtomically(path, await generatedDocument(name, readFileSync(path, 'utf8')));
  }
  await writeGenerated(networksFolder, await generatedNetworkPages());
  await writeGenerated(figuresFolder, generatedFigures());
}

if (require.main === module) void main();
