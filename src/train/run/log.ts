/** The log of a run, as `log.jsonl` and for TensorBoard. */
import { appendFileSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { counted } from '../../core/text/counted';
import { UserError } from '../../core/errors';
import { writeFileAtomically } from '../../core/io/files';
import { checkedLine, valueOfLine } from '../../core/io/checked-lines';
import { readKeptText } from '../../core/io/kept-file';
import { runFiles } from './run-record';
import { openEventFile } from './tensorboard';

/** One line of `log.jsonl`: an update now and then, and every epoch. */
export type LogLine =
  | { readonly step: number; readonly epoch: number; readonly loss: number; readonly rate: number }
  | EpochSummary;

/** The line of a log at the end of an epoch. */
export interface EpochSummary {
  /** Counted from 0. */
  readonly epoch: number;
  /** The number of updates done when it ended. */
  readonly step: number;
  /** The mean loss of the epoch's images, each measured when the network learned from it. */
  readonly meanLoss: number;
  /** The error on the images held out, if there are any. */
  readonly validationError: number | null;
  /** For a head that is solved: the λ of this solution. An epoch is then a pass over all images. */
  readonly weightDecay?: number;
  /** For a head that is solved: the mean cross-entropy on the images held out. */
  readonly validationLoss?: number;
  /** The errors on the watched data sets, if there are any, by name. */
  readonly errors?: Readonly<Record<string, number>>;
  /** Training time since the start of the run, over all its sessions. */
  readonly seconds: number;
  /** The resident memory of the process at the end of the epoch. */
  readonly residentBytes?: number;
  /** The part of it in variables of the session of recorded updates, which `tf.memory()` does not count. */
  readonly sessionBytes?: number;
}

/** A run’s log that is open for writing. */
export interface Log {
  write(line: LogLine): void;
  close(): void;
}

/**
 * Opens a run's log, `log.jsonl` and TensorBoard's event file, at an update. Later lines come from a session that was
 * killed before it saved a checkpoint; they are dropped, since they will be written again.
 * @param onDamaged called about lines that cannot be read, which are dropped as well
 */
export async function openLog(folder: string, done: number, onDamaged: (line: string) => void): Promise<Log> {
  const path = join(folder, runFiles.log);
  if (existsSync(path)) {
    const kept = readLog(folder, onDamaged).filter(({ step }) => step <= done);
    await writeFileAtomically(path, kept.map(checkedLine).join(''));
  }
  const events = openEventFile(folder, done > 0 ? { startStep: done + 1 } : {});
  return {
    write: (line) => {
      appendFileSync(path, checkedLine(line));
      for (const [tag, value] of scalarsOf(line)) events.scalar(tag, value, line.step);
      events.flush();
    },
    close: () => events.close(),
  };
}

/** The values of a line that TensorBoard plots. */
function scalarsOf(line: LogLine): [tag: string, value: number][] {
  const { step: _step, epoch: _epoch, ...rest } = line;
  return Object.entries(rest).flatMap(([tag, value]: [string, EpochSummary[keyof EpochSummary]]) => {
    if (value === null || value === undefined) return [];
    if (typeof value === 'number') return [[tag, value]];
    return Object.entries(value).map(([name, error]): [string, number] => [`error/${name}`, error]);
  });
}

const updateSchema = z.object({ step: z.int(), epoch: z.int(), loss: z.number(), rate: z.number() });
const epochSchema = z.object({
  epoch: z.int(),
  step: z.int(),
  meanLoss: z.number(),
  validationError: z.number().nullable(),
  errors: z.record(z.string(), z.number()).exactOptional(),
  seconds: z.number(),
  residentBytes: z.number().exactOptional(),
  sessionBytes: z.number().exactOptional(),
  weightDecay: z.number().exactOptional(),
  validationLoss: z.number().exactOptional(),
});
const lineSchema = z.union([updateSchema, epochSchema]);

/**
 * The lines of a run's log; an incomplete last line is left out.
 * @param onDamaged called once if other lines cannot be read, which are left out too. Default: such lines are an error
 * @throws UserError
 */
export function readLog(folder: string, onDamaged?: (line: string) => void): LogLine[] {
  const path = join(folder, runFiles.log);
  const lines = readKeptText(path).split('\n').slice(0, -1);
  const read = lines.map(parsedLine);
  const damaged = read.flatMap((line, index) => (line ? [] : [index + 1]));
  if (damaged.length > 0) {
    const which = `${counted(damaged.length, 'damaged line')}, the first of them line ${damaged[0]}`;
    if (!onDamaged) throw new UserError(`${path}: expected a run's log, found ${which}`);
    onDamaged(`${path}: left out ${which}`);
  }
  return read.flatMap((line) => line ?? []);
}

function parsedLine(text: string): LogLine | undefined {
  return lineSchema.safeParse(valueOfLine(text)).data;
}
