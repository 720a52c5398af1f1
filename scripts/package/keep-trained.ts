/**
 * Makes a folder of `trained/`, the weights that come with the package, of a run: `npx tsx scripts/package/keep-trained.ts
 * NAME RUN`. Needs `LINEAGE_DATA` with the run's data set, on whose test images the new folder is then evaluated.
 */
import { existsSync, renameSync, rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import { zoo } from '../../models/registry';
import { evaluateFolder } from '../../verbs';
import { deviceOf } from '../../src/core/text/device';
import { UserError } from '../../src/core/errors';
import type { Machine } from '../../src/runtime/machine';
import { runFiles } from '../../src/train/run/run-record';
import { modelFiles, writeModelFolder, type ModelRecord } from '../../src/weights/model-folder';
import { openContext } from '../../src/workflows/context';
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
  const { network, model, recipe, labels, synsets, record, progress } = await openFolder(run, {}, context);
  if (!record || !progress) throw new UserError(`${run}: expected a run, found a model`);
  const trainedOn = record.machine as unknown as Machine;
  for (const file of [...Object.values(modelFiles), runFiles.report])
    rmSync(join(folder, file), { force: true });
  await writeModelFolder(folder, model, {
    network,
    classes: record.classes,
    labels: labels && [...labels],
    synsets: synsets && [...synsets],
    input: structuredClone(recipe.input) as ModelRecord['input'],
    augment: structuredClone(recipe.augment) as NonNullable<ModelRecord['augment']>,
    loss: structuredClone(recipe.loss) as NonNullable<ModelRecord['loss']>,
    missing: [],
    seed: record.seed,
    source: {
      kind: 'trained',
      data: record.data,
      epochs: progress.epochs,
      seed: record.seed,
      recipe: structuredClone(record.recipe) as Extract<ModelRecord['source'], { kind: 'trained' }>['recipe'],
      command: record.command,
      commit: record.commit,
      seconds: progress.seconds,
      device: `${deviceOf(trainedOn)}, ${trainedOn.backend} ${trainedOn.tensorflow ?? ''}`.trim(),
    },
    ...context.provenance,
    made: new Date().toISOString(),
  });
  model.dispose();
  return record.data;
}

main(process.argv[2], process.argv[3]).catch((error: unknown) => {
  console.error(error instanceof UserError ? error.message : error);
  process.exitCode = error instanceof UserError ? 2 : 1;
});
