/** The file of the table of answers that a caller asks for. */
import { existsSync, readFileSync } from 'node:fs';
import { extname } from 'node:path';
import { UserError } from '../../core/errors';
import { expectText } from '../../core/given/options';
import { writeFileAtomically } from '../../core/io/files';
import { option } from '../../core/text/wording';
import { expectPlaceFor } from '../data/found-path';
import { answersCsv, type AnswerRow } from '../../evaluate/answers-table';

/** Where the answers to all images are written. */
export interface AnswersOption {
  /** A file that ends in `.csv` or `.json`: the answers to all images, each with its file, in their order. */
  readonly answers?: string | undefined;
}

/**
 * Checks the file before anything is computed.
 * @throws UserError if it is neither CSV nor JSON, its folder does not exist, or it is a file of something else
 */
export function checkAnswers(verb: string, file: string | undefined): void {
  if (file === undefined) return;
  expectText(verb, 'a file for the answers', file);
  const wanted = option('answers');
  if (!/[^/\\]\.(?:csv|json)$/i.test(file))
    throw new UserError(`${wanted}: expected a file that ends in .csv or .json, found ${file}`);
  expectPlaceFor('answers', file);
  if (existsSync(file) && !isAnswers(file))
    throw new UserError(`${wanted}: expected a new file, or earlier answers, found another file, ${file}`);
}

/** Whether a file begins as the answers do that were written earlier. */
function isAnswers(file: string): boolean {
  let head: string;
  try {
    head = readFileSync(file, 'utf8').slice(0, 100).trimStart();
  } catch {
    return false; // a folder, or one that may not be read
  }
  return isJson(file) ? /^\[\s*\{\s*"file":/.test(head) : head.startsWith('file,image,');
}

/** Writes the answers, if a file for them was asked for. */
export async function writeAnswers(
  file: string | undefined,
  rows: () => readonly AnswerRow[],
): Promise<void> {
  if (file === undefined) return;
  const text = isJson(file) ? `${JSON.stringify(rows(), null, 1)}\n` : answersCsv(rows());
  await writeFileAtomically(file, text);
}

function isJson(file: string): boolean {
  return extname(file).toLowerCase() === '.json';
}
