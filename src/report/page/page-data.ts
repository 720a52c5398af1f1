/** All the data that the comparison page shows. */
import type { EpochSummary } from '../../train/run/log';
import type { ComparedRow } from '../compare';
import type { NetworkDescription } from '../../describe/describe-network';
import type { Evaluation } from '../../evaluate/evaluate';

/** All the data that the page shows. */
export interface PageData {
  readonly networks: readonly { readonly description: NetworkDescription; readonly drawing: string }[];
  readonly results: readonly Result[];
  /** Runs that have no report yet. */
  readonly underway: readonly Underway[];
  readonly made: { readonly command: string; readonly commit: string | null; readonly at: Date };
}

/** A row of the comparison, and the files that lie beside its report. */
export interface Result {
  readonly row: ComparedRow;
  readonly evaluation: Partial<Pick<Evaluation, 'perClass' | 'confusion' | 'calibration'>> & {
    readonly rejection?: readonly { readonly rejected: number; readonly error: number }[];
  };
  /** The epochs of the training, where the weights were trained here. */
  readonly epochs: readonly EpochSummary[];
  readonly images: readonly Image[];
}

/** An image file in a run's folder. */
export interface Image {
  readonly kind: 'filters' | 'mistakes' | 'figure';
  readonly caption: string;
  readonly type: 'image/png' | 'image/webp' | 'image/svg+xml';
  readonly bytes: Uint8Array;
}

/** A run that is still training, or was interrupted. */
export interface Underway {
  readonly run: string;
  readonly network: string;
  readonly data: string;
  /** The number of epochs that the run is to have. */
  readonly epochsPlanned: number;
  readonly epochs: readonly EpochSummary[];
  /** Losses of updates within the epochs. */
  readonly updates: readonly { readonly step: number; readonly epoch: number; readonly loss: number }[];
}
