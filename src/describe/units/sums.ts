/** How a unit comes by its value: the patches that it reads, its weights, and what becomes of their sum. */
import { elementCount } from '../../core/shape';
import type { Rectangle } from '../../data/image/crop';
import { withoutBatch } from '../../layers/cost';
import type { tf } from '../../core/tf';
import type { GraphLayer } from '../layers/layer-graph';
import { placeOf, type LayerOutput } from './activations';
import { readsOf, type Read, type Unit } from './reads';

/** A patch of one map below, or all of a vector, and the weights on it. */
export interface Patch {
  /** The layer that is read, and its map; null of a vector. */
  readonly layer: string;
  readonly map: number | null;
  readonly window: Rectangle;
  /** `[window.height, window.width]`, row by row; of a vector, its units. */
  readonly values: Float32Array;
  readonly weights: Float32Array;
  /** Σ values · weights. */
  readonly sum: number;
}

/** How a unit comes by its value. All sums are of numbers in double precision; layers add in single. */
export type UnitSum =
  /** Σ patches + what the border adds + bias, then the layer’s own activation, if it has one. */
  | {
      readonly kind: 'weighted';
      readonly patches: readonly Patch[];
      /** What a border of constant values adds; 0 where there is none, or it is of zeros. */
      readonly border: number;
      readonly bias: number;
      readonly activation: string | null;
      readonly sum: number;
    }
  /** Coefficient · Σ values + bias. */
  | {
      readonly kind: 'subsampling';
      readonly values: Float32Array;
      readonly window: Rectangle;
      readonly total: number;
      readonly coefficient: number;
      readonly bias: number;
      readonly sum: number;
    }
  /** The greatest value, or their mean. */
  | {
      readonly kind: 'maximum' | 'average';
      readonly values: Float32Array;
      readonly window: Rectangle;
      readonly sum: number;
    }
  /** Σ (values − code)². */
  | {
      readonly kind: 'distance';
      readonly values: Float32Array;
      readonly code: Float32Array;
      readonly squares: Float32Array;
      readonly sum: number;
    }
  /** A function of the value in its place, or of more that is not spelled out. */
  | { readonly kind: 'function'; readonly name: string; readonly from: number | null; readonly sum: number };

/** The outputs of all layers for an image, by name: see `Activations`. */
type Outputs = ReadonlyMap<string, LayerOutput>;

/** How a unit of a layer comes by its value for an image. */
export function sumOf(node: GraphLayer, unit: Unit, outputs: Outputs): UnitSum {
  const { layer } = node;
  const value = outputs.get(node.name)!.values[placeOf(withoutBatch(layer.outputShape), unit)]!;
  switch (layer.getClassName()) {
    case 'Conv2D':
    case 'GroupedConv2D':
    case 'SubsetConv2D':
    case 'LearnedCombination':
      return convolved(node, unit, outputs);
    case 'Dense':
      return connected(node, unit, outputs);
    case 'Subsample':
      return subsampled(node, unit, outputs);
    case 'MaxPooling2D':
      return pooled('maximum', node, unit, outputs);
    case 'AveragePooling2D':
    case 'GlobalAveragePooling2D':
    case 'AdaptiveAveragePool':
      return pooled('average', node, unit, outputs);
    case 'CeilPool':
      return pooled(layer.getConfig()['kind'] === 'max' ? 'maximum' : 'average', node, unit, outputs);
    case 'Rbf':
      return distance(node, unit, outputs);
    default: {
      const [read] = readsOf(node, unit);
      const one = read && read.maps.length === 1 && read.window.height * read.window.width === 1;
      const from = one ? valuesOf(outputs.get(node.inputs[0]!.name)!, read, read.maps[0]!)[0]! : null;
      return { kind: 'function', name: layer.getClassName(), from, sum: value };
    }
  }
}

/** The values of a rectangle of one map, row by row; of a vector, all that are read. */
function valuesOf({ shape, values }: LayerOutput, { window, maps }: Read, map: number): Float32Array {
  if (shape.length < 3) return Float32Array.from(maps, (unit) => values[unit]!);
  const { top, left, height, width } = window;
  return Float32Array.from(
    { length: height * width },
    (_, at) => values[placeOf(shape, [top + Math.floor(at / width), left + (at % width), map])]!,
  );
}

