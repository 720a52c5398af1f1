/** Convolution with a connection table: each output map reads some of the input maps, like C3 of LeNet-5. */
import { tf } from '../core/tf';
import { withoutBatch, type Cost, type CountedLayer } from './cost';
import type { FanInLayer } from './initialise/initialise';
import { bilinearRule, summedBefore, type CurvedLayer, type SecondDerivatives } from './second-derivatives';

/** The options of `SubsetConv2D`. */
export interface SubsetConv2DOptions {
  readonly name?: string;
  /** Side of the square kernel. */
  readonly kernelSize: number;
  /** For each output map, the indices of the input maps that it reads, in ascending order. */
  readonly table: readonly (readonly number[])[];
  /** Default: 1. */
  readonly stride?: number;
  /** Pixels of a constant value around every input map. Default: none. */
  readonly border?: Border;
  /** One bias for each output map, or one for each of its units. Default: `perMap`. */
  readonly biases?: 'perMap' | 'perUnit';
}

export interface Border {
  /** The number of pixels on each of the four sides. */
  readonly width: number;
  readonly value: number;
}

/**
 * Convolution in which every output map reads a subset of the input maps, `valid` within the border.
 * `[batch, height, width, maps]` → `[batch, rows, columns, table.length]`, where
 * rows = ⌊(height + 2·border − k) / stride⌋ + 1.
 * The kernel holds only the weights of existing links, `[k, k, links]`, ordered by output map, then by input map;
 * the bias is `[table.length]` or, with one bias per unit, `[rows, columns, table.length]`.
 * Source of the idea: LeCun, Bottou, Bengio, Haffner 1998, §II.B, Table I.
 */
export class SubsetConv2D extends tf.layers.Layer implements CountedLayer, CurvedLayer, FanInLayer {
  static readonly className = 'SubsetConv2D';
  private readonly options: Required<Omit<SubsetConv2DOptions, 'name'>>;
  private kernel!: tf.LayerVariable;
  private bias!: tf.LayerVariable;
  private placement!: tf.Tensor2D;

  constructor(options: SubsetConv2DOptions) {
    super(options);
    const { kernelSize, table, stride = 1, border = { width: 0, value: 0 }, biases = 'perMap' } = options;
    this.options = { kernelSize, table, stride, border, biases };
  }

  override build(inputShape: tf.Shape): void {
    const { kernelSize: size, table, biases } = this.options;
    const maps = inputShape.at(-1)!;
    const highest = Math.max(...table.flat());
    if (highest >= maps) {
      throw new RangeError(`${this.name}: expected input maps below ${maps} in the table, found ${highest}`);
    }
    const biasShape = biases === 'perMap' ? [table.length] : this.computeOutputShape(inputShape).slice(1);
    this.kernel = this.addWeight('kernel', [size, size, this.links], 'float32', tf.initializers.zeros());
    this.bias = this.addWeight('bias', biasShape, 'float32', tf.initializers.zeros());
    this.placement = tf.keep(tf.tidy(() => this.placementFor(maps)));
    super.build(inputShape);
  }

  override computeOutputShape(inputShape: tf.Shape): tf.Shape {
    const { kernelSize, table, stride, border } = this.options;
    const [batch, height, width] = inputShape;
    const positions = (side: number | null) =>
      side === null ? null : Math.floor((side + 2 * border.width - kernelSize) / stride) + 1;
    return [batch!, positions(height!), positions(width!), table.length];
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    const input = (Array.isArray(inputs) ? inputs[0]! : inputs) as tf.Tensor4D;
    return tf.tidy(() => this.sums(this.bordered(input), this.kernel.read()).add(this.bias.read()));
  }

  secondDerivatives(input: tf.Tensor, above: tf.Tensor): SecondDerivatives {
    const { biases, border } = this.options;
    const bordered = this.bordered(input as tf.Tensor4D);
    const found = bilinearRule((x, w) => this.sums(x, w), bordered, this.kernel.read(), above);
    const [batch, height, width, maps] = input.shape as [number, number, number, number];
    const inner = tf.slice(found.input, [0, border.width, border.width, 0], [batch, height, width, maps]);
    const axes = biases === 'perMap' ? 1 : 3;
    return { input: inner, weights: [found.kernel, summedBefore(above, axes)] };
  }

  /** The number of pixels under the kernel in all maps that the unit reads: one value per link, or per output map. */
  fanIn(weight: 'kernel' | 'bias'): readonly number[] {
    const { kernelSize, table } = this.options;
    const inputs = table.map((maps) => maps.length * kernelSize ** 2);
    return weight === 'bias' ? inputs : table.flatMap((maps, output) => maps.map(() => inputs[output]!));
  }

  /** Connections to pixels of the border count like all others. */
  cost(): Cost {
    const [height, width, maps] = withoutBatch(this.outputShape) as [number, number, number];
    const multiplyAdds = height * width * this.links * this.options.kernelSize ** 2;
    return { multiplyAdds, connections: multiplyAdds + height * width * maps };
  }

  override getConfig(): tf.serialization.ConfigDict {
    const { kernelSize, table, stride, border, biases } = this.options;
    const rows = table.map((maps) => [...maps]);
    return { ...super.getConfig(), kernelSize, table: rows, stride, border: { ...border }, biases };
  }

  protected override disposeWeights(): number {
    this.placement.dispose();
    return super.disposeWeights();
  }

  private get links(): number {
    return this.options.table.reduce((sum, maps) => sum + maps.length, 0);
  }

  /** The convolution alone, without biases: of an input with its border, by the kernel `[k, k, links]`. */
  private sums(bordered: tf.Tensor4D, kernel: tf.Tensor): tf.Tensor4D {
    const { kernelSize: size, table, stride } = this.options;
    const links = kernel.reshape([size * size, this.links]);
    const dense = tf.matMul(links, this.placement).reshape([size, size, bordered.shape[3], table.length]);
    return tf.conv2d(bordered, dense as tf.Tensor4D, stride, 'valid');
  }

  private bordered(input: tf.Tensor4D): tf.Tensor4D {
    const { width, value } = this.options.border;
    if (width === 0) return input;
    return tf.pad(
      input,
      [
        [0, 0],
        [width, width],
        [width, width],
        [0, 0],
      ],
      value,
    );
  }

  /**
   * The matrix of zeros and ones, `[links, maps · outputs]`, that puts each link's weight in its place in a dense
   * kernel. A matrix product and its gradient run on every backend; scattering does not.
   */
  private placementFor(maps: number): tf.Tensor2D {
    const { table } = this.options;
    const outputs = table.length;
    const ones = new Float32Array(this.links * maps * outputs);
    table
      .flatMap((inputs, output) => inputs.map((input) => input * outputs + output))
      .forEach((place, link) => (ones[link * maps * outputs + place] = 1));
    return tf.tensor2d(ones, [this.links, maps * outputs]);
  }
}
tf.serialization.registerClass(SubsetConv2D);
