import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import type { CropKind } from '../src/data/crops-for';
import { UserError } from '../src/errors';
import type { Evaluation } from '../src/report/evaluate';
import { evaluationText } from '../src/report/evaluation-text';
import { drawLines } from '../src/report/line-chart';
import type { Runtime } from '../src/runtime/backend';
import { machine } from '../src/runtime/machine';
import { rejectedChart } from '../src/report/rejection';
import { writeFileAtomically } from '../src/weights/atomic-file';
import { commandLine, commit, print } from './cli';
import { expectEnding } from './file-endings';
import { noteSkipped } from './feed-options';
import { writeJson } from './run-session';
import { pathNameOf } from './run-folder';

/** Writes what an evaluation of models found beside them, and prints it. */
export async function keepReport(
  found: Evaluation & { readonly run: string; readonly network: string },
  path: string,
  runtime: Runtime,
  { json, rejection }: { readonly json: boolean; readonly rejection?: string | undefined },
): Promise<void> {
  const report = { ...found, command: commandLine(), commit: commit(), machine: machine(runtime) };
  await writeJson(path, report);
  noteSkipped(found.skippedPictures ?? [], path);
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

/** The file's name of a report on some data, as it was seen. */
export function reportName(
  data: string,
  { crops, resize }: { readonly crops?: CropKind | undefined; readonly resize?: string | undefined },
): string {
  const parts = [pathNameOf(data), crops, resize?.replaceAll(',', '-')].filter((part) => part !== undefined);
  return `report-${parts.join('-')}.json`;
}
