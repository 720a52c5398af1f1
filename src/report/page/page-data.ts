/** All that the page of the comparison shows. */
import type { EpochSummary } from '../../train/run/log';
import type { ComparedRow } from '../compare';
import type { NetworkDescription } from '../../describe/describe-network';
import type { Evaluation } from '../../evaluate/evaluate';

/** All that the page shows. */
export interface PageData {
  readonly networks: readonly { readonly description: NetworkDescription; readonly drawing: string }[];
  readonly results: readonly Result[];
  /** Runs that have no report yet. */
  readonly underway: readonly Underway[];
  readonly made: { readonly command: string; readonly commit: string | null; readonly at: Date };
}

/** A line of the comparison, and what lies beside its report. */
export interface Result {
  readonly row: ComparedRow;
  readonly evaluation: Partial<Pick<Evaluation, 'perClass' | 'confusion' | 'calibration'>> & {
    readonly rejection?: readonly { readonly rejected: number; readonly error: number }[];
  };
  /** Of training, where the weights were trained here. */
  readonly epochs: readonly EpochSummary[];
  readonly images: readonly Image[];
}

/** An image of a run's folder. */
export interface Image {
  readonly kind: 'filters' | 'mistakes' | 'figure';
  readonly caption: string;
  readonly type: 'image/png' | 'image/webp' | 'image/svg+xml';
  readonly bytes: Uint8Array;
}

/** A run that is being trained, or was cut off. */
export interface Underway {
  readonly run: string;
  readonly network: string;
  readonly data: string;
  /** That it is to have. */
  readonly epochsPlanned: number;
  readonly epochs: readonly EpochSummary[];
  /** Between the ends of epochs. */
  readonly updates: readonly { readonly step: number; readonly epoch: number; readonly loss: number }[];
}
