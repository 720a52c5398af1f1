/** The neocognitron's C-cells, which tolerate shifts of a feature. */
import { elementCount } from '../../core/shape';
import { tf } from '../../core/tf';
import { withoutBatch, type Cost, type CountedLayer } from '../cost';
import { fallingWeights } from './s-cells';

/** The options of `CCells`. */
export interface CCellsOptions {
  readonly name?: string;
  /** Side of the square window of S-cells that a cell is connected to, in its own plane. */
  readonly kernelSize: number;
  /** Side of a cell-plane, in cells; the cells are spread evenly over the plane below, which is padded with zeros. */
  readonly cells: number;
  /** α: the response of a cell to a drive x ≥ 0 is x / (α + x). */
  readonly saturation: number;
  /** d in the middle of the window. */
  readonly strength: number;
  /** The factor by which d falls for each cell of distance. */
  readonly decay: number;
}

/**
 * A layer of C-cells, which respond if an S-cell of their plane responds anywhere in their window: with e = Σ d u_S and
 * the lateral inhibition v, the mean of e over all K planes at the same position,
 * u_C = ψ((1 + e) / (1 + v) − 1), v = (1/K) Σ e, ψ(x) = max(x, 0) / (α + max(x, 0)).
 * `[batch, side, side, planes]` → `[batch, cells, cells, planes]`. It has no weights: d is fixed. Differentiable.
 * Source: Fukushima 1980, eq. 4 to 6.
 */
export class CCells extends tf.layers.Layer implements CountedLayer {
  static readonly className = 'CCells';
  private synapses!: tf.Tensor3D;

  constructor(private readonly options: CCellsOptions) {
    super(options);
  }

  override build(inputShape: tf.Shape): void {
    const [, height, width] = inputShape as number[];
    if (height !== width) {
      throw new RangeError(`${this.name}: expected square planes below, found ${height}x${width}`);
    }
    const values = synapseValues(height!, this.options);
    this.synapses = tf.keep(tf.tensor3d(values, [1, this.options.cells ** 2, height! ** 2]));
    super.build(inputShape);
  }

  override computeOutputShape(inputShape: tf.Shape): tf.Shape {
    const { cells } = this.options;
    return [inputShape[0]!, cells, cells, inputShape[3]!];
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    const input = (Array.isArray(inputs) ? inputs[0]! : inputs) as tf.Tensor4D;
    const [, height, width, planes] = input.shape;
    const { cells, saturation } = this.options;
    return tf.tidy(() => {
      const excited = tf.matMul(this.synapses, input.reshape([-1, height * width, planes])); // Σ d u
      const inhibited = excited.mean(2, true); //                                               [batch, cells², 1]
      const drive = excited.add(1).div(inhibited.add(1)).sub(1).relu();
      return drive.div(drive.add(saturation)).reshape([-1, cells, cells, planes]);
    });
  }

  /** One multiplication for each fixed synapse, and one more connection from the inhibitory cell. */
  cost(): Cost {
    const units = elementCount(withoutBatch(this.outputShape));
    const window = this.options.kernelSize ** 2;
    return { multiplyAdds: units * window, connections: units * (window + 1) };
  }

  override getConfig(): tf.serialization.ConfigDict {
    const { kernelSize, cells, saturation, strength, decay } = this.options;
    return { ...super.getConfig(), kernelSize, cells, saturation, strength, decay };
  }

  protected override disposeWeights(): number {
    this.synapses.dispose();
    return super.disposeWeights();
  }
}
tf.serialization.registerClass(CCells);

/**
 * All synapses of one plane, `[cells², side²]`: row n holds the d of the cell at n, zero outside its window. As a
 * single matrix product, the layer and its gradient run on every backend, whether it subsamples or not.
 */
export function synapseValues(
  side: number,
  { kernelSize, cells, strength, decay }: CCellsOptions,
): Float32Array {
  const falling = fallingWeights(kernelSize, decay);
  const starts = Array.from(
    { length: cells },
    (_, cell) => Math.floor(((cell + 0.5) * side) / cells) - Math.floor(kernelSize / 2),
  );
  const values = new Float32Array(cells ** 2 * side ** 2);
  starts.forEach((top, row) =>
    starts.forEach((left, column) =>
      falling.forEach((weight, at) => {
        const [y, x] = [top + Math.floor(at / kernelSize), left + (at % kernelSize)];
        if (y < 0 || y >= side || x < 0 || x >= side) return;
        values[(row * cells + column) * side ** 2 + y * side + x] = strength * weight;
      }),
    ),
  );
  return values;
}
