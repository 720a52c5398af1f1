/**
 * Operations as methods of tensors (`x.add(y)` for `tf.add(x, y)`), for tfjs-core leaves them out of its build for Node:
 * https://github.com/tensorflow/tfjs/tree/tfjs-v4.22.0/tfjs-core/src/public/chained_ops
 */
import type * as core from '@tensorflow/tfjs-core';

/** Methods that call the operation of their name, with the tensor as its first argument. */
const ofTheSameName = `
  abs acos acosh add all any argMax argMin asin asinh atan atan2 atanh avgPool batchNorm batchToSpaceND broadcastTo cast
  ceil clipByValue conv1d conv2d conv2dTranspose cos cosh cumprod cumsum depthToSpace depthwiseConv2d dilation2d div
  divNoNan dot elu equal erf euclideanNorm exp expandDims expm1 fft floor floorDiv gather greater greaterEqual ifft irfft
  isFinite isInf isNaN leakyRelu less lessEqual localResponseNormalization log log1p logSigmoid logSoftmax logSumExp
  logicalAnd logicalNot logicalOr logicalXor matMul max maxPool maximum mean min minimum mirrorPad mod mul neg norm
  notEqual onesLike pad pool pow prelu prod reciprocal relu relu6 reshape reverse rfft round rsqrt selu separableConv2d
  sigmoid sign sin sinh slice softmax softplus spaceToBatchND split sqrt square squaredDifference squeeze stridedSlice
  sub sum step tan tanh tile topk transpose unique unsortedSegmentSum unstack zerosLike`
  .trim()
  .split(/\s+/);

/** The tensor on which a method is called. */
interface Receiver {
  readonly size: number;
  throwIfDisposed(): void;
}
type Method = (this: Receiver, ...given: unknown[]) => unknown;
type Operation = (...given: unknown[]) => unknown;

/** All methods, by their names. */
export function tensorMethods(operations: Pick<typeof core, 'image'>): Readonly<Record<string, Method>> {
  const { image } = operations;
  const operation = (name: string) => (operations as unknown as Readonly<Record<string, Operation>>)[name]!;
  const [reshape, cast, oneHot] = [operation('reshape'), operation('cast'), operation('oneHot')];
  const reshaped: Method = function (...shape) {
    return reshape(this, shape);
  };
  const flattened: Method = function () {
    return reshape(this, [this.size]);
  };
  const castTo = (type: string): Method =>
    function () {
      return cast(this, type);
    };
  const joining = (name: 'concat' | 'stack'): Method =>
    function (others, axis) {
      return operation(name)([this, ...(Array.isArray(others) ? (others as unknown[]) : [others])], axis);
    };
  return {
    ...Object.fromEntries(ofTheSameName.map((name) => [name, onReceiver(operation(name))])),
    resizeBilinear: onReceiver(image.resizeBilinear as Operation),
    resizeNearestNeighbor: onReceiver(image.resizeNearestNeighbor as Operation),
    as1D: flattened,
    flatten: flattened,
    asScalar: reshaped, // refused by `reshape` unless there is one value
    as2D: reshaped,
    as3D: reshaped,
    as4D: reshaped,
    as5D: reshaped,
    asType: onReceiver(cast),
    toBool: castTo('bool'),
    toFloat: castTo('float32'),
    toInt: castTo('int32'),
    concat: joining('concat'),
    stack: joining('stack'),
    oneHot: function (depth, onValue = 1, offValue = 0) {
      return oneHot(this, depth, onValue, offValue);
    },
    reshapeAs: function (other) {
      return reshape(this, (other as core.Tensor).shape);
    },
    where: function (condition, other) {
      return operation('where')(condition, this, other);
    },
  };
}

function onReceiver(operation: Operation): Method {
  return function (...given) {
    return operation(this, ...given);
  };
}

/** Gives the methods to the tensors of this TensorFlow.js. */
export function addTensorMethods(tfjs: typeof core): void {
  for (const [name, method] of Object.entries(tensorMethods(tfjs))) {
    const checked: Method = function (...given) {
      this.throwIfDisposed();
      return method.apply(this, given);
    };
    Object.defineProperty(tfjs.Tensor.prototype, name, {
      value: checked,
      configurable: true,
      writable: true,
    });
  }
}
