/**
 * Makes a folder of `trained/`, the weights that come with the package, of a run: `npx tsx scripts/package/keep-trained.ts
 * NAME RUN`. Needs `LINEAGE_DATA` with the run's data set, on whose test images the new folder is then evaluated.
 */
import { existsSync, renameSync, rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import { zoo } from '../../models/registry';
import { evaluateFolder } from '../../verbs';
import { UserError } from '../../src/core/errors';
import { runFiles } from '../../src/train/run/run-record';
import { modelFiles, writeModelFolder } from '../../src/weights/model-folder';
import { openContext } from '../../src/workflows/context';
import { modelFacts } from '../../src/workflows/trained/model-facts';
import { openFolder } from '../../src/workflows/trained/open-folder';
import { ownFolder } from '../cli/npm/npm-run';
import { commit } from '../cli/terminal/output';

async function main(name: string | undefined, run: string | undefined): Promise<void> {
  if (name === undefined || run === undefined || !existsSync(run))
    throw new UserError('keep-trained: expected NAME RUN, found only some of them');
  const folder = relative('', join(ownFolder, 'trained', name));
  const data = await keep(run, folder);
  // As the command does, whose report then has the name of a run's.
  const provenance = { command: `npm run evaluate -- ${folder} --data ${data}`, commit: commit() };
  const { report, path } = await evaluateFolder(folder, { data, provenance });
  renameSync(path, join(folder, runFiles.report));
  for (const drawing of ['filters.png', `mistakes-${data}.png`])
    rmSync(join(folder, drawing), { force: true });
  console.log(`${folder}: ${report.mistakes} of ${report.images} wrong`);
}

/** @returns the data set that the run learned from */
async function keep(run: string, folder: string): Promise<string> {
  const command = `npx tsx scripts/package/keep-trained.ts ${folder.split('/').at(-1)!} RUN`;
  const context = await openContext(zoo, ['keep'], { provenance: { command, commit: commit() } });
  const opened = await openFolder(run, {}, context);
  const { model, record, progress } = opened;
  if (!record || !progress) throw new UserError(`${run}: expected a run, found a model`);
  for (const file of [...Object.values(modelFiles), runFiles.report])
    rmSync(join(folder, file), { force: true });
  await writeModelFolder(folder, model, await modelFacts(run, opened, context.provenance));
  model.dispose();
  return record.data;
}

main(process.argv[2], process.argv[3]).catch((error: unknown) => {
  console.error(error instanceof UserError ? error.message : error);
  process.exitCode = error instanceof UserError ? 2 : 1;
});
