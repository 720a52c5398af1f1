/** Tensors of an ONNX graph that do not depend on the image: initialisers, and what nodes make of them alone. */
import { bounds } from '../../../core/bounds';
import { quoted, type Refuse } from '../../../core/errors';
import { elementCount } from '../../../core/shape';
import { intOf, intsOf, type OnnxContent, type OnnxNode } from './onnx-graph';
import type { OnnxTensor } from './onnx-tensor';

/** A tensor whose numbers are the file's, in another order or with a scale. */
export type OnnxConstant = Omit<OnnxTensor, 'type'> & { readonly type: string };

/** A constant that was found, and how many nodes lie between it and the file's own numbers. */
interface Known {
  readonly constant: OnnxConstant;
  readonly height: number;
}

/** Finds constants by the names of tensors. */
export class OnnxConstants {
  private readonly givers = new Map<string, OnnxNode>();
  private readonly known = new Map<string, Known>();

  constructor(
    private readonly content: OnnxContent,
    private readonly refuse: Refuse,
  ) {
    for (const node of content.nodes) for (const output of node.outputs) this.givers.set(output, node);
  }

  /** The node that gives a tensor. */
  giver(name: string | undefined): OnnxNode | undefined {
    return name === undefined ? undefined : this.givers.get(name);
  }

  /** The constant of a name; undefined if it depends on the image, or is made in a way that is not known here. */
  find(name: string | undefined): OnnxConstant | undefined {
    return this.within(name, bounds.onnx.deep)?.constant;
  }

  /** Each is made once, so that constants of constants cost no more than there are of them. */
  private within(name: string | undefined, deep: number): Known | undefined {
    if (name === undefined || name === '' || deep < 0) return undefined;
    const known = this.known.get(name) ?? this.made(name, deep);
    if (known) this.known.set(name, known);
    return known && known.height <= deep ? known : undefined;
  }

  private made(name: string, deep: number): Known | undefined {
    const listed = this.listed(name);
    if (listed) return { constant: listed, height: 0 };
    const node = this.givers.get(name);
    const below = this.within(node?.inputs[0], deep - 1);
    const constant = node && below && this.changed(node, below.constant, deep - 1);
    return constant && { constant, height: below.height + 1 };
  }

  /** What the file itself lists under a name. */
  private listed(name: string | undefined): OnnxConstant | undefined {
    if (name === undefined || name === '') return undefined;
    const initialiser = this.content.initialisers.get(name);
    if (initialiser) return initialiser;
    const node = this.givers.get(name);
    return node?.op === 'Constant' ? constantOf(node, name) : undefined;
  }

  private changed(node: OnnxNode, below: OnnxConstant, deep: number): OnnxConstant | undefined {
    switch (node.op) {
      case 'Identity':
        return below;
      case 'Cast':
        return cast(node, below);
      case 'Reshape':
      case 'Unsqueeze':
      case 'Squeeze':
      case 'Flatten':
        return this.reshaped(node, below, deep);
      case 'Transpose':
        return transposed(node, below);
      case 'DequantizeLinear':
        return this.dequantised(node, below);
      default:
        return undefined;
    }
  }

  /** Of these, only what is made of few numbers has its shape told; a bias needs none. */
  private reshaped(node: OnnxNode, below: OnnxConstant, deep: number): OnnxConstant {
    const asked = node.op === 'Reshape' ? this.within(node.inputs[1], deep)?.constant.few() : undefined;
    const known = asked?.every((side) => side > 0) && elementCount(asked) === elementCount(below.shape);
    return { ...below, shape: asked && known ? asked : [elementCount(below.shape)] };
  }

  /** value = (stored − zero point) · scale, one of each for the tensor or for each position of an axis. */
  private dequantised(node: OnnxNode, below: OnnxConstant): OnnxConstant | undefined {
    const [scale, zero] = [this.listed(node.inputs[1]), this.listed(node.inputs[2])];
    if (!scale || ((node.inputs[2] ?? '') !== '' && !zero)) return undefined;
    if (intOf(node, 'block_size', 0) !== 0) return undefined;
    const { shape } = below;
    const given = intOf(node, 'axis', 1);
    const axis = given < 0 ? given + shape.length : given;
    const values = async () => {
      const [stored, scales, zeros] = [await below.values(), await scale.values(), await zero?.values()];
      const positions = scales.length === 1 ? 1 : (shape[axis] ?? 1);
      if (scales.length !== positions || (zeros && zeros.length !== positions))
        this.refuse(
          `${positions} scales of the quantised ${quoted(below.name)}`,
          String(Math.max(scales.length, zeros?.length ?? 0)),
        );
      const inner = positions === 1 ? stored.length : elementCount(shape.slice(axis + 1));
      const { length } = stored;
      for (let at = 0; at < length; at++) {
        const position = Math.floor(at / inner) % positions;
        stored[at] = (stored[at]! - (zeros ? zeros[position]! : 0)) * scales[position]!;
      }
      return stored;
    };
    return { name: below.name, shape, type: 'float', whole: false, values, few: () => undefined };
  }
}

/**
 * In another type, by its number of TensorProto.DataType, where the numbers stay what they are: a fraction that is made
 * whole, or loses digits, is not followed.
 */
function cast(node: OnnxNode, below: OnnxConstant): OnnxConstant | undefined {
  const to = intOf(node, 'to', 0);
  if (to === 1 || to === 11) return { ...below, type: 'float', whole: false };
  return to === 6 || to === 7 ? (below.whole ? below : undefined) : undefined;
}

function constantOf({ settings }: OnnxNode, name: string): OnnxConstant | undefined {
  const value = settings.get('value')?.tensor;
  if (value) return value;
  const single = settings.get('value_float')?.float ?? settings.get('value_int')?.int;
  const list = settings.get('value_floats')?.floats ?? settings.get('value_ints')?.ints;
  const numbers = single === undefined ? list : [single];
  if (!numbers) return undefined;
  return {
    name,
    shape: single === undefined ? [numbers.length] : [],
    type: 'float',
    whole: false,
    values: async () => Float32Array.from(numbers),
    few: () => numbers,
  };
}

/** With another order of axes, of matrices and kernels. */
function transposed(node: OnnxNode, below: OnnxConstant): OnnxConstant | undefined {
  const { shape } = below;
  const axes = intsOf(node, 'perm', [...shape.keys()].reverse());
  if (axes.length !== shape.length || new Set(axes).size < axes.length) return undefined;
  if (!axes.every((axis) => axis >= 0 && axis < shape.length)) return undefined;
  return {
    ...below,
    shape: axes.map((axis) => shape[axis]!),
    values: async () => permuted(await below.values(), shape, axes),
    few: () => undefined,
  };
}

export function permuted(
  values: Float32Array,
  shape: readonly number[],
  axes: readonly number[],
): Float32Array {
  const steps = shape.map((_, axis) => elementCount(shape.slice(axis + 1)));
  const [sides, strides] = [axes.map((axis) => shape[axis]!), axes.map((axis) => steps[axis]!)];
  const moved = new Float32Array(values.length);
  const place = sides.map(() => 0);
  let source = 0;
  const { length } = moved;
  for (let at = 0; at < length; at++) {
    moved[at] = values[source]!;
    for (let axis = sides.length - 1; axis >= 0; axis--) {
      source += strides[axis]!;
      place[axis] = place[axis]! + 1;
      if (place[axis]! < sides[axis]!) break;
      source -= strides[axis]! * sides[axis]!;
      place[axis] = 0;
    }
  }
  return moved;
}