/** A weight of a layer by its own name, such as `kernel`; undefined if it has none. */
function weightOf(layer: tf.layers.Layer, name: string): LayerOutput | undefined {
  const found = layer.weights.find(({ originalName }) => originalName.split('/').at(-1) === name);
  if (!found) return undefined;
  const tensor = found.read();
  return { shape: tensor.shape, values: tensor.dataSync<'float32'>() };
}

/** The weight between a map below and this one at a place of the kernel. */
type KernelAt = (row: number, column: number, below: number, index: number) => number;

function kernelAt(layer: tf.layers.Layer, map: number, maps: readonly number[]): KernelAt {
  const kernel = weightOf(layer, 'kernel')!;
  const at = (...place: number[]) => kernel.values[placeOf(kernel.shape, place)]!;
  switch (layer.getClassName()) {
    case 'SubsetConv2D': {
      const table = layer.getConfig()['table'] as unknown as readonly (readonly number[])[];
      const before = table.slice(0, map).reduce((links, row) => links + row.length, 0);
      return (row, column, _, index) => at(row, column, before + index);
    }
    case 'LearnedCombination': {
      const free = weightOf(layer, 'combination')!;
      const exponentials = maps.map((below) => Math.exp(free.values[placeOf(free.shape, [map, below])]!));
      const all = exponentials.reduce((sum, each) => sum + each, 0);
      return (row, column, below, index) => (at(row, column, below) * exponentials[index]!) / all;
    }
    case 'GroupedConv2D':
      return (row, column, _, index) => at(row, column, index, map);
    default:
      return (row, column, below) => at(row, column, below, map);
  }
}

function convolved(node: GraphLayer, unit: Unit, outputs: Outputs): UnitSum {
  const { layer, inputs } = node;
  const below = outputs.get(inputs[0]!.name)!;
  const read = readsOf(node, unit)[0]!;
  const { window, outside = [0, 0], maps } = read;
  const map = unit[2]!;
  const config = layer.getConfig();
  const dilation = sideOf(config['dilationRate'] ?? 1);
  const weight = kernelAt(layer, map, maps);
  const side = weightOf(layer, 'kernel')!.shape[0]!;
  const inside = (at: number, skipped: number, length: number) =>
    at * dilation >= skipped && at * dilation < skipped + length;
  const places = range(side * side).map((at) => [Math.floor(at / side), at % side] as const);
  const covers = ([row, column]: readonly [number, number]) =>
    inside(row, outside[0], window.height) && inside(column, outside[1], window.width);
  const patches = maps.map((from, index): Patch => {
    const covered = places.filter(covers);
    const weights = Float32Array.from(covered, ([row, column]) => weight(row, column, from, index));
    const values = Float32Array.from(covered, ([row, column]) => {
      const at = [
        window.top + row * dilation - outside[0],
        window.left + column * dilation - outside[1],
        from,
      ];
      return below.values[placeOf(below.shape, at)]!;
    });
    return { layer: inputs[0]!.name, map: from, window, values, weights, sum: product(values, weights) };
  });
  const { value: around = 0 } = (config['border'] ?? {}) as { value?: number };
  const uncovered = places.filter((place) => !covers(place));
  const border =
    around === 0
      ? 0
      : maps.reduce(
          (all, from, index) =>
            uncovered.reduce((sum, [row, column]) => sum + around * weight(row, column, from, index), all),
          0,
        );
  return weighted(layer, patches, border, biasOf(layer, unit));
}

