/** What a layer of a trained network makes of images, batch by batch, or written into a file. */
import { statSync } from 'node:fs';
import { UserError } from '../../../core/errors';
import { expectOptions, expectText, type OptionNames } from '../../../core/given/options';
import { wholeNumber } from '../../../core/given/numbers';
import { option } from '../../../core/text/wording';
import type { ImageShape } from '../../../core/network';
import { badImagePolicies, type BadImagePolicy } from '../../../data/image/bad-image';
import { batchesInOrder } from '../../../data/loader/batches';
import { openLoader } from '../../../data/loader/loader';
import { forwardOf } from '../../../evaluate/scores/forward';
import { imagesAtOnce } from '../../../evaluate/scores/predict';
import { partNames, type PartName } from '../../../train/run/images-file';
import { networkOf, openContext, workflowOptions, type Context, type WorkflowOptions, type Zoo } from '../../context';
import { fewImages, remarkInverted } from '../classify';
import { foundWeights } from '../named-weights';
import { openUsable } from '../open-folder';
import { averaged, featureLayer, rowWidth, type Pool } from './feature-layer';
import { featureImages } from './feature-images';
import { featureFile, featureEndings, writerFor, type FeatureFacts, type Rows } from './files/feature-file';

/** Of which images features are computed, and how. */
export interface FeaturesOptions extends WorkflowOptions {
  /** The folder of a trained model or of a run, or a name of trained weights: see `loadPretrained`. */
  readonly model: string;
  /** The layer whose outputs are the features. Default: the last before the classifier. */
  readonly layer?: string | undefined;
  /**
   * `average`: the mean of each feature map. Default: all values, flattened row by row, the maps of one place side by
   * side (`[height, width, maps]`).
   */
  readonly pool?: Pool | undefined;
  /** One part of a data set. Default: all parts that it has, one after the other. */
  readonly part?: PartName | undefined;
  /** What becomes of an image that cannot be read. Default: `fail`. */
  readonly onBadImage?: BadImagePolicy | undefined;
  /** The number of threads that decode images; the features do not depend on it. Default: one per core. */
  readonly workers?: number | undefined;
}

export interface WriteFeaturesOptions extends FeaturesOptions {
  /** The file to be written: `.safetensors`, `.npy`, `.npz` or `.csv`. */
  readonly out: string;
}

const names: OptionNames<FeaturesOptions> = {
  model: 'required',
  layer: 'optional',
  pool: ['average'],
  part: partNames,
  onBadImage: badImagePolicies,
  workers: 'optional',
  ...workflowOptions,
};

/** The features of some images, one after the other. */
export interface FeatureBatch {
  /** Where each row comes from: the path of a file, or a place such as `mnist test 17`. */
  readonly files: readonly string[];
  /** `[files.length, width]`, row by row; the caller owns it. */
  readonly features: Float32Array;
  /** The class of each image, where there are classes: its name. */
  readonly labels: readonly string[] | null;
  /** The number of values in a row. */
  readonly width: number;
}

/** What was written. */
export interface WrittenFeatures {
  readonly file: string;
  /** A file beside it with the name and the label of each row, where the format has no place for them. */
  readonly names: string | null;
  readonly rows: number;
  readonly width: number;
  readonly network: string;
  readonly layer: string;
  /** The layer's output for one image: `[units]` or `[height, width, maps]`. */
  readonly shape: readonly number[];
  readonly pool: Pool | null;
  readonly classes: readonly string[] | null;
  /** Images that could not be read, and have no row. */
  readonly leftOut: number;
}

/**
 * What a layer of a trained network makes of images, in their order, batch by batch. Images are prepared as the network's
 * recipe says, undistorted.
 * @param images files, folders or patterns; or one data set, by its name or its folder
 * @throws UserError as `classify`, and for a layer that the network does not have
 */
export async function* features(
  zoo: Zoo,
  images: string | readonly string[],
  given: FeaturesOptions,
): AsyncGenerator<FeatureBatch, void, undefined> {
  expectOptions('features', given, names);
  const opened = await openFeatures('features', zoo, images, given);
  try {
    for await (const { files, features: rows, labels } of opened.batches()) {
      if (files.length === 0) continue; // none of the batch could be read
      const { classes } = opened.facts;
      const named = labels && classes ? Array.from(labels, (label) => classes[label]!) : null;
      yield { files, features: rows, labels: named, width: opened.facts.width };
    }
  } finally {
    opened.dispose();
  }
}

/**
 * As `features`, written into a file row by row, so that a set of any size can be. The file is there when it is whole.
 * @throws UserError as `features`, and for a name of another ending
 */
