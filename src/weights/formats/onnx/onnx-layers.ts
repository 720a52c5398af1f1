/** The nodes of an ONNX graph that have weights, each with what it multiplies and adds, and the name of its layer. */
import type { OnnxConstant, OnnxConstants } from './onnx-constants';
import { floatOf, intOf, intsOf, type OnnxContent, type OnnxNode } from './onnx-graph';

/** A layer with weights. */
export interface OnnxLayer {
  readonly kind: 'convolution' | 'full' | 'normalisation';
  readonly node: OnnxNode;
  /** The tensor that holds the layer's sums with their biases. */
  readonly output: string;
  /** By our names. Kernels have their outputs first, unless `transposed`. */
  readonly weights: Readonly<Record<string, OnnxConstant>>;
  /** The kernel is `[inputs, outputs]`. */
  readonly transposed: boolean;
  /** Of a full layer that reads a map: rows and columns come before the maps, as in TensorFlow. */
  readonly interleaved: boolean;
}

/** All layers with weights, in the order of the file, by the tensors that hold their sums. */
export function onnxLayers(content: OnnxContent, constants: OnnxConstants): ReadonlyMap<string, OnnxLayer> {
  const readers = new Map<string, OnnxNode[]>();
  for (const node of content.nodes)
    for (const input of new Set(node.inputs)) {
      const before = readers.get(input);
      if (before) before.push(node);
      else readers.set(input, [node]);
    }
  const ends = new Set(content.outputs);
  const layers = new Map<string, OnnxLayer>();
  for (const node of content.nodes) {
    const found = layerOf(node, constants);
    if (!found) continue;
    const sums = node.outputs[0] ?? '';
    const [reader, ...others] = readers.get(sums) ?? [];
    const bias =
      found.kind !== 'normalisation' &&
      !found.weights['bias'] &&
      reader &&
      others.length === 0 &&
      !ends.has(sums)
        ? addedTo(reader, sums, found, constants)
        : undefined;
    const output = bias ? reader!.outputs[0]! : sums;
    layers.set(output, {
      ...found,
      node,
      output,
      weights: { ...found.weights, ...(bias && { bias }) },
      interleaved: found.kind === 'full' && isInterleaved(node.inputs[0], constants),
    });
  }
  return layers;
}

type Found = Pick<OnnxLayer, 'kind' | 'weights' | 'transposed'>;

function layerOf(node: OnnxNode, constants: OnnxConstants): Found | undefined {
  const [first, second, ...others] = node.inputs.slice(1).map((name) => constants.find(name));
  // Numbers that are made in a way not known here are not taken for ones that were left out, which are 0.
  if ((node.inputs[2] ?? '') !== '' && !second) return undefined;
  switch (node.op) {
    case 'Conv': {
      if (!isKernel(first, 4)) return undefined;
      return { kind: 'convolution', weights: weightsOf({ kernel: first, bias: second }), transposed: false };
    }
    case 'Gemm': {
      const plain = ['alpha', 'beta'].every((name) => floatOf(node, name, 1) === 1);
      if (!isKernel(first, 2) || !plain || intOf(node, 'transA', 0) !== 0) return undefined;
      const transposed = intOf(node, 'transB', 0) === 0;
      return { kind: 'full', weights: weightsOf({ kernel: first, bias: second }), transposed };
    }
    case 'MatMul':
      if (!isKernel(first, 2)) return undefined;
      return { kind: 'full', weights: { kernel: first }, transposed: true };
    case 'BatchNormalization': {
      const [mean, variance] = others;
      if (!first || !second || !mean || !variance) return undefined;
      const weights = { gamma: first, beta: second, moving_mean: mean, moving_variance: variance };
      return { kind: 'normalisation', weights, transposed: false };
    }
    default:
      return undefined;
  }
}

/** A constant of some axes, of which none is empty. */
function isKernel(constant: OnnxConstant | undefined, axes: number): constant is OnnxConstant {
  return constant?.shape.length === axes && constant.shape.every((side) => side > 0);
}

function weightsOf(given: Readonly<Record<string, OnnxConstant | undefined>>): Record<string, OnnxConstant> {
  const there = Object.entries(given).filter(
    (entry): entry is [string, OnnxConstant] => entry[1] !== undefined,
  );
  return Object.fromEntries(there);
}

/** The constant that a node adds to a layer's sums, if it is one number an output. */
function addedTo(
  node: OnnxNode,
  sums: string,
  { weights, transposed }: Found,
  constants: OnnxConstants,
): OnnxConstant | undefined {
  if (node.op !== 'Add') return undefined;
  const [one, other] = node.inputs;
  const added = constants.find(one === sums ? other : one);
  const { kernel } = weights;
  const outputs = kernel?.shape[transposed ? 1 : 0];
  if (!added || outputs === undefined) return undefined;
  const sides = added.shape.filter((side) => side !== 1);
  return sides.length <= 1 && (sides[0] ?? 1) === outputs ? added : undefined;
}

