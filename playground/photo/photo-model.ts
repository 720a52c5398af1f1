/** A network of photos from the visitor’s files, and what it makes of a photo. */
import { openModel, UserError, zoo, type ImageSource } from '../../browser';
import { bestClasses, probabilities } from '../../src/evaluate/scores/ranking';
import { filesOfModel, isFrozenGraph } from '../model/chosen-files';
import { scoresOf } from '../model/answers';
import { inputOf } from '../model/embedded';
import { openedModel, seenBy, type OpenedModel, type Seen } from '../model/opened';
import {
  averagingHeadOf,
  headWeights,
  type AveragingHead,
  type HeadWeights,
} from '../../src/describe/inspect/class-activation';
import { unprepared } from '../../src/describe/inspect/shown-image';
import { auxiliaryHeads, headAnswers, type AuxiliaryHead } from './heads';
import { sectionsOf, type Section } from '../../src/describe/layers/sections';

/** A network of photos, taken apart. */
export interface PhotoModel extends OpenedModel {
  readonly sections: readonly Section[];
  /** Null where the head does not average. */
  readonly averaging: (AveragingHead & HeadWeights) | null;
  readonly heads: readonly AuxiliaryHead[];
}

/** What a network makes of a photo. */
export interface SeenPhoto {
  readonly seen: Seen;
  /** What the network sees of the photo before its numbers are prepared: `[height, width, channels]`, 0–255. */
  readonly crop: Float32Array;
  /** `[classes]`, the scores as the network gives them. */
  readonly scores: Float32Array;
  /** `[classes]`, or null where the scores give no probabilities. */
  readonly probabilities: Float32Array | null;
  /** The best classes, in order. */
  readonly best: readonly number[];
  /** What the auxiliary heads answer whose weights were loaded, by their names. */
  readonly heads: ReadonlyMap<string, Float32Array>;
}

/**
 * Opens a network of a folder's files, or of one file of weights.
 * @param frozen the message of the error for an export whose layers cannot be told apart
 * @throws UserError if they are none, or damaged
 */
export async function openPhotoModel(files: readonly File[], frozen: string): Promise<PhotoModel> {
  if (isFrozenGraph(files)) throw new UserError(frozen);
  const trained = await openModel(filesOfModel(files), zoo);
  return takenApart(openedModel(trained.network, trained));
}

/** What the photo's part needs of a model that is open. */
export async function takenApart(opened: OpenedModel): Promise<PhotoModel> {
  const averaging = averagingHeadOf(opened.graph);
  return {
    ...opened,
    sections: sectionsOf(opened.graph),
    averaging: averaging && { ...averaging, ...(await headWeights(averaging)) },
    heads: auxiliaryHeads(opened.trained),
  };
}

/** What a network makes of a photo. */
export async function seenPhoto(model: PhotoModel, photo: ImageSource): Promise<SeenPhoto> {
  const { trained } = model;
  const seen = await seenBy(model, await inputOf(trained, photo));
  const scores = scoresOf(seen);
  const { loss } = trained.recipe;
  return {
    seen,
    crop: await inputOf(unprepared(trained), photo),
    scores,
    probabilities: probabilities(loss, scores),
    best: bestClasses(loss, scores, 5),
    heads: await headAnswers(trained, seen.input),
  };
}
