/** The report of an evaluation: its content, its file name, and how it is written. */
import { constants, existsSync } from 'node:fs';
import { access } from 'node:fs/promises';
import { UserError, codeOf } from '../../core/errors';
import { counted } from '../../core/text/counted';
import type { Evaluation } from '../../evaluate/evaluate';
import { drawLines } from '../../report/charts/line-chart';
import { makeFolder, writeFileAtomically } from '../../core/io/files';
import { readSealedJson } from '../../core/io/sealed-file';
import { option } from '../../core/text/wording';
import type { Context } from '../context';
import { expectEnding, expectPlaceFor } from '../data/found-path';
import type { CropOptions } from './crops';
import type { TestData } from './evaluation-data';
import type { SeenInTraining } from './seen-in-training';
import { nameOf } from '../train/run-folder';
import { rejectedChart } from '../../report/charts/rejected-chart';

/** What a report says about its data. */
export interface Facts {
  /** The fingerprint of the images, see `fingerprintOf`. */
  readonly fingerprint: string;
  /** How many of the images the network was trained on or selected by; omitted if that is unknown. */
  readonly seenInTraining?: number;
  /** The runs, among its own and those that it started from, for which this is unknown; omitted if there are none. */
  readonly trainingUnknown?: readonly string[];
  /** Weights that affect the answers but were neither loaded nor trained; omitted if there are none. */
  readonly notLoaded?: readonly string[];
}

/** What a report says about its data in addition to the evaluation itself. */
export function factsOf(
  { fingerprint, set }: Pick<TestData, 'fingerprint' | 'set'>,
  seen: readonly SeenInTraining[],
  { remark }: Context,
): Facts {
  const known = seen.flatMap(({ indices }) => (indices ? [indices] : []));
  const trainingUnknown = [...new Set(seen.flatMap(({ unknown }) => unknown))];
  const all = new Set(known.flatMap((indices) => [...indices]));
  if (all.size > 0)
    remark(
      `${set.name}: ${all.size} of its ${counted(set.labels.length, 'image')} served the training, so the error says little about new images`,
    );
  return {
    fingerprint: fingerprint.sha256,
    ...(known.length > 0 && { seenInTraining: all.size }),
    ...(trainingUnknown.length > 0 && { trainingUnknown }),
  };
}

/**
 * Checks the file that a drawing of the rejection goes to, before anything is computed.
 * @throws UserError if it is not an SVG file, or its folder does not exist
 */
export function checkRejection(file: string | undefined): void {
  if (file === undefined) return;
  expectEnding('rejection', file, '.svg');
  expectPlaceFor('rejection', file);
}

/**
 * Creates the folder of the report if the caller named it; a model's own folder must be writable.
 * @throws UserError when the folder cannot be created or written
 */
export async function expectPlace(folder: string, asked: boolean): Promise<void> {
  if (asked) await makeFolder(folder);
  const refused = await access(folder, constants.W_OK).then(() => undefined, codeOf);
  if (refused === 'EACCES' || refused === 'EROFS' || refused === 'EPERM')
    throw new UserError(
      `${folder}: expected a folder that can be written, for the report, found one that cannot` +
        (asked ? '' : `; ${option('out')} names another`),
    );
}

/** Draws how the error falls as the least certain answers are rejected, if a file for the drawing was requested. */
export async function drawRejected(
  file: string | undefined,
  { rejection, dataset, network }: Evaluation & { readonly network: string },
): Promise<void> {
  if (file === undefined) return;
  const chart = rejectedChart(rejection, 0.1, `${network}, ${dataset}`);
  await writeFileAtomically(file, await drawLines(chart));
}

/**
 * The file name of a report on some data, as cropped and resized for the evaluation.
 * @param further parts of the name that distinguish it from other reports
 */
export function reportName(
  data: string,
  { crops, resize }: CropOptions,
  further: readonly string[] = [],
): string {
  const sides = resize === undefined ? undefined : [resize].flat().join('-');
  const parts = [nameOf(data), crops, sides, ...further];
  return `report-${parts.filter((part) => part !== undefined).join('-')}.json`;
}

/**
 * A path at which no report on other data is overwritten. If another data set has taken the name, the beginning of the
 * fingerprint is added. A report without a fingerprint may be on other data, so it is kept.
 */
export function freeReport(path: string, { fingerprint }: Pick<TestData, 'fingerprint'>): string {
  const before = reportAt(path);
  if (!before || before.fingerprint === fingerprint.sha256) return path;
  return path.replace(/\.json$/, `-${fingerprint.sha256.slice(0, 8)}.json`);
}

/** An existing report, or what is left of it; undefined if there is none. */
function reportAt(path: string): Partial<Evaluation & Facts> | undefined {
  if (!existsSync(path)) return undefined;
  try {
    return readSealedJson(path, 'a report of an evaluation') as Partial<Evaluation & Facts>;
  } catch (error) {
    if (error instanceof UserError) return {};
    throw error;
  }
}
