/** Recognises how torchvision’s networks with Caffe’s or TensorFlow’s weights change their images first. */
import type { OnnxConstants } from '../../formats/onnx/onnx-constants';
import type { OnnxNode } from '../../formats/onnx/onnx-graph';

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
export function isTorchvisionInput({ op, inputs }: OnnxNode, constants: OnnxConstants): boolean {
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
