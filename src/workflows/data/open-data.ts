/** Opens and downloads data sets for code: in the data root, through the proxy that the environment names. */
import { webFetch } from '../../core/io/download/web-fetch';
import { expectText } from '../../core/given/options';
import type { ImageSet, Splits } from '../../data/dataset';
import type { DatasetName } from '../../data/datasets/catalogue';
import { downloadDataset, type Downloaded } from '../../data/datasets/download';
import * as opening from '../../data/open';
import { environment } from '../../runtime/machine';
import { defaults } from '../choices';

/** How a data set is opened. */
export interface OpenDataOptions extends Omit<opening.OpenOptions, 'seed'> {
  /** Fixes what is drawn or split. Default: 1. */
  readonly seed?: number | undefined;
}

/**
 * Opens a data set: `digits`, which the program draws itself; `mnist` or `fashion-mnist`, downloaded into the data root
 * when they are not there; the name of a folder in the data root, such as `usps` or `cifar10`; or the path of a folder
 * or of tar shards. Images are decoded when they are used.
 * @throws UserError when the name is unknown, files are damaged, do not match or cannot be downloaded, or there is
 *   nothing to train on or nothing to test on
 * @example
 * const { train, test } = await openData('digits');
 */
export async function openData(name: string, options: OpenDataOptions = {}): Promise<Splits> {
  return opening.openData(expected(name), here(options));
}

/** How the data of a fine-tuning is opened. */
export interface OpenFinetuneDataOptions extends OpenDataOptions {
  /** Data whose test set is taken instead; its classes are some of the others'. */
  readonly test?: string | undefined;
}

/**
 * As `openData`, with a part that chooses the best epoch or weight decay.
 * @param data one name or path, or several, which are put together by the names of their classes
 * @param options.validationSplit the share of each class to split off for each part that is missing. Default: 0.15
 */
export async function openFinetuneData(
  data: string | readonly string[],
  { test, ...options }: OpenFinetuneDataOptions = {},
): Promise<Required<Splits>> {
  const { validationSplit = defaults.validationSplit } = options;
  return opening.openFinetuneData({ data, test }, { ...here(options), validationSplit });
}

/**
 * The part of a data set that a trained network is tested on: the test set; without one, the validation set; if the
 * data set has only one part, all of it.
 */
export async function openTestData(name: string, options: OpenDataOptions = {}): Promise<ImageSet> {
  return opening.openTestData(expected(name), here(options));
}

function expected(name: string): string {
  expectText('openData', 'the name or the folder of a data set', name);
  return name;
}

function here({ root, seed = 1, ...options }: OpenDataOptions): opening.OpenOptions {
  return {
    fetch: webFetch(environment()),
    ...options,
    root: opening.dataRoot(environment(), root),
    seed,
  };
}

/** Where a data set comes from, and where it is put. */
export interface DownloadDataOptions {
  /** The data root. Default: `LINEAGE_DATA`, else the user's own. */
  readonly root?: string | undefined;
  /** Folders on the web to ask instead of the known ones. */
  readonly mirror?: readonly string[] | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Told of the download, one line at a time. */
  readonly onProgress?: ((event: { readonly kind: 'remark'; readonly line: string }) => void) | undefined;
}

/**
 * Downloads a data set and checks its files, continuing where an interrupted download stopped.
 * @throws UserError when no mirror gives a file, or the folder cannot be written
 */
export function downloadData(
  name: DatasetName,
  { root, mirror, signal, onProgress }: DownloadDataOptions = {},
): Promise<Downloaded> {
  return downloadDataset(name, {
    root: opening.dataRoot(environment(), root),
    mirrors: mirror,
    ...(signal && { signal }),
    fetch: webFetch(environment()),
    onProgress: (line) => onProgress?.({ kind: 'remark', line }),
  });
}
