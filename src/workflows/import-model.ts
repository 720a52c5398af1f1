/** Creates a model folder from a weight file. */
import { existsSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { knownAs } from '../weights/import/download-weights';
import { digestOf } from '../core/io/download/fetch-file';
import type { FittedRecipe } from '../data/preprocess/fit';
import type { FittedPreprocess } from '../data/preprocess/preprocess';
import { UserError } from '../core/errors';
import type { Network, Recipe } from '../core/network';
import { readClassLabels } from '../weights/import/class-labels';
import { hasFittedFile, lacksFitted, saveFitted } from '../weights/fitted-file';
import { importWeights, type ImportOptions } from '../weights/import/import-weights';
import { modelFiles, writeModelFolder, type ModelRecord } from '../weights/model-folder';
import { makeFolder } from '../core/io/files';

export interface ImportModelOptions extends ImportOptions {
  readonly file: string;
  /** The network's name in the registry. */
  readonly name: string;
  readonly network: Network;
  /** The model folder to create. */
  readonly out: string;
  /** A file with a name for each class. */
  readonly labels?: string | undefined;
  /** Computes the values that preprocessing takes from a training set, if it needs any and the file has none. */
  readonly fit?:
    | ((
        recipe: Pick<Recipe, 'input' | 'augment'>,
        fitted: FittedPreprocess,
      ) => Promise<FittedRecipe<Pick<Recipe, 'input'>>>)
    | undefined;
  readonly command: string;
  readonly commit: string | null;
}

/**
 * Creates a model folder from a weight file.
 * @throws UserError see `importWeights`, `readClassLabels` and `writeModelFolder`
 */
export async function importModel(options: ImportModelOptions): Promise<ModelRecord> {
  const { file, name, network, out, labels, fit, command, commit, seed = 1 } = options;
  if (existsSync(join(out, modelFiles.record)))
    throw new UserError(`${out}: expected a new folder, found a model in it`);
  const imported = await importWeights(file, network, { ...options, seed });
  const { model, report, format, preprocess, missing, differences, uncompared, own } = imported;
  try {
    const classes = model.outputs[0]!.shape.at(-1)!;
    const told = own?.labels ? { labels: own.labels, synsets: own.synsets } : null;
    const names = labels === undefined ? told : await readClassLabels(labels, classes);
    const input = { shape: shapeOf(model.inputs[0]!.shape), preprocess };
    const augment = own?.augment ?? network.recipe.augment;
    const settled = (await fit?.({ input, augment }, imported.fitted)) ?? {
      recipe: { input },
      fitted: imported.fitted,
    };
    const published = await knownAs(
      file,
      (network.weights ?? []).flatMap(({ files }) => files),
    );
    if (!lacksFitted(settled.recipe.input, settled.fitted) && hasFittedFile(settled.recipe)) {
      await makeFolder(out);
      await saveFitted(out, settled.recipe, settled.fitted);
    }
    return await writeModelFolder(out, model, {
      network: name,
      classes,
      labels: names && [...names.labels],
      synsets: names?.synsets ? [...names.synsets] : null,
      input: structuredClone(settled.recipe.input) as ModelRecord['input'],
      ...(own?.augment && { augment: structuredClone(own.augment) as NonNullable<ModelRecord['augment']> }),
      ...(own?.loss && { loss: structuredClone(own.loss) as NonNullable<ModelRecord['loss']> }),
      missing: [...missing],
      seed,
      source: {
        kind: 'imported',
        file: basename(file),
        bytes: (await stat(file)).size,
        sha256: await digestOf(file, 'sha256'),
        format,
        convention: report.convention,
        ...(differences.length > 0 && { differences: [...differences] }),
        ...(uncompared !== undefined && { uncompared }),
        ...(own?.source && { from: { ...own.source } }),
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
