/**
 * Describes how a trained network computes, in terms independent of any toolkit: from the layers described in another
 * toolkit's file, or from one of our models. Weights are not included; `compare.ts` compares two descriptions.
 */

export interface Architecture {
  /** By their names; each after the nodes that it reads, if the toolkit lists them in this order. */
  readonly nodes: ReadonlyMap<string, ArchitectureNode>;
  /** Why the description is incomplete, so that it cannot be compared. */
  readonly partly?: string;
}

export interface ArchitectureNode {
  /** The layer’s name if it has weights. What a layer does after its weighted sums is a separate node. */
  readonly name: string;
  /** Names of the nodes that it reads. */
  readonly inputs: readonly string[];
  readonly operation: Operation;
}

/** Rows, then columns. */
export type Sides = readonly [number, number];

export type Operation =
  /** The image, and how a toolkit’s data layer transformed its pixels, 0 to 255, if the file describes it. */
  | { readonly kind: 'image'; readonly pixels?: Pixels }
  /** No effect at inference: dropout, a copy, another order of the same axes. */
  | { readonly kind: 'identity' }
  /** A loss or an error count: not part of the network’s output. */
  | { readonly kind: 'end' }
  /** Without `window` or `groups` if the file does not give them. */
  | { readonly kind: 'convolution'; readonly window?: Window; readonly groups?: number }
  /** Fully connected to the whole input. */
  | { readonly kind: 'full'; readonly transposed?: boolean }
  | {
      readonly kind: 'pooling';
      readonly of: string;
      readonly window?: Window | 'all';
      /** Whether the zeros around the map count in averages. */
      readonly countsMargin?: boolean;
    }
  /** `of`: `ReLU`, `sigmoid`, …, with its settings. */
  | { readonly kind: 'activation'; readonly of: string }
  /** x / (k + alpha · sum of n squares)^beta; alpha applies to a single square. */
  | {
      readonly kind: 'responseNormalisation';
      readonly within: boolean;
      readonly size: number;
      readonly alpha: number;
      readonly beta: number;
      readonly k: number;
    }
  | { readonly kind: 'batchNormalisation'; readonly epsilon: number }
  | { readonly kind: 'padding'; readonly margins: Margins }
  /** scale · x + shift for every value. */
  | { readonly kind: 'affine'; readonly scale: number; readonly shift: number }
  | { readonly kind: 'concatenation' }
  /** Any other operation, by its toolkit’s name and its settings. */
  | { readonly kind: 'other'; readonly type: string; readonly settings: string };

/** Padding around a map, or the absence of it. */
export type Margins = readonly [top: number, bottom: number, left: number, right: number];

/** A kernel or a window that slides over a map. */
export interface Window {
  readonly kernel?: Sides | undefined;
  readonly stride: Sides;
  readonly dilation: Sides;
  /** `same`: TensorFlow's padding, with which the output size is the input size divided by the stride. */
  readonly padding: Margins | 'same';
  /** Whether the last window may extend beyond the edge if the windows do not fit evenly. */
  readonly rounding: 'up' | 'down';
}

/** The transformation of a pixel: scale · (pixel − mean). */
export interface Pixels {
  readonly scale: number;
  /**
   * One value for all channels or one for each, in the network’s order; `image`: a mean image that is not in the file.
   */
  readonly mean: readonly number[] | 'image';
  /** Whether the file does not mention the mean, so that one may have been subtracted beforehand. */
  readonly unsaid: boolean;
}

/** The layer to which a node belongs, also for a step after its weighted sums or a further use of the layer. */
export function layerOf(node: string): string {
  return node.replace(/(?:\/then\d+)?(?:\/use\d+)?$/, '');
}

/** Collects nodes under unique names. */
export class Nodes {
  readonly nodes = new Map<string, ArchitectureNode>();

  /**
   * Adds the operations of one layer as consecutive nodes; the first has the layer's name.
   * @returns the name of the last node
   */
  add(name: string, inputs: readonly string[], operations: readonly Operation[]): string {
    let below = inputs;
    let last = '';
    operations.forEach((operation, step) => {
      last = this.free(step === 0 ? name : `${name}/then${step}`);
      this.nodes.set(last, { name: last, inputs: below, operation });
      below = [last];
    });
    return last;
  }

  private free(name: string): string {
    if (!this.nodes.has(name)) return name;
    return `${name}/use${this.nodes.size}`;
  }
}
