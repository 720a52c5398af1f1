/** What a playground's page brings along, as JSON. */
import type { ImageShape, Paper, PublishedResult } from '../../../core/network';
import type { ComparedRow } from '../../../report/compare';

/** All that is in the page beside its program. */
export interface PageData {
  /** The package's version, and its commit where it is known. */
  readonly version: string;
  readonly commit: string | null;
  /** The models of the page, the one that is shown first first. */
  readonly models: readonly PageModel[];
  /** Digits to begin with; empty for networks of other images. */
  readonly digits: readonly PageDigit[];
  /** `LineageData` as gzipped JSON, in base64: its drawings are long. */
  readonly lineage: string;
}

/** A model folder in a page. */
export interface PageModel {
  /** What the address and the choice of models call it. */
  readonly name: string;
  /** Of its zoo. */
  readonly network: string;
  /** Its files in base64, by their names. */
  readonly files: Readonly<Record<string, string>>;
}

/** A digit of 28×28 grey values, light on dark. */
export interface PageDigit {
  /** What the address calls it, such as `sample-3`. */
  readonly name: string;
  readonly kind: 'sample' | 'distorted' | 'mistake';
  /** The data set that it is of, such as `mnist, test`. */
  readonly source: string;
  readonly label: number;
  /** What the first model takes it for, if that is wrong. */
  readonly answer?: number;
  /** 784 bytes in base64. */
  readonly pixels: string;
}

/** The networks of the lineage with what is known of them. */
export interface LineageData {
  /** Whether measured errors include those of runs on file, which a checkout has and the package has not. */
  readonly hasRuns: boolean;
  /** The oldest first. */
  readonly networks: readonly LineageEntry[];
}

/** A network of the lineage: what it is, what it added, and what it reached. */
export interface LineageEntry extends Pick<Paper, 'title' | 'authors' | 'venue' | 'year' | 'lineage'> {
  readonly network: string;
  /** The data set that the published errors are for. */
  readonly dataset: string;
  readonly input: ImageShape;
  readonly classes: number;
  /** How many layers with kernels follow each other, at most. */
  readonly depth: number;
  /** Of the main path. */
  readonly parameters: number;
  /** Of the auxiliary heads. */
  readonly auxiliaryParameters: number;
  readonly paperParameters: {
    readonly exact: number;
    /** The number as the paper prints it, if it does, and where. */
    readonly quoted: string | null;
    readonly where: string | null;
  };
  readonly multiplyAdds: number;
  readonly connections: number;
  /** Null of a paper that does not count them. */
  readonly paperConnections: { readonly exact: number; readonly where: string } | null;
  /** An SVG. */
  readonly drawing: string;
  readonly published: readonly PublishedResult[];
  /** Of weights that come with the package first, then those that can be held against the paper's. */
  readonly measured: readonly MeasuredError[];
}

/** An error that this project measured. */
export interface MeasuredError extends Pick<
  ComparedRow,
  'dataset' | 'images' | 'protocol' | 'metric' | 'error' | 'interval95' | 'remarks' | 'command' | 'commit'
> {
  /** Of weights that come with the package, or of a run on file. */
  readonly of: 'shipped' | 'run';
  /** The name of the weights, or the run's folder. */
  readonly place: string;
  /** Whether the paper reports an error on this data set. */
  readonly sameData: boolean;
}
