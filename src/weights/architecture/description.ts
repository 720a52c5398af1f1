/**
 * How a trained network computes, in words of no toolkit: what the file of another toolkit says of its layers, or what a
 * model of ours is made of. Weights are not in it; `compare.ts` sets two beside each other.
 */

export interface Architecture {
  /** By their names, each after those that it reads where the toolkit lists them so. */
  readonly nodes: ReadonlyMap<string, ArchitectureNode>;
  /** Why it is not all of a network, so that nothing can be compared with it. */
  readonly partly?: string;
}

export interface ArchitectureNode {
  /** The layer’s, where it has weights. What a layer does after its sums is a node of its own. */
  readonly name: string;
  /** Names of nodes. */
  readonly inputs: readonly string[];
  readonly operation: Operation;
}

/** Rows, then columns. */
export type Sides = readonly [number, number];

export type Operation =
  /** The image, and what a toolkit’s reader of data made of its pixels, 0 to 255, if the file says so. */
  | { readonly kind: 'image'; readonly pixels?: Pixels }
  /** Nothing, when the network is used: dropout, a copy, another order of the same axes. */
  | { readonly kind: 'identity' }
  /** A loss or a count of errors: no part of the network’s answer. */
  | { readonly kind: 'end' }
  /** Without a window or groups where the file does not say. */
  | { readonly kind: 'convolution'; readonly window?: Window; readonly groups?: number }
  /** Of all that lies below. */
  | { readonly kind: 'full'; readonly transposed?: boolean }
  | {
      readonly kind: 'pooling';
      readonly of: string;
      readonly window?: Window | 'all';
      /** Whether zeros around the map count in an average. */
      readonly countsMargin?: boolean;
    }
  /** `of`: `ReLU`, `sigmoid`, …, with its settings. */
  | { readonly kind: 'activation'; readonly of: string }
  /** x / (k + alpha · sum of n squares)^beta; alpha is that of one square. */
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
  /** scale · x + shift, of every value. */
  | { readonly kind: 'affine'; readonly scale: number; readonly shift: number }
  | { readonly kind: 'concatenation' }
  /** Any other, by its toolkit’s name and what it says of it. */
  | { readonly kind: 'other'; readonly type: string; readonly settings: string };

/** Zeros, or nothing, around a map. */
export type Margins = readonly [top: number, bottom: number, left: number, right: number];

/** A kernel or a window that slides over a map. */
export interface Window {
  readonly kernel?: Sides | undefined;
  readonly stride: Sides;
  readonly dilation: Sides;
  /** `same`: as TensorFlow pads, so that the map is divided by the stride. */
  readonly padding: Margins | 'same';
  /** Where windows do not fit: whether a last one may reach over the edge. */
  readonly rounding: 'up' | 'down';
}

/** What became of a pixel: scale · (pixel − mean). */
export interface Pixels {
  readonly scale: number;
  /** A value for all channels or each, in the network’s order; `image`: a mean image, which is not in the file. */
  readonly mean: readonly number[] | 'image';
  /** Whether the file says nothing of it, so that something may have been done beforehand. */
  readonly unsaid: boolean;
}

/** The layer that a node is of, also where it is what the layer does after its sums, or a further use of it. */
export function layerOf(node: string): string {
  return node.replace(/(?:\/then\d+)?(?:\/use\d+)?$/, '');
}

/** Nodes in the making, each under a name of its own. */
export class Nodes {
  readonly nodes = new Map<string, ArchitectureNode>();

  /**
   * Adds what one layer does, step by step; the first step has its name.
   * @returns the name of the last
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
