/** Radial basis units: the squared distance of the input from the code of each class, as in LeNet-5. */
import { tf } from '../core/tf';
import type { Cost, CountedLayer } from './cost';

/** The options of `Rbf`. */
export interface RbfOptions {
  readonly name?: string;
  /** One code per unit, `[units, inputs]`: the input for which the unit's distance is zero. */
  readonly codes: readonly (readonly number[])[];
  /** Whether training changes the codes. Default: no. */
  readonly trainable?: boolean;
}

/**
 * Euclidean radial basis units: y_i = Σ_j (x_j − w_ij)², the squared distance of the input from each unit's code.
 * `[batch, inputs]` → `[batch, units]`; the smallest output wins.
 * Source: LeCun, Bottou, Bengio, Haffner 1998, §II.B, eq. 7.
 */
export class Rbf extends tf.layers.Layer implements CountedLayer {
  static readonly className = 'Rbf';
  private readonly start: readonly (readonly number[])[];
  private codes!: tf.LayerVariable;

  constructor(options: RbfOptions) {
    super({ ...options, trainable: options.trainable ?? false });
    this.start = options.codes;
  }

  override build(inputShape: tf.Shape): void {
    const inputs = inputShape.at(-1)!;
    const odd = this.start.find((code) => code.length !== inputs);
    if (odd) throw new RangeError(`${this.name}: expected codes of ${inputs} values, found ${odd.length}`);
    const shape: [number, number] = [this.start.length, inputs];
    this.codes = this.addWeight('codes', shape, 'float32', tf.initializers.zeros());
    const values = tf.tensor2d(Float32Array.from(this.start.flat()), shape);
    this.codes.write(values);
    values.dispose();
    super.build(inputShape);
  }

  override computeOutputShape(inputShape: tf.Shape): tf.Shape {
    return [inputShape[0]!, this.start.length];
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    const input = (Array.isArray(inputs) ? inputs[0]! : inputs) as tf.Tensor2D;
    return tf.tidy(() => {
      const differences = input.expandDims(1).sub(this.codes.read()); // [batch, units, inputs]
      return differences.square().sum(2);
    });
  }

  /** One connection and one multiplication for each input of each unit. */
  cost(): Cost {
    const links = this.start.length * this.start[0]!.length;
    return { multiplyAdds: links, connections: links };
  }

  override getConfig(): tf.serialization.ConfigDict {
    return { ...super.getConfig(), codes: this.start.map((code) => [...code]) };
  }
}
tf.serialization.registerClass(Rbf);