/** A fully connected unit: of maps that were flattened, map by map. */
function connected(node: GraphLayer, unit: Unit, outputs: Outputs): UnitSum {
  const { layer, inputs } = node;
  const kernel = weightOf(layer, 'kernel')!;
  const [input] = inputs as [GraphLayer];
  const flat = outputs.get(input.name)!;
  const weights = Float32Array.from(
    { length: elementCount(flat.shape) },
    (_, at) => kernel.values[placeOf(kernel.shape, [at, unit[0]!])]!,
  );
  const maps = input.layer.getClassName() === 'Flatten' ? outputs.get(input.inputs[0]!.name) : undefined;
  if (!maps || maps.shape.length < 3) {
    return weighted(layer, [vectorPatch(input.name, flat.values, weights)], 0, biasOf(layer, unit));
  }
  const [height, width, count] = maps.shape as [number, number, number];
  const below = input.inputs[0]!.name;
  // Maps of one unit are a vector by another name.
  if (height * width === 1)
    return weighted(layer, [vectorPatch(below, maps.values, weights)], 0, biasOf(layer, unit));
  const window = { top: 0, left: 0, height, width };
  const patches = range(count).map((map): Patch => {
    const every = (from: Float32Array) =>
      Float32Array.from({ length: height * width }, (_, at) => from[at * count + map]!);
    const [values, own] = [every(maps.values), every(weights)];
    return { layer: below, map, window, values, weights: own, sum: product(values, own) };
  });
  return weighted(layer, patches, 0, biasOf(layer, unit));
}

function vectorPatch(layer: string, values: Float32Array, weights: Float32Array): Patch {
  const window = { top: 0, left: 0, height: 1, width: weights.length };
  return { layer, map: null, window, values, weights, sum: product(values, weights) };
}

function weighted(layer: tf.layers.Layer, patches: readonly Patch[], border: number, bias: number): UnitSum {
  const own = layer.getConfig()['activation'];
  const activation = typeof own === 'string' && own !== 'linear' ? own : null;
  const sum = patches.reduce((all, patch) => all + patch.sum, border + bias);
  return { kind: 'weighted', patches, border, bias, activation, sum };
}

/** One bias a map, or one a unit; 0 where there is none. */
function biasOf(layer: tf.layers.Layer, unit: Unit): number {
  const bias = weightOf(layer, 'bias');
  if (!bias) return 0;
  return bias.values[bias.shape.length === 1 ? unit.at(-1)! : placeOf(bias.shape, unit)]!;
}

function subsampled(node: GraphLayer, unit: Unit, outputs: Outputs): UnitSum {
  const read = readsOf(node, unit)[0]!;
  const map = unit[2]!;
  const values = valuesOf(outputs.get(node.inputs[0]!.name)!, read, map);
  const total = values.reduce((sum, value) => sum + value, 0);
  const coefficient = weightOf(node.layer, 'coefficient')!.values[map]!;
  const bias = biasOf(node.layer, unit);
  const { window } = read;
  return { kind: 'subsampling', values, window, total, coefficient, bias, sum: coefficient * total + bias };
}

/** What padding adds counts neither for the maximum nor for the mean. */
function pooled(kind: 'maximum' | 'average', node: GraphLayer, unit: Unit, outputs: Outputs): UnitSum {
  const read = readsOf(node, unit)[0]!;
  const values = valuesOf(outputs.get(node.inputs[0]!.name)!, read, unit.at(-1)!);
  const sum =
    kind === 'maximum'
      ? values.reduce((most, value) => Math.max(most, value), -Infinity)
      : values.reduce((all, value) => all + value, 0) / values.length;
  return { kind, values, window: read.window, sum };
}

function distance(node: GraphLayer, unit: Unit, outputs: Outputs): UnitSum {
  const { values } = outputs.get(node.inputs[0]!.name)!;
  const codes = weightOf(node.layer, 'codes')!;
  const code = codes.values.slice(unit[0]! * values.length, (unit[0]! + 1) * values.length);
  const squares = values.map((value, at) => (value - code[at]!) ** 2);
  const sum = squares.reduce((all, square) => all + square, 0);
  return { kind: 'distance', values, code, squares, sum };
}

function product(values: Float32Array, weights: Float32Array): number {
  let sum = 0;
  for (let at = 0; at < values.length; at++) sum += values[at]! * weights[at]!;
  return sum;
}

function sideOf(value: unknown): number {
  return Number(Array.isArray(value) ? value[0] : value);
}

function range(length: number): readonly number[] {
  return Array.from({ length }, (_, at) => at);
}
