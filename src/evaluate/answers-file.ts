/** The file in which a running evaluation saves its answers, so that it can be resumed after being killed. */
import { appendFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { performance } from 'node:perf_hooks';
import * as z from 'zod';
import type { BadImagePolicy } from '../data/image/bad-image';
import type { SkippedImage } from '../data/loader/batches';
import { writeFileAtomically } from '../core/io/files';
import { checkedLine, valueOfLine } from '../core/io/checked-lines';
import { keptTextIfThere } from '../core/io/kept-file';
import type { EvaluateOptions } from './evaluate';

const headSchema = z.strictObject({ decidedBy: z.string() });
const answerSchema = z.strictObject({
  image: z.int().min(0),
  label: z.int().min(0),
  best: z.array(z.int().min(0)).min(1),
  values: z.array(z.number()).min(1),
  ofLabel: z.number(),
  margin: z.number(),
  probability: z.number().nullable(),
  inverted: z.literal(true).exactOptional(),
});
const skippedSchema = z.strictObject({ index: z.int().min(0), file: z.string(), reason: z.string() });
const lineSchema = z.union([answerSchema, skippedSchema]);
type Line = z.infer<typeof lineSchema>;

/** Milliseconds between two appends: a killed evaluation loses at most this much work. */
const every = 1000;

/** Saves the answers of an evaluation while it runs, so that it can be resumed after being killed. */
export interface AnswersFile extends Required<Pick<EvaluateOptions, 'known' | 'knownSkipped' | 'onAnswer'>> {
  onSkipped(image: SkippedImage): void;
  /** Writes the answers that have not been written yet. */
  flush(): void;
  /** Deletes the file; called once there is a report. */
  remove(): Promise<void>;
}

/**
 * Opens the answers of an evaluation that was killed, or begins a new file. The first line records what the answers
 * depend on, and each further line holds an answer or a skipped image. An incomplete last line is dropped.
 * @param decidedBy everything that the answers depend on; a file with a different value is started again
 * @throws UserError when the file cannot be written
 */
export async function openAnswersFile(
  path: string,
  decidedBy: string,
  onBadImage: BadImagePolicy = 'fail',
): Promise<AnswersFile> {
  const { known, knownSkipped } = usable(linesOf(path, decidedBy), onBadImage);
  const kept = [{ decidedBy }, ...knownSkipped, ...known];
  await writeFileAtomically(path, kept.map(checkedLine).join(''));
  let waiting = '';
  let written = performance.now();
  let timer: NodeJS.Timeout | undefined;
  let failure: Error | undefined;
  const flush = () => {
    clearTimeout(timer);
    timer = undefined;
    if (waiting) appendFileSync(path, waiting);
    waiting = '';
    written = performance.now();
  };
  const late = () => {
    try {
      flush();
    } catch (error) {
      failure = error as Error; // thrown when the next answer is written
    }
  };
  const write = (line: Line) => {
    if (failure) throw failure;
    waiting += checkedLine(line);
    if (performance.now() - written >= every) flush();
    else timer ??= setTimeout(late, every).unref();
  };
  return {
    known,
    knownSkipped,
    onAnswer: ({ best, values, inverted, ...answer }) =>
      write({ ...answer, best: [...best], values: [...values], ...(inverted && { inverted }) }),
    onSkipped: ({ index, file, reason }) => write({ index, file, reason }),
    flush,
    remove: () => rm(path, { force: true }),
  };
}

/** The lines below the first, up to a damaged one; none where the file's answers depend on something else. */
function linesOf(path: string, decidedBy: string): readonly Line[] {
  const [head, ...lines] = (keptTextIfThere(path) ?? '').split('\n').slice(0, -1);
  if (parsed(headSchema, head)?.decidedBy !== decidedBy) return [];
  const sound: Line[] = [];
  for (const line of lines) {
    const value = parsed(lineSchema, line);
    if (!value) break;
    sound.push(value);
  }
  return sound;
}

/**
 * The answers in order from the first image on, and the skipped images among them. A batch's skipped images are written
 * before its answers, so those beyond the last answer are dropped: the resumed evaluation meets them again.
 */
function usable(
  lines: readonly Line[],
  onBadImage: BadImagePolicy,
): Pick<AnswersFile, 'known' | 'knownSkipped'> {
  const known: z.infer<typeof answerSchema>[] = [];
  const skipped: SkippedImage[] = [];
  for (const line of lines) {
    if ('index' in line) skipped.push(line);
    else if (line.image > (known.at(-1)?.image ?? -1)) known.push(line);
    else break;
  }
  const last = known.at(-1)?.image ?? -1;
  const knownSkipped = skipped.filter(({ index }) => index < last);
  return knownSkipped.length > 0 && onBadImage === 'fail'
    ? { known: [], knownSkipped: [] }
    : { known, knownSkipped };
}

function parsed<T>(schema: z.ZodType<T>, line: string | undefined): T | undefined {
  return schema.safeParse(valueOfLine(line ?? '')).data;
}
