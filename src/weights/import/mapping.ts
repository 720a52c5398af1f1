/** Matches the tensors of a file with the weights of a network. */
import type { tf } from '../../core/tf';
import type { Preprocess, WeightSource } from '../../core/network';
import type { ForeignTensor, ForeignWeights } from '../formats/foreign-weights';
import type { MappingReport, MappingRow, WeightRow } from './mapping-report';
import { isBookkeeping, layoutOf, tensorName, type Convention, type TensorLayout } from './toolkit-layout';

/** The source that a file comes from, among the network's sources; `own` if the file uses this project's names. */
export interface Origin {
  readonly convention: Convention;
  /** The file's name for each layer, by our names; or that the names are the same. */
  readonly layers: WeightSource['layers'] | 'same';
  readonly blueFirst?: string;
  readonly preprocess: readonly Preprocess[];
}

/** A report, and the data needed to carry it out. */
export interface Mapping {
  readonly report: MappingReport;
  readonly loads: readonly {
    readonly weight: tf.LayerVariable;
    readonly tensor: ForeignTensor;
    readonly layout: TensorLayout;
  }[];
}

export function originOf({ toolkit, ...facts }: WeightSource): Origin {
  return { convention: toolkit, ...facts };
}

/**
 * Finds the tensor of each weight by name, and compares the shapes. Reads no tensor values.
 * @throws RangeError if the origin lacks a layer of the model
 */
export function mapWeights(
  model: tf.LayersModel,
  origin: Origin,
  { tensors, notLoaded }: ForeignWeights,
): Mapping {
  const drawn = new Set(notLoaded);
  const left = new Map(tensors.map((tensor) => [tensor.name, tensor]));
  const main = mainPath(model);
  const mapped = model.layers.flatMap((layer) =>
    layer.weights.map((weight) => {
      const name = weightNameIn(origin, layer, weight);
      const tensor = left.get(name);
      left.delete(name);
      const layout = layoutOf(
        origin.convention,
        layer,
        weight,
        layer.name === origin.blueFirst,
        tensor?.stored,
      );
      const row = {
        weight: weight.originalName,
        shape: weight.shape as number[],
        tensor: name,
        stored: layout.shapes[0]!,
        auxiliary: !main.has(layer),
      };
      if (drawn.has(weight.originalName))
        return { row: { ...row, state: 'missing' as const, told: true as const } };
      return mapWeight(weight, row, tensor, layout);
    }),
  );
  const skipped = [...left.values()]
    .filter(({ implied }) => !implied)
    .map(({ name, shape }) => ({
      state: 'skipped' as const,
      tensor: name,
      found: shape,
      expected: isBookkeeping(origin.convention, name),
    }));
  const rows = [...mapped.map(({ row }) => row), ...skipped];
  const loads = mapped.flatMap((one) => ('load' in one && one.load) || []);
  return { report: { network: model.name, convention: origin.convention, rows }, loads };
}

function mapWeight(
  weight: tf.LayerVariable,
  row: WeightRow,
  tensor: ForeignTensor | undefined,
  layout: TensorLayout,
): { readonly row: MappingRow; readonly load?: Mapping['loads'][number] } {
  if (!tensor) return { row: { ...row, state: 'missing' } };
  if (!layout.shapes.some((expected) => holds(tensor.shape, expected)))
    return { row: { ...row, state: 'wrongShape', found: tensor.shape } };
  return { row: { ...row, state: 'loaded' }, load: { weight, tensor, layout } };
}

/** The name of a weight in a file of the origin. */
export function weightNameIn(
  origin: Origin,
  layer: tf.layers.Layer,
  { originalName }: tf.LayerVariable,
): string {
  const { convention, layers } = origin;
  const theirs = layers === 'same' ? layer.name : layers[layer.name];
  if (theirs === undefined)
    throw new RangeError(`expected a ${convention} name of layer ${layer.name}, found none`);
  return tensorName(convention, theirs, originalName.slice(layer.name.length + 1));
}

/** How many of a file's tensors have names that an origin gives to the model's weights. */
export function namesInCommon(
  model: tf.LayersModel,
  origin: Origin,
  tensors: readonly ForeignTensor[],
): number {
  const names = new Set(tensors.map(({ name }) => name));
  const wanted = model.layers.flatMap((layer) =>
    layer.weights.map((weight) => weightNameIn(origin, layer, weight)),
  );
  return wanted.filter((name) => names.has(name)).length;
}

/** Whether a shape is the expected one, possibly preceded by 1s: Caffe's old files always have four dimensions. */
function holds(found: readonly number[], expected: readonly number[]): boolean {
  const more = found.length - expected.length;
  return (
    more >= 0 &&
    found.slice(0, Math.max(0, more)).every((size) => size === 1) &&
    found.slice(more).every((size, axis) => size === expected[axis])
  );
}

/** The layers that contribute to the first output, the class scores. */
export function mainPath(model: tf.LayersModel): ReadonlySet<tf.layers.Layer> {
  const found = new Set<tf.layers.Layer>();
  const waiting: tf.SymbolicTensor[] = [model.outputs[0]!];
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    if (found.has(next.sourceLayer)) continue;
    found.add(next.sourceLayer);
    waiting.push(...next.inputs);
  }
  return found;
}
