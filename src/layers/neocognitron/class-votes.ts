/** The neocognitron's read-out: cells vote for the classes of the training images for which they won. */
import { tf } from '../../core/tf';
import type { Cost, CountedLayer } from '../cost';

/** The options of `ClassVotes`. */
export interface ClassVotesOptions {
  readonly name?: string;
  readonly classes: number;
}

/**
 * Derives classes from cells that learnt without labels. Each cell votes with the strength of its response, and divides
 * its vote among the classes in proportion to the training images of each class for which it won; a class's score is
 * its share of the votes. `[batch, cells]`, ≥ 0 → `[batch, classes]`, in [0, 1]; all 0 if no cell responds. The only
 * weight is `counts` `[cells, classes]`: the numbers of images won, which training counts and no gradient changes.
 */
export class ClassVotes extends tf.layers.Layer implements CountedLayer {
  static readonly className = 'ClassVotes';
  private counts!: tf.LayerVariable;

  constructor(private readonly options: ClassVotesOptions) {
    super({ ...options, trainable: false });
  }

  override build(inputShape: tf.Shape): void {
    const shape = [inputShape.at(-1)!, this.options.classes];
    this.counts = this.addWeight('counts', shape, 'float32', tf.initializers.zeros());
    super.build(inputShape);
  }

  override computeOutputShape(inputShape: tf.Shape): tf.Shape {
    return [inputShape[0]!, this.options.classes];
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    const input = (Array.isArray(inputs) ? inputs[0]! : inputs) as tf.Tensor2D;
    return tf.tidy(() => {
      const counts = this.counts.read() as tf.Tensor2D;
      const shares = tf.divNoNan(counts, counts.sum(1, true));
      return tf.divNoNan(tf.matMul(input, shares as tf.Tensor2D), input.sum(1, true));
    });
  }

  /** Nothing: the read-out is not part of the network; the neocognitron's author inspected the last layer himself. */
  cost(): Cost {
    return { multiplyAdds: 0, connections: 0 };
  }

  override getConfig(): tf.serialization.ConfigDict {
    return { ...super.getConfig(), classes: this.options.classes };
  }
}
tf.serialization.registerClass(ClassVotes);
