/** The images that a run or an evaluation leaves beside its report. */
import { rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { ImageSet } from '../../data/dataset';
import type { Answer } from '../../evaluate/metrics/answers';
import { filtersSheet } from '../../report/sheets/filters-sheet';
import { worstMistakes } from '../../report/sheets/worst-mistakes';
import type { tf } from '../../core/tf';
import { writeFileAtomically } from '../../core/io/files';

/** The file name of the drawing of a network's filters. */
export const filtersFile = 'filters.png';

/** `mistakes.png` beside `report.json`, `mistakes-photos.png` beside `report-photos.json`. */
export function mistakesFile(report: string): string {
  return join(dirname(report), basename(report).replace(/^report(.*)\.json$/, 'mistakes$1.png'));
}

/**
 * Draws the worst mistakes that a report counts and the filters of the network's first layer, beside the report.
 * @param model null if the report covers several models
 * @returns the file with the mistakes; null if there are none
 */
export async function drawImages(
  report: string,
  {
    model,
    data,
    answers,
  }: { readonly model: tf.LayersModel | null; readonly data: ImageSet; readonly answers: readonly Answer[] },
): Promise<string | null> {
  const filters = model && (await filtersSheet(model));
  if (filters) await writeFileAtomically(join(dirname(report), filtersFile), filters);
  const file = mistakesFile(report);
  const mistakes = await worstMistakes(data, answers);
  if (!mistakes)
    await rm(file, { force: true }); // left by an earlier evaluation
  else await writeFileAtomically(file, mistakes);
  return mistakes && file;
}
