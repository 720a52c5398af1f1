import { existsSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { knownAs } from '../data/download-weights';
import { digestOf } from '../data/fetch-file';
import { UserError } from '../errors';
import type { Network } from '../network';
import { readClassLabels } from './class-labels';
import { importWeights, type ImportOptions } from './import-weights';
import { modelFiles, writeModelFolder, type ModelRecord } from './model-folder';

export interface ImportModelOptions extends ImportOptions {
  readonly file: string;
  /** The registry's name of the network. */
  readonly name: string;
  readonly network: Network;
  /** The model folder to make. */
  readonly out: string;
  /** A file with a name for each class. */
  readonly labels?: string | undefined;
  readonly command: string;
  readonly commit: string | null;
}

/**
 * Makes a model folder of a file of weights.
 * @throws UserError as `importWeights`, `readClassLabels` and `writeModelFolder`
 */
export async function importModel(options: ImportModelOptions): Promise<ModelRecord> {
  const { file, name, network, out, labels, command, commit, seed = 1 } = options;
  if (existsSync(join(out, modelFiles.record)))
    throw new UserError(`${out}: expected a new folder, found a model in it`);
  const imported = await importWeights(file, network, { ...options, seed });
  const { model, report, format, preprocess, missing } = imported;
  try {
    const classes = model.outputs[0]!.shape.at(-1)!;
    const names = labels === undefined ? null : await readClassLabels(labels, classes);
    const published = await knownAs(
      file,
      (network.weights ?? []).flatMap(({ files }) => files),
    );
    return await writeModelFolder(out, model, {
      network: name,
      classes,
      labels: names && [...names.labels],
      synsets: names?.synsets ? [...names.synsets] : null,
      input: {
        shape: shapeOf(model.inputs[0]!.shape),
        preprocess: [...preprocess] as ModelRecord['input']['preprocess'],
      },
      missing: [...missing],
      seed,
      source: {
        kind: 'imported',
        file: basename(file),
        bytes: (await stat(file)).size,
        sha256: await digestOf(file, 'sha256'),
        format,
        convention: report.convention,
        published: published ? { url: published.url, licence: published.licence } : null,
      },
      command,
      commit,
      made: new Date().toISOString(),
    });
  } finally {
    model.dispose();
  }
}

function shapeOf([, height, width, channels]: readonly (number | null)[]): [number, number, number] {
  return [height!, width!, channels!];
}
