/** Interprets the nodes of an ONNX graph, by the definitions and defaults of ONNX’s operators. */
import type { OnnxConstants } from '../../formats/onnx/onnx-constants';
import { floatOf, intOf, intsOf, type OnnxNode } from '../../formats/onnx/onnx-graph';
import { rounded } from '../caffe/caffe-layers';
import type { Margins, Operation, Sides, Window } from '../description';

const identity: Operation = { kind: 'identity' };
const other = (type: string, settings = ''): Operation => ({
  kind: 'other',
  type: type.slice(0, 60),
  settings,
});
const activation = (of: string): Operation => ({ kind: 'activation', of });

/** What a node does when the network is used. */
export function onnxOperation(node: OnnxNode, constants: OnnxConstants, opset: number): Operation {
  const { op } = node;
  switch (op) {
    case 'Conv':
      return { kind: 'convolution', window: windowOf(node, constants), groups: intOf(node, 'group', 1) };
    case 'Gemm':
    case 'MatMul':
      // The order of the kernel's axes is known, and no difference.
      return { kind: 'full' };
    case 'MaxPool':
    case 'AveragePool':
      return pooling(node, constants);
    case 'GlobalMaxPool':
    case 'GlobalAveragePool':
      return { kind: 'pooling', of: op === 'GlobalMaxPool' ? 'max' : 'average', window: 'all' };
    case 'ReduceMean':
    case 'ReduceMax':
      return reduction(node, constants);
    case 'LRN': {
      const size = intOf(node, 'size', 0);
      return {
        kind: 'responseNormalisation',
        within: false,
        size,
        alpha: floatOf(node, 'alpha', 1e-4) / size,
        beta: floatOf(node, 'beta', 0.75),
        k: floatOf(node, 'bias', 1),
      };
    }
    case 'BatchNormalization':
      return { kind: 'batchNormalisation', epsilon: floatOf(node, 'epsilon', 1e-5) };
    case 'Relu':
      return activation('ReLU');
    case 'Sigmoid':
    case 'Tanh':
      return activation(op.toLowerCase());
    case 'LeakyRelu':
      return activation(`ReLU with slope ${rounded(floatOf(node, 'alpha', 0.01))} below 0`);
    case 'Clip':
      return clip(node, constants);
    case 'Softmax':
    case 'LogSoftmax': {
      const of = op === 'Softmax' ? 'softmax' : 'log_softmax';
      const axis = intOf(node, 'axis', opset < 13 ? 1 : -1);
      return activation(axis === 1 || axis === -1 ? of : `${of} over axis ${axis}`);
    }
    case 'Concat': {
      const axis = intOf(node, 'axis', 0);
      return axis === 1 ? { kind: 'concatenation' } : other(op, `axis ${axis}`);
    }
    case 'Pad':
      return padding(node, constants);
    case 'Add':
    case 'Sub':
    case 'Mul':
    case 'Div':
      return arithmetic(node, constants);
    case 'Transpose': {
      const order = intsOf(node, 'perm', []).join();
      return order === '0,2,3,1' || order === '0,3,1,2' ? identity : other(op, order);
    }
    case 'Flatten':
      return intOf(node, 'axis', 1) === 1 ? identity : other(op, `axis ${intOf(node, 'axis', 1)}`);
    case 'Reshape': {
      // To two axes, the images and everything else, which a full layer does anyway; or to a shape that is computed.
      const shape = constants.find(node.inputs[1])?.few() ?? intsOf(node, 'shape', []);
      return shape.length === 0 || shape.length === 2 ? identity : other(op, shape.join(' '));
    }
    case 'Dropout':
    case 'Identity':
    case 'Cast':
    case 'Squeeze':
    case 'Unsqueeze':
      return identity;
    default:
      return other(op);
  }
}

function windowOf(node: OnnxNode, constants: OnnxConstants): Window {
  const kernel = constants.find(node.inputs[1])?.shape.slice(2) ?? [];
  const [rows, columns] = intsOf(node, 'kernel_shape', kernel);
  const pads = intsOf(node, 'pads', [0, 0, 0, 0]);
  const automatic = node.settings.get('auto_pad')?.text ?? 'NOTSET';
  return {
    kernel: rows === undefined || columns === undefined ? undefined : [rows, columns],
    stride: pair(intsOf(node, 'strides', [1, 1])),
    dilation: pair(intsOf(node, 'dilations', [1, 1])),
    padding:
      automatic === 'SAME_UPPER' ? 'same' : automatic === 'NOTSET' ? around(pads) : paddings(automatic),
    rounding: intOf(node, 'ceil_mode', 0) === 1 ? 'up' : 'down',
  };
}