export async function writeFeatures(
  zoo: Zoo,
  images: string | readonly string[],
  given: WriteFeaturesOptions,
): Promise<WrittenFeatures> {
  expectOptions('writeFeatures', given, { ...names, out: 'required' });
  const { out, ...options } = given;
  expectText('writeFeatures', `a file (${featureEndings.join(', ')})`, out);
  const writer = writerFor(out);
  if (statSync(out, { throwIfNoEntry: false })?.isDirectory())
    throw new UserError(`${option('out')}: expected a file, found a folder, ${out}`);
  const opened = await openFeatures('writeFeatures', zoo, images, options);
  try {
    const { facts } = opened;
    const { rows, leftOut } = await featureFile(out, writer, facts, opened.batches());
    return {
      file: out,
      names: writer.besides?.(out) ?? null,
      ...{ rows, width: facts.width, network: facts.network, layer: facts.layer, shape: facts.shape },
      ...{ pool: facts.pool, classes: facts.classes, leftOut },
    };
  } finally {
    opened.dispose();
  }
}

interface OpenedFeatures {
  readonly facts: FeatureFacts;
  batches(): AsyncGenerator<Rows, void, undefined>;
  dispose(): void;
}

async function openFeatures(
  verb: string,
  zoo: Zoo,
  images: string | readonly string[],
  { model: folder, layer: asked, pool, part, onBadImage, workers, ...options }: FeaturesOptions,
): Promise<OpenedFeatures> {
  const words = typeof images === 'string' ? [images] : images;
  words.forEach((word) => expectText(verb, 'an image, a folder, a pattern or a data set', word));
  if (words.length === 0) throw new UserError(`${verb}: expected images, found none`);
  if (workers !== undefined) wholeNumber('workers', workers, 0);
  const context = await openContext(zoo, [verb, images, { model: folder }], options);
  const { path } = await foundWeights(folder, context);
  const source = await featureImages(words, part, context);
  const opened = await openUsable(path, {}, context);
  try {
    const { head } = networkOf(zoo, opened.network, folder);
    const layer = featureLayer(opened.model, { head, name: asked, where: folder });
    if (pool !== undefined && layer.shape.length === 1) {
      throw new UserError(
        `${option('pool')}: expected a layer of feature maps, found ${layer.name} of ${layer.shape[0]} units`,
      );
    }
    const facts: FeatureFacts = {
      model: folder,
      network: opened.network,
      layer: layer.name,
      shape: layer.shape,
      pool: pool ?? null,
      width: rowWidth(layer, pool),
      classes: source.classes,
      files: function* () {
        for (const set of source.sets)
          for (let index = 0; index < set.labels.length; index++) yield source.nameOf(set, index);
      },
    };
    const batches = () => batchesOf({ opened, layer, pool, source, loading: { onBadImage, workers } }, context);
    return { facts, batches, dispose: () => opened.model.dispose() };
  } catch (error) {
    opened.model.dispose();
    throw error;
  }
}

async function* batchesOf(
  {
    opened,
    layer,
    pool,
    source: { sets, classes, nameOf },
    loading,
  }: {
    readonly opened: Awaited<ReturnType<typeof openUsable>>;
    readonly layer: ReturnType<typeof featureLayer>;
    readonly pool: Pool | undefined;
    readonly source: Awaited<ReturnType<typeof featureImages>>;
    readonly loading: Pick<FeaturesOptions, 'onBadImage' | 'workers'>;
  },
  context: Context,
): AsyncGenerator<Rows, void, undefined> {
  const forward = forwardOf(layer.model);
  const all = sets.reduce((sum, { labels }) => sum + labels.length, 0);
  const loader = openLoader({ ...loading, workers: loading.workers ?? (all < fewImages ? 0 : undefined) });
  const size = imagesAtOnce(layer.model);
  const inverted: string[] = [];
  let [done, rows] = [0, 0];
  try {
    for (const set of sets) {
      let next = 0;
      for await (const batch of batchesInOrder(set, opened.recipe, size, { fitted: opened.fitted, loader })) {
        context.signal?.throwIfAborted();
        const skipped = batch.skipped ?? [];
        const leftOut = new Set(skipped.map(({ index }) => index));
        for (const { file, reason } of skipped) context.remark(`left out: ${file}: ${reason}`);
        for (const index of batch.inverted ?? []) inverted.push(nameOf(set, index));
        const end = next + batch.labels.length + leftOut.size;
        const files: string[] = [];
        for (; next < end; next++) if (!leftOut.has(next)) files.push(nameOf(set, next));
        done += files.length + leftOut.size;
        rows += files.length;
        context.tell({ kind: 'count', what: 'images', done, all });
        const values = files.length === 0 ? new Float32Array() : await forward.run(batch);
        yield {
          files,
          features: pool === undefined ? values : averaged(values, layer.shape as ImageShape),
          labels: classes && batch.labels.slice(),
          leftOut: leftOut.size,
        };
      }
    }
    if (rows === 0) throw new UserError(`${option('onBadImage', 'skip')}: expected images that can be read, found none of ${all}`);
    remarkInverted(inverted, opened.network, context);
  } finally {
    forward.dispose();
    await loader.close();
  }
}
