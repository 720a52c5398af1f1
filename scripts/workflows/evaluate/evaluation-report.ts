/** The report of an evaluation: its content, its file name, and how it is written. */
import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import type { CropKind } from '../../../src/data/augment/evaluation-crops';
import { UserError } from '../../../src/core/errors';
import { counted } from '../../../src/core/text/counted';
import type { Evaluation } from '../../../src/evaluate/evaluate';
import { evaluationText } from '../../../src/evaluate/evaluation-text';
import { drawLines } from '../../../src/report/charts/line-chart';
import type { Runtime } from '../../../src/runtime/backend';
import { machine } from '../../../src/runtime/machine';
import { writeFileAtomically } from '../../../src/core/io/files';
import { readSealedJson } from '../../../src/core/io/sealed-json';
import { commandLine, commit, note, print } from '../../cli/output';
import type { TestData } from './evaluation-data';
import { expectEnding, noteSkipped } from '../../cli/options/shared-options';
import type { SeenInTraining } from './seen-in-training';
import { writeJson } from '../train/run-to-end';
import { nameOf } from '../train/run-folder';
import { rejectedChart } from '../../../src/report/charts/rejected-chart';

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
): Facts {
  const known = seen.flatMap(({ indices }) => (indices ? [indices] : []));
  const trainingUnknown = [...new Set(seen.flatMap(({ unknown }) => unknown))];
  const all = new Set(known.flatMap((indices) => [...indices]));
  if (all.size > 0)
    note(
      `${set.name}: ${all.size} of its ${counted(set.labels.length, 'image')} served the training, so the error says little about new images`,
    );
  return {
    fingerprint: fingerprint.sha256,
    ...(known.length > 0 && { seenInTraining: all.size }),
    ...(trainingUnknown.length > 0 && { trainingUnknown }),
  };
}

/** Writes an evaluation's results to a file beside the models, and prints them. */
export async function keepReport(
  found: Evaluation & Facts & { readonly run: string; readonly network: string },
  path: string,
  runtime: Runtime,
  { json, rejection }: { readonly json: boolean; readonly rejection?: string | undefined },
): Promise<void> {
  const report = { ...found, command: commandLine(), commit: commit(), machine: machine(runtime) };
  await writeJson(path, report);
  noteSkipped(found.skippedImages ?? [], path);
  await drawRejected(rejection, found);
  const text = evaluationText(found, { rejection: rejection !== undefined });
  print(json, report, `${text}\n\n${found.protocol}; written to ${path}`);
}

/**
 * Checks the file that `--rejection` names, before anything is computed.
 * @throws UserError if it is not an SVG file, or its folder does not exist
 */
export function checkRejection(file: string | undefined): void {
  if (file === undefined) return;
  expectEnding('--rejection', file, '.svg');
  if (!existsSync(dirname(file)))
    throw new UserError(`--rejection: expected a file in a folder that is there, found ${file}`);
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
  { crops, resize }: { readonly crops?: CropKind | undefined; readonly resize?: string | undefined },
  further: readonly string[] = [],
): string {
  const parts = [nameOf(data), crops, resize?.replaceAll(',', '-'), ...further];
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
