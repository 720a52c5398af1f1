/** The data of an evaluation: of a run's own data only the images set aside, of other data the whole test set. */
import { resolve } from 'node:path';
import type { BadImagePolicy } from '../../data/image/bad-image';
import type { CropKind } from '../../data/augment/crop-kinds';
import type { ImageSet } from '../../data/dataset';
import type { LoaderOptions } from '../../data/loader/loader';
import { fingerprintOf, type Fingerprint } from '../../data/inspect/fingerprint';
import { inspectImages } from '../../data/inspect/inspect-images';
import { withLabelsOf } from '../../data/inspect/match-classes';
import { openTestData, settledName } from '../../data/open';
import { withCrew } from '../../data/cache/crew';
import type { PackOptions } from '../../data/cache/pack-images';
import { counted } from '../../core/text/counted';
import { UserError } from '../../core/errors';
import { expectImages } from '../../train/check-recipe';
import { dataText, type RunRecord } from '../../train/run/run-record';
import { option } from '../../core/text/wording';
import { dataOptions, type Context } from '../context';
import { packedSet } from '../data/packed-splits';
import { liesAt, reopenData, type ReopenOptions } from '../data/reopen-data';
import { classesOfModel, type Opened } from '../trained/open-folder';

/** A network, and the folder from which it was opened. */
export type InFolder = Pick<Opened, 'model' | 'labels' | 'synsets' | 'record'> & {
  readonly folder: string;
  /** The file that the class names were read from, if one was given. */
  readonly labelsFrom?: string | undefined;
};

export interface TestData {
  /** The set; its labels are the network's classes. */
  readonly set: ImageSet;
  /** The data set's name as the user gave it. */
  readonly name: string;
  /** Whether these are the images that the network's own run set aside. */
  readonly own: boolean;
  readonly fingerprint: Fingerprint;
  /** The SHA-256 digest of each image; empty for images that are held in memory. */
  readonly sha256: readonly string[];
}

/**
 * Opens the data that a network is evaluated on.
 * @param asked the data that the user asked for. Default: the data of the network's own run
 * @throws UserError if the run's own test set has changed, or other data has other classes
 */
export async function testDataOf(
  network: InFolder,
  asked: string | undefined,
  onBadImage: BadImagePolicy | undefined,
  context: Context,
): Promise<TestData> {
  const { remark } = context;
  const { folder, record, labels } = network;
  if (record && (await isOwn(folder, record, asked, context))) {
    const { ranks } = context;
    const again = {
      parts: ['test'],
      onBadImage,
      ranks,
      ...(asked !== undefined && atOf(record, asked)),
    } as const;
    const { test } = await reopenData(folder, record, again, context);
    const { set, sha256 } = test!;
    const fingerprint = await fingerprintOf(set, sha256);
    const named = labels ? { ...set, classes: labels } : set;
    return { set: named, name: asked ?? record.testData ?? dataText(record), own: true, fingerprint, sha256 };
  }
  if (asked === undefined)
    throw new UserError(
      `${folder}: expected ${option('data')} with images to evaluate the model on, found none`,
    );
  const found = await openTestData(asked, dataOptions(context));
  const { labelsFrom } = network;
  const of = labelsFrom === undefined ? folder : `${folder} by ${option('labels', labelsFrom)}`;
  const set = withLabelsOf(found, classesOfModel(of, network), remark);
  const { sha256 } =
    found.kind === 'files'
      ? await inspectImages(found, { onBadImage, onProgress: remark }, context.ranks)
      : { sha256: [] };
  return { set, name: asked, own: false, fingerprint: await fingerprintOf(found, sha256), sha256 };
}

async function isOwn(
  folder: string,
  record: RunRecord,
  asked: string | undefined,
  context: Context,
): Promise<boolean> {
  if (asked === undefined) return true;
  // One of several folders is not what the run was tested on, but a part of it at most.
  const own = record.testData ?? (record.moreData ? undefined : record.data);
  if (asked === own) return true;
  if (own !== undefined && resolve(await settledName(asked, context.root)) === resolve(own)) return true;
  return liesAt(folder, record, asked, context);
}

/** Where a run's own data is now. */
function atOf({ testData }: RunRecord, asked: string): Pick<ReopenOptions, 'at'> {
  return testData === undefined ? { at: { data: asked } } : {};
}

/**
 * Checks before any computation whether a network can take images that are held in memory. Reports images of another
 * size than those that the network was trained on, since padding may hide the difference.
 * @throws UserError if its preprocessing does not turn them into valid inputs
 */
export function expectImageSize(
  {
    folder,
    network,
    model,
    recipe,
    record,
  }: Omit<InFolder, 'labels' | 'synsets'> & Pick<Opened, 'network' | 'recipe'>,
  data: ImageSet,
  { remark }: Context,
): void {
  if (data.kind === 'files') return;
  const [height, width, channels] = data.shape;
  const { shape } = model.inputs[0]!;
  if (shape.includes(null, 1)) {
    // In its convolutional form, the network takes images of any height and width.
    if (shape.at(-1) !== channels)
      throw new UserError(
        `${data.name}: expected images of ${counted(shape.at(-1)!, 'channel')}, as ${network} takes them, found ${channels}`,
      );
  } else naming(data.name, () => expectImages(recipe, { name: network, model, data }));
  const learned = record?.imageShape ?? recipe.input.stored;
  if (learned && (learned[0] !== height || learned[1] !== width))
    remark(
      `${data.name}: its images are ${height}x${width}, but ${folder} was trained on images of ${learned[0]}x${learned[1]}: the error is that of images of another size than in training`,
    );
}

/** Names the data set in errors that know only about its images. */
function naming(name: string, check: () => void): void {
  try {
    check();
  } catch (error) {
    if (error instanceof UserError && !error.message.includes(name))
      throw new UserError(`${name}: ${error.message}`);
    throw error;
  }
}

interface Packing extends LoaderOptions {
  readonly cache: string | undefined;
  readonly crops: CropKind | undefined;
  readonly recipe: PackOptions['recipe'];
  readonly sha256?: readonly string[];
}

/**
 * The images packed, if there is a cache for them. Packed images are only as large as the recipe's own crops need,
 * which is too small for other crops.
 */
export async function packedFor(
  data: ImageSet,
  { cache, crops, ...options }: Packing,
  { remark, ranks }: Context,
): Promise<ImageSet> {
  if (cache === undefined) return data;
  if (crops !== undefined)
    throw new UserError(
      `${option('cache')}: expected no ${option('crops')} with packed images, found ${crops}`,
    );
  const packing = { ...options, cache, onProgress: remark };
  const first = await withCrew(ranks, (crew) => packedSet(data, { ...packing, crew }));
  return first ?? packedSet(data, { ...packing, beside: ranks.local });
}
