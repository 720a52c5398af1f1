/** What a model's folder records of an open network, whether it comes from a run or from such a folder. */
import { deviceOf } from '../../core/text/device';
import type { Machine } from '../../runtime/machine';
import { dataText } from '../../train/run/run-record';
import { openModelFolder, type ModelRecord } from '../../weights/model-folder';
import type { Provenance } from '../context';
import type { Opened } from './open-folder';

/**
 * The record, but for the digest of the weights. Of a model's folder it is the folder's own, with the class names by
 * which it was opened.
 * @param folder what `openFolder` opened
 */
export async function modelFacts(
  folder: string,
  opened: Opened,
  { command, commit }: Provenance,
): Promise<Omit<ModelRecord, 'sha256'>> {
  const { network, recipe, record, progress } = opened;
  const labels = opened.labels && [...opened.labels];
  const synsets = opened.synsets && [...opened.synsets];
  if (!record || !progress) {
    const { sha256: _, ...facts } = await openModelFolder(folder);
    return { ...facts, labels, synsets };
  }
  const trainedOn = record.machine as unknown as Machine;
  return {
    network,
    classes: record.classes,
    labels,
    synsets,
    input: structuredClone(recipe.input) as ModelRecord['input'],
    augment: structuredClone(recipe.augment) as NonNullable<ModelRecord['augment']>,
    loss: structuredClone(recipe.loss) as NonNullable<ModelRecord['loss']>,
    missing: [],
    seed: record.seed,
    source: {
      kind: 'trained',
      data: dataText(record),
      epochs: progress.epochs,
      seed: record.seed,
      recipe: structuredClone(record.recipe) as Extract<ModelRecord['source'], { kind: 'trained' }>['recipe'],
      command: record.command,
      commit: record.commit,
      seconds: progress.seconds,
      device: `${deviceOf(trainedOn)}, ${trainedOn.backend} ${trainedOn.tensorflow ?? ''}`.trim(),
    },
    command,
    commit,
    made: new Date().toISOString(),
  };
}
