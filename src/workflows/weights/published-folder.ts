/** The model folder of a network's well-known weights: found or downloaded, imported once, and kept in the user's cache. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { digestOf } from '../../core/io/download/fetch-file';
import { webFetch } from '../../core/io/download/web-fetch';
import { newFolder } from '../../core/io/files';
import { sha256OfJson } from '../../core/io/hash';
import type { Network, PublishedWeights } from '../../core/network';
import { option } from '../../core/text/wording';
import { publishedDataset } from '../../data/datasets/catalogue';
import { cacheFolder } from '../../runtime/cache';
import { environment } from '../../runtime/machine';
import type { ClassLabels } from '../../weights/import/class-labels';
import { downloadWeights } from '../../weights/import/download-weights';
import { modelFiles } from '../../weights/model-folder';
import { networkOf, type Context } from '../context';
import { packageVersion } from '../data/found-path';
import { modelFrom } from './import-model';

/** Raised when the same file and the same network's tables give another model folder than before. */
const importer = 2;

/**
 * Imports the file that a network's name stands for, unless that has been done.
 * @param name the network's in the zoo
 * @param labelled whether its classes are named otherwise
 * @throws UserError when it has to be downloaded and cannot be, or is another network's
 */
export async function publishedFolder(
  name: string,
  listed: PublishedWeights,
  labelled: boolean,
  context: Context,
): Promise<string> {
  const network = networkOf(context.zoo, name, name);
  const file = fileThere(name, listed, context) ?? (await downloaded(name, listed, context));
  if (listed.checksum && !(await digestOf(file, listed.checksum.kind)).startsWith(listed.checksum.begins))
    context.remarkOnce(
      `${file}: its checksum is not that of the published file of this name; it is taken as it is`,
    );
  const labels = labelsOf(network);
  if (!labels && !labelled && network.recipe.dataset !== 'ilsvrc2012')
    context.remarkOnce(`${name}: its classes have numbers for names; ${option('labels', 'FILE')} names them`);
  const key = sha256OfJson([
    ...[importer, packageVersion(), name, await digestOf(file, 'sha256')],
    ...[network.weights, network.recipe.input, network.recipe.augment, network.recipe.loss],
    labels ?? null,
  ]);
  const folder = join(cacheFolder(environment()), 'imported', `${name}-${key.slice(0, 16)}`);
  if (existsSync(join(folder, modelFiles.record))) return folder;
  const importing = { file, network, labels, fit: undefined, seed: 1, zoo: context.zoo };
  try {
    await newFolder(folder, async (out) => void (await modelFrom({ ...importing, out }, name, context)));
  } catch (error) {
    if (!existsSync(join(folder, modelFiles.record))) throw error; // else another process has made it meanwhile
  }
  context.remark(`${name}: imported from ${file}, and kept in ${folder}`);
  return folder;
}

/** Where the file is already: where downloads go, in the data root, or in the network's folder there. */
function fileThere(name: string, { file }: PublishedWeights, { root }: Context): string | undefined {
  const folders = [join(root, 'weights'), root, join(root, name)];
  return folders.map((folder) => join(folder, file)).find((path) => existsSync(path));
}

async function downloaded(name: string, listed: PublishedWeights, context: Context): Promise<string> {
  const { root, signal, remark } = context;
  const { file, url, licence, checksum } = listed;
  remark(`${name}: ${file} is not in ${root}; downloading it from ${url} (licence: ${licence})`);
  const { path } = await downloadWeights(listed, {
    root,
    ...(signal && { signal }),
    fetch: webFetch(environment()),
    onProgress: remark,
    otherwise: `or put the file into ${join(root, 'weights')}`,
  });
  remark(`${path}: ${checksum ? 'its checksum is right' : 'no checksum is published'}`);
  return path;
}

/** The names of the classes that the data set's record knows; those of ImageNet follow from the import. */
function labelsOf({ recipe: { dataset } }: Network): ClassLabels | undefined {
  const known = publishedDataset(dataset)?.classNames;
  return known && { labels: known, synsets: null };
}
