/** Reads the class names that belong to imported weights. */
import { createRequire } from 'node:module';
import type * as Words from '../../data/datasets/ilsvrc2012-words';
import { distinctNames, lines } from '../../data/formats/class-names';
import { readText } from '../../core/io/text-file';
import { UserError, codeOf, messageOf } from '../../core/errors';

/** Class names, in the order of their indices. */
export interface ClassLabels {
  readonly labels: readonly string[];
  /** The WordNet ids, if the file has them. */
  readonly synsets: readonly string[] | null;
}

/**
 * Reads class names, one for each line. WordNet ids before the names, as in ImageNet's `synset_words.txt`, are stored
 * separately, and are appended to names that several classes share. Indices before all names, as in Teachable Machine's
 * `labels.txt`, are read as indices.
 * @throws UserError if the file cannot be read, or does not have one line for each class
 */
export async function readClassLabels(path: string, classes: number): Promise<ClassLabels> {
  const rows = lines(await textOf(path)).map(({ line }) => line.trim());
  if (rows.length !== classes)
    throw new UserError(
      `${path}: expected ${classes} labels, one a line for each class, found ${rows.length}`,
    );
  return ofRows(rows);
}

/** What a model's record says of labels that no file named. */
export const ilsvrcOrder = 'ILSVRC 2012, in the order of WordNet ids';

/**
 * The names of ILSVRC's 1,000 classes, as `synset_words.txt` has them: for weights that were trained on it and bring no
 * names. Nothing in such a file tells the order of its classes, which is that of the ids in all toolkits read here.
 */
export function ilsvrcLabels(): ClassLabels {
  return ofRows(words().split('\n'));
}

/** The list is loaded where it is needed. */
const words = () =>
  (createRequire(__filename)('../../data/datasets/ilsvrc2012-words') as typeof Words).ilsvrc2012Words;

function ofRows(rows: readonly string[]): ClassLabels {
  const parts = rows.map((row) => /^(n\d{8})\s+(\S.*)$/.exec(row));
  if (!parts.every((part) => part !== null)) return { labels: withoutIndices(rows) ?? rows, synsets: null };
  const labels = distinctNames(parts.map((part) => ({ id: part[1]!, words: part[2]! })));
  return { labels, synsets: parts.map((part) => part[1]!) };
}

/** The names sorted by the indices before them, if each index occurs exactly once. */
function withoutIndices(rows: readonly string[]): readonly string[] | undefined {
  const names: string[] = [];
  for (const row of rows) {
    const [, index, name] = /^(\d{1,6})\s+(\S.*)$/.exec(row) ?? [];
    if (name === undefined || Number(index) >= rows.length || names[Number(index)] !== undefined)
      return undefined;
    names[Number(index)] = name;
  }
  return names;
}

async function textOf(path: string): Promise<string> {
  try {
    return await readText(path);
  } catch (error) {
    if (codeOf(error) === undefined) throw error;
    throw new UserError(`expected a file of labels at ${path}: ${messageOf(error)}`);
  }
}
