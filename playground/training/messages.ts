/** What the page tells the worker that trains for it, and what the worker reports. */
import type { Choices } from './choices';

/** The page to the worker. */
export type Order =
  /** The first order, once: what to train on what. `files` are MNIST's, or null for drawn digits. */
  | { readonly kind: 'open'; readonly choices: Choices; readonly files: readonly File[] | null }
  | { readonly kind: 'play' }
  | { readonly kind: 'pause' }
  /** One update, then a pause. */
  | { readonly kind: 'step' }
  /** The rate of all updates from the next on. */
  | { readonly kind: 'rate'; readonly rate: number }
  /** The network as it is now, as files. */
  | { readonly kind: 'save'; readonly as: SavedAs };

/** A model folder, or one file of safetensors. */
export type SavedAs = 'folder' | 'safetensors';

/** The worker to the page. */
export type Report =
  | { readonly kind: 'opened'; readonly facts: RunFacts; readonly layers: readonly LayerMaps[] }
  /** Updates that were done since the last such report. */
  | {
      readonly kind: 'updates';
      /** Updates done before these. */
      readonly before: number;
      /** The loss of each batch, before its update. */
      readonly losses: readonly number[];
      /** Rate of the last. */
      readonly rate: number;
      readonly imagesPerSecond: number;
    }
  | { readonly kind: 'layers'; readonly layers: readonly LayerMaps[] }
  | ({ readonly kind: 'tested' } & Tested)
  | { readonly kind: 'playing' | 'paused' }
  | ({ readonly kind: 'diverged' } & Divergence)
  | { readonly kind: 'saved'; readonly as: SavedAs; readonly files: SavedFiles }
  /** Nothing more comes of this worker. */
  | { readonly kind: 'failed'; readonly message: string };

/** Files by their names. */
export type SavedFiles = Readonly<Record<string, Uint8Array<ArrayBuffer>>>;

/** What is known of a training before its first update. */
export interface RunFacts {
  readonly backend: string;
  /** The data set's name. */
  readonly data: string;
  readonly classes: readonly string[];
  readonly trainingImages: number;
  /** Images of the test set, and how many of them the error is measured on, spread evenly over it. */
  readonly testImages: number;
  readonly tested: number;
  /** Updates between two measurements of the error, while it plays. */
  readonly testEvery: number;
  readonly updatesPerEpoch: number;
  /** The mean loss of the network that has learned nothing; null if its rule descends no loss. */
  readonly untrainedLoss: number | null;
}

/** The kernels of a layer, each summed over the maps that it reads. */
export interface LayerMaps {
  readonly layer: string;
  readonly side: number;
  /** How many maps each kernel reads. */
  readonly reads: number;
  /** `[side, side]` each. */
  readonly maps: readonly Float32Array[];
  /** b of the neocognitron's planes, `[maps]`: 0 until a plane has learned. */
  readonly inhibition: Float32Array | null;
}

/** The answers to the test images. */
export interface Tested {
  /** Updates done. */
  readonly at: number;
  readonly images: number;
  readonly mistakes: number;
  /** `confusion[label][answer]` counts images. */
  readonly confusion: readonly (readonly number[])[];
}

/** The end of a training whose rate is too high. */
export interface Divergence {
  /** Updates done. */
  readonly at: number;
  readonly rate: number;
  /** The mean of the last losses, or the loss that is not finite. */
  readonly loss: number;
  /** What `train` said of a loss that is not finite. */
  readonly message: string | null;
}
