import type { CropKind } from '../src/data/crops-for';
import type { Evaluation } from '../src/report/evaluate';
import { evaluationText } from '../src/report/evaluation-text';
import type { Runtime } from '../src/runtime/backend';
import { machine } from '../src/runtime/machine';
import { commandLine, commit, print } from './cli';
import { noteSkipped } from './feed-options';
import { writeJson } from './run-session';
import { nameOf } from './run-start';

/** Writes what an evaluation of models found beside them, and prints it. */
export async function keepReport(
  found: Evaluation & { readonly run: string; readonly network: string },
  path: string,
  runtime: Runtime,
  json: boolean,
): Promise<void> {
  const report = { ...found, command: commandLine(), commit: commit(), machine: machine(runtime) };
  await writeJson(path, report);
  noteSkipped(found.skippedPictures ?? [], path);
  print(json, report, `${evaluationText(found)}\n\n${found.protocol}; written to ${path}`);
}

/** The file's name of a report on some data, as it was seen. */
export function reportName(
  data: string,
  { crops, resize }: { readonly crops?: CropKind | undefined; readonly resize?: string | undefined },
): string {
  const parts = [nameOf(data), crops, resize?.replaceAll(',', '-')].filter((part) => part !== undefined);
  return `report-${parts.join('-')}.json`;
}
