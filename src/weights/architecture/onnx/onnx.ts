/** Derives the network from an ONNX graph. */
import type { OnnxConstants } from '../../formats/onnx/onnx-constants';
import type { OnnxContent, OnnxNode } from '../../formats/onnx/onnx-graph';
import { Nodes, type Architecture } from '../description';
import { onnxOperation } from './onnx-operations';

/** A layer with weights: its node, the tensor that holds its sums with their biases, and its name. */
export interface NamedLayer {
  readonly node: OnnxNode;
  readonly output: string;
  readonly name: string;
}

/** The part of the graph that leads from the image to its outputs. */
export function onnxArchitecture(
  content: OnnxContent,
  constants: OnnxConstants,
  layers: readonly NamedLayer[],
): Architecture {
  const nodes = new Nodes();
  const byNode = new Map(layers.map((layer) => [layer.node, layer]));
  /** The architecture's node of each tensor. */
  const made = new Map<string, string>();
  for (const input of content.inputs) made.set(input, nodes.add(input, [], [{ kind: 'image' }]));
  const needed = neededNodes(content, constants);
  for (const node of content.nodes) {
    const [output] = node.outputs;
    if (output === undefined || !needed.has(node) || made.has(output)) continue;
    const layer = byNode.get(node);
    const isInput = isTorchvisionInput(node, constants);
    const image = isInput ? made.get(content.inputs[0] ?? '') : undefined;
    const read =
      image === undefined
        ? readBy(node).flatMap((name) => (constants.find(name) ? [] : (made.get(name) ?? [])))
        : [image];
    const operation = image === undefined ? onnxOperation(node, constants, content.opset) : nothing;
    const name = nodes.add(layer?.name ?? output, read, [operation]);
    made.set(output, name);
    // A node that adds a layer's biases is part of it.
    if (layer) made.set(layer.output, name);
  }
  return { nodes: nodes.nodes };
}

const nothing = { kind: 'identity' } as const;

/** Operations on several tensors; of all others, further inputs are shapes and settings. */
const joints = new Set(['Add', 'Sub', 'Mul', 'Div', 'Sum', 'Max', 'Min', 'Mean', 'Concat', 'MatMul']);

function readBy({ op, inputs }: OnnxNode): readonly string[] {
  return joints.has(op) ? inputs : inputs.slice(0, 1);
}

/** The nodes on the way from the image to an output; those that compute shapes are none of them. */
function neededNodes(content: OnnxContent, constants: OnnxConstants): ReadonlySet<OnnxNode> {
  const needed = new Set<OnnxNode>();
  const waiting = [...content.outputs];
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    const node = constants.giver(name);
    if (!node || needed.has(node) || constants.find(name)) continue;
    needed.add(node);
    for (const input of readBy(node)) waiting.push(input);
  }
  return needed;
}

/** torchvision’s `transform_input`: from images by ImageNet’s mean and deviation to −1 to 1, colour by colour. */
const colours = [
  { scale: 0.229 / 0.5, shift: (0.485 - 0.5) / 0.5 },
  { scale: 0.224 / 0.5, shift: (0.456 - 0.5) / 0.5 },
  { scale: 0.225 / 0.5, shift: (0.406 - 0.5) / 0.5 },
];

/**
 * Whether a node joins the three colours after that change. Our recipe for these networks brings pixels to −1 to 1
 * itself, so that it is no difference.
 */
function isTorchvisionInput({ op, inputs }: OnnxNode, constants: OnnxConstants): boolean {
  if (op !== 'Concat' || inputs.length !== colours.length) return false;
  return inputs.every((name, colour) => {
    const added = constants.giver(name);
    const multiplied = constants.giver(added?.inputs[0]);
    const picked = constants.giver(constants.giver(multiplied?.inputs[0])?.inputs[0]);
    const [scale, shift, place] = [multiplied, added, picked].map((node) =>
      constants.find(node?.inputs[1])?.few(),
    );
    return (
      added?.op === 'Add' &&
      multiplied?.op === 'Mul' &&
      picked?.op === 'Gather' &&
      place?.[0] === colour &&
      Math.abs((scale?.[0] ?? NaN) - colours[colour]!.scale) < 1e-5 &&
      Math.abs((shift?.[0] ?? NaN) - colours[colour]!.shift) < 1e-5
    );
  });
}
