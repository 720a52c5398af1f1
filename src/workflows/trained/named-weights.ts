/** Finds the folder that a word for trained weights means: the package's own, a well-known file's, or a path. */
import { existsSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, relative, sep } from 'node:path';
import { UserError } from '../../core/errors';
import { didYouMean } from '../../core/text/did-you-mean';
import { weightsByName } from '../../report/published-weights';
import { trainedNames } from '../../weights/trained-names';
import type { Context, Zoo } from '../context';
import { foundPath, packageFolder } from '../data/found-path';
import type * as Publishing from '../weights/published-folder';

/** Loaded for well-known weights alone, since it loads all that imports. */
const publishing = () => createRequire(__filename)('../weights/published-folder') as typeof Publishing;

/** Where trained weights lie. */
export interface FoundWeights {
  /** The folder of a model or a run; where a file may be given, that file. */
  readonly path: string;
  /** The name by which they were asked for, if they are not the user's: nothing is written into their folder. */
  readonly name?: string;
}

export interface FindOptions {
  /** Whether the classes are named otherwise. Default: false. */
  readonly labelled?: boolean;
  /** Whether a file of weights will do, which is then also looked for in the data root. Default: false. */
  readonly files?: boolean;
}

/**
 * Finds trained weights by a name or a path. A name means what it always means, also where a folder or a file here has
 * it; a remark says so.
 * @param given a name in `trained/`, a network's for its well-known weights, or a path
 * @throws UserError for a word that is neither a name nor there, and as `publishedFolder`
 */
export async function foundWeights(
  given: string,
  context: Context,
  { labelled = false, files = false }: FindOptions = {},
): Promise<FoundWeights> {
  const own = trainedFolder(given);
  if (own !== undefined) {
    remarkHere(given, ofPackage, context);
    return { path: own, name: given };
  }
  const network = Object.hasOwn(context.zoo, given) ? context.zoo[given] : undefined;
  const listed = network && weightsByName(network);
  if (listed) {
    remarkHere(given, `the well-known weights ${listed.file}`, context);
    return { path: await publishing().publishedFolder(given, listed, labelled, context), name: given };
  }
  const path = files ? foundPath(given, context.root) : given;
  if (existsSync(path) || /[\\/]/.test(given) || given.includes('.')) return { path };
  throw unknownName(given, context.zoo, files);
}

/**
 * As `foundWeights`, for a name alone.
 * @throws UserError for what is no name
 */
export async function pretrainedWeights(
  given: string,
  context: Context,
  options: FindOptions,
): Promise<FoundWeights> {
  if (!knownNames(context.zoo).includes(given)) throw unknownName(given, context.zoo, false);
  return foundWeights(given, context, options);
}

/** The folder that a name of the package's weights stands for, whose reports can be compared; or the path itself. */
export function evaluatedFolder(given: string, context: Context): string {
  const own = trainedFolder(given);
  if (own !== undefined) remarkHere(given, ofPackage, context);
  return own ?? given;
}

const ofPackage = 'the weights that come with the package';

/** The folder of weights that come with the package, relative to the working directory if it lies below. */
export function trainedFolder(name: string): string | undefined {
  if (!trainedNames.some((own) => own === name)) return undefined;
  const folder = join(packageFolder(), 'trained', name);
  const near = relative('', folder);
  return near.split(sep)[0] === '..' ? folder : near;
}

/** The names that stand for trained weights, among the networks of a zoo. */
function knownNames(zoo: Zoo): readonly string[] {
  const published = Object.keys(zoo).filter((name) => weightsByName(zoo[name]!) !== undefined);
  return [...new Set<string>([...trainedNames, ...published])];
}

function remarkHere(given: string, meaning: string, { remarkOnce }: Context): void {
  const here = statSync(given, { throwIfNoEntry: false });
  if (!here) return;
  const kind = here.isDirectory() ? 'folder' : 'file';
  remarkOnce(`${given}: ${meaning}; the ${kind} of that name here is meant by ./${given}`);
}

function unknownName(given: string, zoo: Zoo, files: boolean): UserError {
  const names = knownNames(zoo);
  const path = files ? 'a file of weights, the folder of a run or a model' : 'the folder of a run or a model';
  return new UserError(
    `${given}: expected ${path}, or the name of trained weights (${names.join(', ')}), found no such thing${didYouMean(given, names)}`,
  );
}
