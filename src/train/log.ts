import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeFileAtomically } from '../weights/atomic-file';
import { runFiles } from './run-record';
import { openEventFile } from './tensorboard';

/** One line of `log.jsonl`: an update now and then, and every epoch. */
export type LogLine =
  | { readonly step: number; readonly epoch: number; readonly loss: number; readonly rate: number }
  | EpochSummary;

export interface EpochSummary {
  /** Counted from 0. */
  readonly epoch: number;
  /** Updates done by its end. */
  readonly step: number;
  /** Mean over the epoch's images of the loss that each had when it was learned from. */
  readonly meanLoss: number;
  /** On the images held out, if there are any. */
  readonly validationError: number | null;
  /** Of a head that is solved, an epoch being a pass over all images: the λ that it was solved for, */
  readonly weightDecay?: number;
  /** and the mean cross-entropy of the images held out. */
  readonly validationLoss?: number;
  /** On the data sets that are watched, if there are any, by name. */
  readonly errors?: Readonly<Record<string, number>>;
  /** Training time since the start of the run, over all its sessions. */
  readonly seconds: number;
  /** What the process holds at the epoch's end. */
  readonly residentBytes?: number;
  /** Of that, variables in the session of recorded updates, which `tf.memory()` does not see. */
  readonly sessionBytes?: number;
}

export interface Log {
  write(line: LogLine): void;
  close(): void;
}

/**
 * Opens a run's log, `log.jsonl` and TensorBoard's event file, at an update: lines after it come from a session
 * that was cut off before it could save, and are dropped, for they are written again.
 */
export async function openLog(folder: string, done: number): Promise<Log> {
  const path = join(folder, runFiles.log);
  if (existsSync(path)) {
    const kept = readLog(folder).filter(({ step }) => step <= done);
    await writeFileAtomically(path, Buffer.from(kept.map((line) => `${JSON.stringify(line)}\n`).join('')));
  }
  const events = openEventFile(folder, done > 0 ? { startStep: done + 1 } : {});
  return {
    write: (line) => {
      appendFileSync(path, `${JSON.stringify(line)}\n`);
      for (const [tag, value] of scalarsOf(line)) events.scalar(tag, value, line.step);
      events.flush();
    },
    close: () => events.close(),
  };
}

/** What TensorBoard draws of a line. */
function scalarsOf(line: LogLine): [tag: string, value: number][] {
  const { step: _step, epoch: _epoch, ...rest } = line;
  return Object.entries(rest).flatMap(([tag, value]: [string, EpochSummary[keyof EpochSummary]]) => {
    if (value === null || value === undefined) return [];
    if (typeof value === 'number') return [[tag, value]];
    return Object.entries(value).map(([name, error]): [string, number] => [`error/${name}`, error]);
  });
}

/** The lines of a run's log; a last line that was cut off is left out. */
export function readLog(folder: string): LogLine[] {
  const lines = readFileSync(join(folder, runFiles.log), 'utf8').split('\n');
  return lines.slice(0, -1).map((line) => JSON.parse(line) as LogLine);
}
