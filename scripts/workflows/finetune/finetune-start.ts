/** Opens the trained weights that a fine-tuning starts from. */
import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { zoo, type NetworkName } from '../../../models/registry';
import { digestOf } from '../../../src/core/io/download/fetch-file';
import type { FittedPreprocess } from '../../../src/data/preprocess/preprocess';
import { UserError } from '../../../src/core/errors';
import type { Recipe } from '../../../src/core/network';
import { mappingText } from '../../../src/report/mapping-text';
import type { tf } from '../../../src/core/tf';
import { lacksFitted } from '../../../src/weights/fitted-file';
import { importWeights, type Imported } from '../../../src/weights/import/import-weights';
import { selectedWeights } from '../../../src/train/run/selected-weights';
import type { MappingReport } from '../../../src/weights/import/mapping-report';
import type { Convention } from '../../../src/weights/import/toolkit-layout';
import { note, noteLines } from '../../cli/output';
import { openTrained } from '../open-trained';
import { foundPath } from '../../cli/options/shared-options';

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
 * @param given a path for `foundPath`
 * @throws UserError if they belong to another network, or cannot be read
 */
export async function openStart(
  given: string,
  network: NetworkName,
  names: Convention | undefined,
): Promise<FinetuneStart> {
  const path = foundPath(given);
  const found = await stat(path).catch(() => undefined);
  if (!found?.isDirectory()) {
    const imported = await imports(path, network, names);
    const { model, preprocess, format, fitted, missing: notLoaded, differences, uncompared, own } = imported;
    const [first, ...others] = differences;
    if (first !== undefined)
      note(
        `${path}: its weights were trained in another network, and imported despite it: ${first}${others.length > 0 ? ` (and ${others.length} more)` : ''}`,
      );
    const sha256 = await digestOf(path, 'sha256');
    const shape = model.inputs[0]!.shape.slice(1) as unknown as Recipe['input']['shape'];
    if (own && lacksFitted({ shape, preprocess }, fitted))
      note(`${path}: such numbers are computed again from the images that it is fine-tuned on`);
    const source = {
      ...{ kind: 'imported', file: basename(path), sha256, format },
      ...(differences.length > 0 && { differences }),
      ...(uncompared !== undefined && { uncompared }),
      ...(own?.source && { from: own.source }),
    };
    return { model, input: { shape, preprocess }, fitted, sha256, source, notLoaded };
  }
  if (names !== undefined)
    throw new UserError(`--names: expected a file of another toolkit, found the folder ${path}`);
  const trained = await openTrained(path);
  if (trained.network !== network) {
    trained.model.dispose();
    throw new UserError(
      `--weights ${path}: expected weights of ${network}, found those of ${trained.network}`,
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
async function imports(path: string, network: NetworkName, names: Convention | undefined): Promise<Imported> {
  const reports: MappingReport[] = [];
  try {
    const imported = await importWeights(path, zoo[network], {
      convention: names,
      zoo,
      onReport: (report) => void reports.push(report),
    });
    for (const line of imported.report.notes ?? []) note(`${path}: ${line}`);
    return imported;
  } catch (error) {
    if (error instanceof UserError) reports.forEach((report) => noteLines(mappingText(report)));
    throw error;
  }
}
