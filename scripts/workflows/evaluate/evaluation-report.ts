/** The report of an evaluation: what it says, what its file is called, and how it is written. */
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

/** What a report says of its data. */
export interface Facts {
  /** Of the images, see `fingerprintOf`. */
  readonly fingerprint: string;
  /** How many of the images the network learned from or was chosen by; left out where that cannot be told. */
  readonly seenInTraining?: number;
  /** Runs, its own or those that it started from, of which it cannot be told; left out where there are none. */
  readonly trainingUnknown?: readonly string[];
  /** Weights that the answers depend on, and that were neither loaded nor trained; left out where there are none. */
  readonly notLoaded?: readonly string[];
}

/** What a report says of its data beside the evaluation itself. */
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

/** Writes what an evaluation of models found beside them, and prints it. */
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
 * @throws UserError when it is no SVG file, or its folder is not there
 */
export function checkRejection(file: string | undefined): void {
  if (file === undefined) return;
  expectEnding('--rejection', file, '.svg');
  if (!existsSync(dirname(file)))
    throw new UserError(`--rejection: expected a file in a folder that is there, found ${file}`);
}

/** Draws what the error falls to when the least sure answers are rejected, where a file for it was asked for. */
export async function drawRejected(
  file: string | undefined,
  { rejection, dataset, network }: Evaluation & { readonly network: string },
): Promise<void> {
  if (file === undefined) return;
  const chart = rejectedChart(rejection, 0.1, `${network}, ${dataset}`);
  await writeFileAtomically(file, await drawLines(chart));
}

/**
 * The file's name of a report on some data, as it was seen.
 * @param further what tells it from others
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
 * A path at which no report on other data is replaced: where the name is taken by another data set of that name, the
 * beginning of the fingerprint is added. A report without a fingerprint may be on other data, and so is kept.
 */
export function freeReport(path: string, { fingerprint }: Pick<TestData, 'fingerprint'>): string {
  const before = reportAt(path);
  if (!before || before.fingerprint === fingerprint.sha256) return path;
  return path.replace(/\.json$/, `-${fingerprint.sha256.slice(0, 8)}.json`);
}

/** A report that is there, or what is left of one; undefined where there is none. */
function reportAt(path: string): Partial<Evaluation & Facts> | undefined {
  if (!existsSync(path)) return undefined;
  try {
    return readSealedJson(path, 'a report of an evaluation') as Partial<Evaluation & Facts>;
  } catch (error) {
    if (error instanceof UserError) return {};
    throw error;
  }
}
