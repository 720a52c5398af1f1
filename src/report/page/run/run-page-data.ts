/** All the data that the page of one evaluation shows. */
import type { EpochSummary } from '../../../train/run/log';
import type { Evaluation } from '../../../evaluate/evaluate';
import type { WrongAnswers } from './wrong-answers';

/** An image that was answered wrongly. */
export interface WrongImage {
  /** The image's file, or its place in a file of many. */
  readonly name: string;
  /** Indices of the classes. */
  readonly label: number;
  readonly answer: number;
  /** The probability of the answer; null where the network gives none. */
  readonly probability: number | null;
  /** A small picture of it; null where pictures were not asked for. */
  readonly thumbnail: { readonly type: 'image/png' | 'image/webp'; readonly bytes: Uint8Array } | null;
}

/** All the data that the page of one evaluation shows. */
export interface RunPageData {
  readonly report: Evaluation & {
    readonly run: string;
    readonly network: string;
    readonly seenInTraining?: number;
    readonly trainingUnknown?: readonly string[];
    readonly notLoaded?: readonly string[];
  };
  /** What computed it. */
  readonly device: string;
  /** The epochs of the training; empty where the weights were not trained here. */
  readonly epochs: readonly EpochSummary[];
  readonly wrong: WrongAnswers<WrongImage>;
  readonly made: { readonly command: string; readonly commit: string | null; readonly at: Date };
}