const none: Margins = [0, 0, 0, 0];

/** Padding that puts the larger half before the map is like no other toolkit's; it is said by no number. */
const paddings = (automatic: string): Margins => (automatic === 'VALID' ? none : [NaN, NaN, NaN, NaN]);

const pair = ([rows = 1, columns = 1]: readonly number[]): Sides => [rows, columns];

/** ONNX lists all beginnings, then all ends. */
const around = ([top = 0, left = 0, bottom = 0, right = 0]: readonly number[]): Margins => [
  top,
  bottom,
  left,
  right,
];

function pooling(node: OnnxNode, constants: OnnxConstants): Operation {
  const of = node.op === 'MaxPool' ? 'max' : 'average';
  const window = windowOf(node, constants);
  const isWhole = [window.kernel, window.stride].every((sides) => sides?.every((side) => side === 1));
  if (isWhole && window.padding !== 'same' && window.padding.every((side) => side === 0)) return identity;
  const margin = window.padding === 'same' || window.padding.some((side) => side !== 0);
  const countsMargin = of === 'average' && margin && intOf(node, 'count_include_pad', 0) === 1;
  return { kind: 'pooling', of, window, countsMargin };
}

/** The mean over rows and columns is a pooling over the whole map. */
function reduction(node: OnnxNode, constants: OnnxConstants): Operation {
  const axes = constants.find(node.inputs[1])?.few() ?? intsOf(node, 'axes', []);
  const places = axes.map((axis) => (axis < 0 ? axis + 4 : axis)).sort();
  if (places.join() !== '2,3') return other(node.op, `axes ${axes.join(' ')}`);
  return { kind: 'pooling', of: node.op === 'ReduceMax' ? 'max' : 'average', window: 'all' };
}

function clip(node: OnnxNode, constants: OnnxConstants): Operation {
  const bound = (at: number, name: string) =>
    constants.find(node.inputs[at])?.few()?.[0] ?? node.settings.get(name)?.float;
  const [least, most] = [bound(1, 'min'), bound(2, 'max')];
  if (least !== 0) return other(node.op);
  return activation(most === undefined ? 'ReLU' : `ReLU up to ${rounded(most)}`);
}

function padding(node: OnnxNode, constants: OnnxConstants): Operation {
  const pads = constants.find(node.inputs[1])?.few() ?? intsOf(node, 'pads', intsOf(node, 'paddings', []));
  const value = constants.find(node.inputs[2])?.few()?.[0] ?? floatOf(node, 'value', 0);
  const mode = node.settings.get('mode')?.text ?? 'constant';
  const [, , top, left, , , bottom, right] = pads;
  const onMaps = pads.length === 8 && [0, 1, 4, 5].every((at) => pads[at] === 0);
  if (!onMaps || value !== 0 || mode !== 'constant') return other(node.op, `${mode} ${pads.join(' ')}`);
  return { kind: 'padding', margins: around([top!, left!, bottom!, right!]) };
}

/** With one number, the same for all values. */
function arithmetic(node: OnnxNode, constants: OnnxConstants): Operation {
  const { op, inputs } = node;
  const at = inputs.findIndex((name) => constants.find(name));
  if (at < 0) return other(op);
  const numbers = constants.find(inputs[at])?.few() ?? [];
  const [value] = numbers;
  if (value === undefined || numbers.some((one) => one !== value)) return other(op, 'by numbers of its own');
  if (op === 'Add') return { kind: 'affine', scale: 1, shift: value };
  if (op === 'Mul') return { kind: 'affine', scale: value, shift: 0 };
  if (op === 'Sub')
    return at === 1
      ? { kind: 'affine', scale: 1, shift: -value }
      : { kind: 'affine', scale: -1, shift: value };
  return at === 1 ? { kind: 'affine', scale: 1 / value, shift: 0 } : other(op, 'of a number');
}
