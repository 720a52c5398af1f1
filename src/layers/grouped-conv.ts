/** Grouped convolution, as in AlexNet's halves on two GPUs. */
import { nativeOp, type Attribute, type NativeOp } from '../core/tensorflow/native';
import { tf } from '../core/tf';
import { withoutBatch, type Cost, type CountedLayer } from './cost';
import type { FanInLayer } from './initialise/initialise';

/** The options of `GroupedConv2D`. */
export interface GroupedConv2DOptions {
  readonly name?: string;
  readonly filters: number;
  /** Side of the square kernel. */
  readonly kernelSize: number;
  readonly groups: number;
  /** The activation after the convolution. Default: none. */
  readonly activation?: 'relu';
}

/**
 * Grouped convolution with `same` padding and stride 1: the maps are split in order into `groups` equal groups, and
 * each group of outputs reads its own group of inputs, as in AlexNet's halves on two GPUs. `[batch, height, width,
 * maps]` → `[batch, height, width, filters]`; kernel `[k, k, maps / groups, filters]`.
 * Source: Krizhevsky, Sutskever, Hinton 2012, §3.5.
 */
export class GroupedConv2D extends tf.layers.Layer implements CountedLayer, FanInLayer {
  static readonly className = 'GroupedConv2D';
  private kernel!: tf.LayerVariable;
  private bias!: tf.LayerVariable;

  constructor(private readonly options: GroupedConv2DOptions) {
    super(options);
  }

  override build(inputShape: tf.Shape): void {
    const { filters, kernelSize, groups } = this.options;
    const maps = inputShape.at(-1)!;
    if (maps % groups || filters % groups) {
      throw new RangeError(
        `${this.name}: expected maps that part into ${groups} groups, found ${maps} in and ${filters} out`,
      );
    }
    const shape = [kernelSize, kernelSize, maps / groups, filters];
    this.kernel = this.addWeight('kernel', shape, 'float32', tf.initializers.zeros());
    this.bias = this.addWeight('bias', [filters], 'float32', tf.initializers.zeros());
    super.build(inputShape);
  }

  override computeOutputShape(inputShape: tf.Shape): tf.Shape {
    return [...inputShape.slice(0, -1), this.options.filters];
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    const input = (Array.isArray(inputs) ? inputs[0]! : inputs) as tf.Tensor4D;
    const { groups, activation } = this.options;
    return tf.tidy(() => {
      const kernel = this.kernel.read() as tf.Tensor4D;
      const native = nativeOp();
      const maps = native ? nativeGrouped(native, input, kernel) : splitGrouped(input, kernel, groups);
      const sums = maps.add(this.bias.read());
      return activation === 'relu' ? sums.relu() : sums;
    });
  }

  fanIn(): number {
    return this.kernel.shape.slice(0, -1).reduce<number>((product, side) => product * side!, 1);
  }

  /** See `CountedLayer`. */
  cost(): Cost {
    const [height, width, filters] = withoutBatch(this.outputShape) as [number, number, number];
    const multiplyAdds = height * width * filters * this.fanIn();
    return { multiplyAdds, connections: multiplyAdds + height * width * filters };
  }

  override getConfig(): tf.serialization.ConfigDict {
    const { filters, kernelSize, groups, activation } = this.options;
    return { ...super.getConfig(), filters, kernelSize, groups, ...(activation && { activation }) };
  }
}
tf.serialization.registerClass(GroupedConv2D);

const attributes: Readonly<Record<string, Attribute>> = {
  T: { type: 'type', value: 'float32' },
  strides: { type: 'int', value: [1, 1, 1, 1] },
  padding: { type: 'string', value: 'SAME' },
  data_format: { type: 'string', value: 'NHWC' },
  dilations: { type: 'int', value: [1, 1, 1, 1] },
  use_cudnn_on_gpu: { type: 'bool', value: true },
};

/** TensorFlow derives the number of groups from the shapes; tfjs's own conv2d rejects such kernels. */
function nativeGrouped(run: NativeOp, input: tf.Tensor4D, kernel: tf.Tensor4D): tf.Tensor4D {
  const convolve = tf.customGrad((x, filter, save) => {
    (save as tf.GradSaveFunc)([x as tf.Tensor, filter as tf.Tensor]);
    return {
      value: run('Conv2D', attributes, [x as tf.Tensor, filter as tf.Tensor]),
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => {
        const [seen, used] = saved as [tf.Tensor, tf.Tensor];
        return [
          run('Conv2DBackpropInput', attributes, [tf.tensor1d(seen.shape, 'int32'), used, dy]),
          run('Conv2DBackpropFilter', attributes, [seen, tf.tensor1d(used.shape, 'int32'), dy]),
        ];
      },
    };
  });
  return convolve(input, kernel) as tf.Tensor4D;
}

function splitGrouped(input: tf.Tensor4D, kernel: tf.Tensor4D, groups: number): tf.Tensor4D {
  if (groups === 1) return tf.conv2d(input, kernel, 1, 'same'); // tfjs has no gradient of a split into one part
  const kernels = tf.split<tf.Tensor4D>(kernel, groups, 3);
  const parts = tf
    .split<tf.Tensor4D>(input, groups, 3)
    .map((part, group) => tf.conv2d<tf.Tensor4D>(part, kernels[group]!, 1, 'same'));
  return tf.concat(parts, 3);
}
