/** Gathers what the comparison page shows: networks, results, images and trainings in progress. */
import { existsSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { libvips } from '../../data/image/decode-region';
import { UserError, messageOf } from '../../core/errors';
import type { PageData, Image, Result, Underway } from '../../report/page/page-data';
import type { ComparedRow } from '../../report/compare';
import { readReport } from '../../report/report-file';
import { describeNetwork, shapesOf } from '../../describe/describe-network';
import { drawNetwork } from '../../describe/draw/draw';
import { readLog, type EpochSummary } from '../../train/run/log';
import { openRun, runFiles } from '../../train/run/run-record';
import { readKept } from '../../core/io/kept-file';
import type { Zoo } from '../context';
import { damageIn } from './reports-on-file';
import { filtersFile, mistakesFile } from '../evaluate/run-images';

/** All networks with their counts and drawings. */
export function networksOfPage(zoo: Zoo): PageData['networks'] {
  return Object.entries(zoo).map(([name, network]) => {
    const model = shapesOf(name, network);
    const drawing = drawNetwork(name, model);
    model.dispose();
    return { description: describeNetwork(name, network), drawing };
  });
}

/**
 * A row with the files that lie beside its report.
 * @param onDamaged called with one line for each such file that cannot be read; the file is left out
 */
export async function resultOf(row: ComparedRow, onDamaged: (line: string) => void): Promise<Result> {
  const epochs = epochsIn(row.run, onDamaged);
  return { row, evaluation: readReport(row.report), epochs, images: await imagesOf(row, onDamaged) };
}

/**
 * Runs in the given folders that have no report yet.
 * @param onDamaged called with one line for each run that cannot be read; the run is left out
 */
export async function underwayIn(
  folders: readonly string[],
  onDamaged: (line: string) => void,
): Promise<readonly Underway[]> {
  const begun = folders.filter(
    (folder) => existsSync(join(folder, runFiles.log)) && !existsSync(join(folder, runFiles.report)),
  );
  const found: Underway[] = [];
  for (const run of begun) {
    try {
      const { network, data, recipe } = await openRun(run);
      const lines = readLog(run, onDamaged);
      const epochs = lines.flatMap((line) => ('meanLoss' in line ? [line] : []));
      const updates = lines.flatMap((line) => ('loss' in line ? [line] : []));
      found.push({ run, network, data, epochsPlanned: recipe.epochs, epochs, updates });
    } catch (error) {
      onDamaged(damageIn(run, error));
    }
  }
  return found;
}

function epochsIn(folder: string, onDamaged: (line: string) => void): readonly EpochSummary[] {
  if (!existsSync(join(folder, runFiles.log))) return [];
  try {
    return readLog(folder, onDamaged).flatMap((line) => ('meanLoss' in line ? [line] : []));
  } catch (error) {
    onDamaged(damageIn(folder, error));
    return [];
  }
}

const figures: Readonly<Record<string, string>> = {
  'passes.svg': 'Error after each pass, mean over the runs',
  'rejection.svg': 'Error among the others when the least sure are rejected',
  'set-sizes.svg': 'Error by the number of training images',
};

/** The images beside a report, and those in the folder of an experiment. */
async function imagesOf(
  { run, report }: ComparedRow,
  onDamaged: (line: string) => void,
): Promise<readonly Image[]> {
  const unlessDamaged = async (file: string, read: () => Promise<Image>): Promise<readonly Image[]> => {
    if (!existsSync(file)) return [];
    try {
      return [await read()];
    } catch (error) {
      onDamaged(
        error instanceof UserError
          ? error.message
          : `${file}: expected an image, found a damaged one (${messageOf(error).replaceAll(/\s+/g, ' ')})`,
      );
      return [];
    }
  };
  const raster = (kind: 'filters' | 'mistakes', file: string, caption: string) =>
    unlessDamaged(file, async () => ({ kind, caption, ...(await light(await readKept(file))) }));
  const drawn = Object.entries(figures).map(([name, caption]) =>
    unlessDamaged(join(run, name), async () => ({
      kind: 'figure',
      caption,
      type: 'image/svg+xml',
      bytes: await readKept(join(run, name)),
    })),
  );
  // An experiment's images come from the run that also provides the rest of its row.
  const within = relative(run, dirname(report)) !== '';
  const mistakes = within ? join(run, 'mistakes.png') : mistakesFile(report);
  return [
    ...(await Promise.all(drawn)).flat(),
    ...(await raster('filters', join(run, filtersFile), 'Filters of its first layer, each by its own scale')),
    ...(await raster(
      'mistakes',
      mistakes,
      within ? 'Its mistakes, label → answer' : 'Its worst mistakes, label → answer',
    )),
  ];
}

/** Drawings stay PNG files; photographs would make the page too large as PNG. */
async function light(bytes: Buffer): Promise<Pick<Image, 'type' | 'bytes'>> {
  if (bytes.length < 200_000) return { type: 'image/png', bytes };
  return { type: 'image/webp', bytes: await libvips()(bytes).webp({ quality: 75 }).toBuffer() };
}