/** Nodes that change each value by itself, or nothing. */
const valueByValue = new Set(['Relu', 'Identity', 'Dropout', 'Cast', 'Sigmoid', 'Tanh', 'Clip', 'LeakyRelu']);

/** Whether a flat tensor was made of maps whose axis was moved behind rows and columns. */
function isInterleaved(name: string | undefined, constants: OnnxConstants): boolean {
  let flat = false;
  let node = constants.giver(name);
  for (let steps = 0; node && steps < 100; steps++) {
    if (node.op === 'Transpose') return flat && intsOf(node, 'perm', []).join() === '0,2,3,1';
    if (['Reshape', 'Flatten', 'Squeeze'].includes(node.op)) flat = true;
    else if (!valueByValue.has(node.op)) return false;
    node = constants.giver(node.inputs[0]);
  }
  return false;
}

/** How a file's layers are named. */
export interface OnnxNames {
  /** Whose names they are; undefined if the file has none that lead to layers. */
  readonly convention?: 'caffe' | 'pytorch' | 'keras' | undefined;
  /** The toolkit whose weights these probably are, if names do not lead to its layers. */
  readonly like?: 'pytorch' | 'keras' | undefined;
  /** The names by the tensors that hold the layers' sums. */
  readonly names: ReadonlyMap<string, string>;
}

/** The ways in which converters name the tensors and nodes of a layer. */
const ways: readonly {
  readonly convention: 'caffe' | 'pytorch' | 'keras';
  readonly name: (layer: OnnxLayer) => string | undefined;
}[] = [
  // Caffe2's converter, by which the files of ONNX's model zoo were made: conv1/7x7_s2_w_0.
  { convention: 'caffe', name: (layer) => /^(.+)_w_0$/.exec(firstName(layer))?.[1] },
  // torch.onnx.export: features.0.weight, or where it folded a normalisation onnx::Conv_587 by /conv1/conv/Conv.
  {
    convention: 'pytorch',
    name: (layer) => /^(.+)\.weight$/.exec(firstName(layer))?.[1] ?? torchPath(layer),
  },
  // tf2onnx: model/block1_conv1/Conv2D/ReadVariableOp:0.
  { convention: 'keras', name: kerasName },
];

export function onnxNames(layers: ReadonlyMap<string, OnnxLayer>): OnnxNames {
  for (const { convention, name } of ways) {
    const names = [...layers].map(([output, layer]) => [output, name(layer)] as const);
    if (names.length === 0 || names.some(([, found]) => found === undefined)) continue;
    const found = new Map(names as readonly (readonly [string, string])[]);
    return { convention, names: convention === 'keras' ? withoutCalls(found) : found };
  }
  const all = [...layers.values()].map(firstName);
  // MXNet's Gluon, whose networks were trained on images made ready as torchvision's are: vgg0_conv0_weight.
  const like = all.some((name) => /^onnx::|_weight$/.test(name)) ? ('pytorch' as const) : undefined;
  return { like, names: new Map() };
}

function firstName({ weights }: OnnxLayer): string {
  return (weights['kernel'] ?? weights['gamma'])?.name ?? '';
}

/** `/inception3a/branch2/branch2.0/conv/Conv` is the node of the module `inception3a.branch2.0.conv`. */
function torchPath(layer: OnnxLayer): string | undefined {
  const { name } = layer.node;
  if (!/^(?:onnx::|\d+$)/.test(firstName(layer)) || !name.startsWith('/')) return undefined;
  const modules: string[] = [];
  for (const step of name.split('/').slice(1, -1)) {
    const before = modules.at(-1);
    if (before !== undefined && step.startsWith(`${before}.`)) modules[modules.length - 1] = step;
    else modules.push(step);
  }
  return modules.length > 0 ? modules.join('.') : undefined;
}

/** The last part of a path before the operation. */
const kerasOperation = /^(?:convolution|Conv2D|MatMul|Cast|Tensordot|FusedBatchNormV3|batchnorm)/;

function kerasName(layer: OnnxLayer): string | undefined {
  const path = [firstName(layer), layer.node.name].find((name) =>
    name.split('/').some((part) => kerasOperation.test(part)),
  );
  const parts = path?.split('/') ?? [];
  const at = parts.findIndex((part) => kerasOperation.test(part));
  return at > 0 ? parts[at - 1] : undefined;
}

/** Keras 3 numbers the calls of a layer: block1_conv1_1 is the second call of block1_conv1, its first being its making. */
function withoutCalls(names: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  const number = /_\d+$/.exec([...names.values()][0]!)?.[0];
  if (number === undefined || ![...names.values()].every((name) => name.endsWith(number))) return names;
  return new Map([...names].map(([output, name]) => [output, name.slice(0, -number.length)] as const));
}
