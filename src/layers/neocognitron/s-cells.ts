/** The neocognitron's S-cells, which extract features. */
import { tf } from '../../core/tf';
import { withoutBatch, type Cost, type CountedLayer } from '../cost';
import type { FanInLayer } from '../initialise/initialise';

/** The options of `SCells`. */
export interface SCellsOptions {
  readonly name?: string;
  /** K: the number of cell-planes. */
  readonly planes: number;
  /** Side of the square receptive field of a cell, in every plane below. */
  readonly kernelSize: number;
  /** Side of a cell-plane, in cells; the plane is centred on the planes below, which are padded with zeros. */
  readonly cells: number;
  /** r: the larger it is, the closer a pattern must be to the one that the cell has learnt. */
  readonly selectivity: number;
  /** The factor by which c falls for each cell of distance. */
  readonly decay: number;
}

/**
 * A layer of S-cells, which extract features: with the outputs u ≥ 0 of the layer below and an inhibitory cell v,
 * u_S = r · φ((1 + Σ a u) / (1 + 2r/(1 + r) · b v) − 1), v = √(Σ c u²), φ(x) = max(x, 0);
 * the sums run over all planes below and a cell's window, and Σ c = 1.
 * `[batch, side, side, planes below]` → `[batch, cells, cells, planes]`. Weights: `kernel` a `[k, k, planes below,
 * planes]` and `inhibition` b `[planes]`, both ≥ 0. Differentiable except where a window is all zeros, because √ has no
 * slope at 0.
 * Source: Fukushima 1980, eq. 1 to 3.
 */
export class SCells extends tf.layers.Layer implements CountedLayer, FanInLayer {
  static readonly className = 'SCells';
  private kernel!: tf.LayerVariable;
  private inhibition!: tf.LayerVariable;
  private fixed!: tf.Tensor4D;
  private below!: { readonly side: number; readonly planes: number };
  /** c, which is the same for every plane below: `[k · k]`, row by row. */
  fixedWeights!: Float32Array;

  constructor(readonly options: SCellsOptions) {
    super(options);
  }

  override build(inputShape: tf.Shape): void {
    const [, height, width, planes] = inputShape as number[];
    const { kernelSize, cells } = this.options;
    const around = cells + kernelSize - 1 - height!;
    if (height !== width || around < 0 || around % 2) {
      throw new RangeError(
        `${this.name}: expected planes below of ${cells} to ${cells + kernelSize - 1} cells a side, ` +
          `in whose middle ${cells} can lie, found ${height}x${width}`,
      );
    }
    this.below = { side: height!, planes: planes! };
    const shape = [kernelSize, kernelSize, planes!, this.options.planes];
    this.kernel = this.addWeight('kernel', shape, 'float32', tf.initializers.zeros());
    this.fixedWeights = normalised(kernelSize, this.options.decay, planes!);
    this.fixed = tf.keep(kernelOf(this.fixedWeights, kernelSize, planes!));
    this.inhibition = this.addWeight('inhibition', [this.options.planes], 'float32', tf.initializers.zeros());
    super.build(inputShape);
  }

  override computeOutputShape(inputShape: tf.Shape): tf.Shape {
    const { cells, planes } = this.options;
    return [inputShape[0]!, cells, cells, planes];
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    const input = (Array.isArray(inputs) ? inputs[0]! : inputs) as tf.Tensor4D;
    const { selectivity: r } = this.options;
    const { margin } = this;
    return tf.tidy(() => {
      const u = tf.pad(input, [[0, 0], [margin, margin], [margin, margin], [0, 0]]); // prettier-ignore
      const excited = tf.conv2d(u, this.kernel.read() as tf.Tensor4D, 1, 'valid'); // Σ a u
      const v = tf.conv2d(u.square(), this.fixed, 1, 'valid').sqrt(); //            [batch, cells, cells, 1]
      const shunted = v.mul(this.inhibition.read()).mul((2 * r) / (1 + r));
      return excited.add(1).div(shunted.add(1)).sub(1).relu().mul(r);
    });
  }

  get planesBelow(): number {
    return this.below.planes;
  }

  /** How far the window of the first cell extends beyond the planes below, in cells. */
  get margin(): number {
    const { kernelSize, cells } = this.options;
    return (cells + kernelSize - 1 - this.below.side) / 2;
  }

  fanIn(): number {
    return this.options.kernelSize ** 2 * this.below.planes;
  }

  /** Counts the excitatory connections, and one from the inhibitory cell, whose own sums have fixed weights. */
  cost(): Cost {
    const [height, width, planes] = withoutBatch(this.outputShape) as [number, number, number];
    const units = height * width * planes;
    return { multiplyAdds: units * this.fanIn(), connections: units * (this.fanIn() + 1) };
  }

  override getConfig(): tf.serialization.ConfigDict {
    const { planes, kernelSize, cells, selectivity, decay } = this.options;
    return { ...super.getConfig(), planes, kernelSize, cells, selectivity, decay };
  }

  protected override disposeWeights(): number {
    this.fixed.dispose();
    return super.disposeWeights();
  }
}
tf.serialization.registerClass(SCells);

/** c for one plane, `[side · side]`; over all `planes` it sums to 1. */
function normalised(side: number, decay: number, planes: number): Float32Array {
  const falling = fallingWeights(side, decay);
  const sum = planes * falling.reduce((all, weight) => all + weight, 0);
  return falling.map((weight) => weight / sum);
}

/** c as a kernel `[k, k, planes below, 1]`. */
function kernelOf(weights: Float32Array, side: number, planes: number): tf.Tensor4D {
  return tf.tidy(() => tf.tile(tf.tensor4d(weights, [side, side, 1, 1]), [1, 1, planes, 1]));
}

/** Fixed weights `decay`^distance, with the distance in cells from the middle of a square window, row by row. */
export function fallingWeights(side: number, decay: number): Float32Array {
  return Float32Array.from({ length: side * side }, (_, at) => {
    const [row, column] = [Math.floor(at / side), at % side];
    return decay ** Math.hypot(row - (side - 1) / 2, column - (side - 1) / 2);
  });
}
