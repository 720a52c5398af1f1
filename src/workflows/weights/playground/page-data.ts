/** What a playground's page brings along, as JSON. */

/** All that is in the page beside its program. */
export interface PageData {
  /** The package's version, and its commit where it is known. */
  readonly version: string;
  readonly commit: string | null;
  /** The models of the page, the one that is shown first first. */
  readonly models: readonly PageModel[];
  /** Digits to begin with; empty for networks of other images. */
  readonly digits: readonly PageDigit[];
  /** What is known of the networks of the lineage, the oldest first. */
  readonly lineage: readonly LineageEntry[];
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

/** A network of the lineage: what it is, what it added, and what it reached. */
export interface LineageEntry {
  readonly network: string;
  readonly title: string;
  readonly authors: string;
  readonly year: number;
  /** What it descends from, and what it added. */
  readonly parent: string | null;
  readonly adds: string;
  readonly parameters: number;
  readonly multiplyAdds: number;
  readonly layers: number;
  /** Its drawing, an SVG. */
  readonly drawing: string;
  /** Errors in the paper and of this project, as text such as `0.95 %`. */
  readonly published: readonly {
    readonly dataset: string;
    readonly error: number;
    readonly metric: string;
    readonly where: string;
  }[];
  readonly measured: readonly { readonly dataset: string; readonly error: number; readonly seeds: number }[];
}
