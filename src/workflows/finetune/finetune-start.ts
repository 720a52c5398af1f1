/** Opens the trained weights that a fine-tuning starts from. */
import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { digestOf } from '../../core/io/download/fetch-file';
import type { FittedPreprocess } from '../../data/preprocess/preprocess';
import { UserError } from '../../core/errors';
import type { Recipe } from '../../core/network';
import { mappingText } from '../../report/mapping-text';
import type { tf } from '../../core/tf';
import { lacksFitted } from '../../weights/fitted-file';
import { importWeights, type Imported } from '../../weights/import/import-weights';
import { selectedWeights } from '../../train/run/selected-weights';
import type { MappingReport } from '../../weights/import/mapping-report';
import type { Convention } from '../../weights/import/toolkit-layout';
import { option } from '../../core/text/wording';
import { networkOf, type Context } from '../context';
import { openFolder } from '../trained/open-folder';

/** Trained weights to start from, with the preprocessing of their images. */
export interface FinetuneStart {
  /** The model with the classes that it was trained on; the caller disposes of it. */
  readonly model: tf.LayersModel;
  readonly input: Recipe['input'];
  readonly fitted: FittedPreprocess;
  readonly sha256: string;
  readonly source: Readonly<Record<string, unknown>>;
  /** Weights that still have their random initial values, since they were neither loaded nor trained. */
  readonly notLoaded: readonly string[];
}

/**
 * Opens weights of a network: a file of another toolkit, or the folder of a model or a run.
 * @param path of the file or folder
 * @throws UserError if they belong to another network, or cannot be read
 */
export async function openStart(
  path: string,
  network: string,
  names: Convention | undefined,
  context: Context,
): Promise<FinetuneStart> {
  const { remark } = context;
  const found = await stat(path).catch(() => undefined);
  if (!found?.isDirectory()) {
    const imported = await imports(path, network, names, context);
    const { model, format, fitted, missing: notLoaded, differences, uncompared, own } = imported;
    const { input } = imported;
    const [first, ...others] = differences;
    if (first !== undefined)
      remark(
        `${path}: its weights were trained in another network, and imported despite it: ${first}${others.length > 0 ? ` (and ${others.length} more)` : ''}`,
      );
    const sha256 = await digestOf(path, 'sha256');
    if (own && lacksFitted(input, fitted))
      remark(`${path}: such numbers are computed again from the images that it is fine-tuned on`);
    const source = {
      ...{ kind: 'imported', file: basename(path), sha256, format },
      ...(differences.length > 0 && { differences }),
      ...(uncompared !== undefined && { uncompared }),
      ...(own?.source && { from: own.source }),
    };
    return { model, input, fitted, sha256, source, notLoaded };
  }
  if (names !== undefined)
    throw new UserError(`${option('names')}: expected a file of another toolkit, found the folder ${path}`);
  const trained = await openFolder(path, {}, context);
  if (trained.network !== network) {
    trained.model.dispose();
    throw new UserError(
      `${option('weights', path)}: expected weights of ${network}, found those of ${trained.network}`,
    );
  }
  const { model, recipe, fitted, source, notLoaded = [] } = trained;
  return {
    model,
    input: recipe.input,
    fitted,
    sha256: await digestOf((await selectedWeights(path)).path, 'sha256'),
    source,
    notLoaded,
  };
}

/** Reports what became of each tensor if the file is refused. */
async function imports(
  path: string,
  network: string,
  names: Convention | undefined,
  { zoo, remark }: Context,
): Promise<Imported> {
  const reports: MappingReport[] = [];
  try {
    const imported = await importWeights(path, networkOf(zoo, network, option('network')), {
      convention: names,
      zoo,
      onReport: (report) => void reports.push(report),
    });
    for (const line of imported.report.notes ?? []) remark(`${path}: ${line}`);
    return imported;
  } catch (error) {
    if (error instanceof UserError)
      reports.flatMap((report) => mappingText(report).split('\n')).forEach(remark);
    throw error;
  }
}
