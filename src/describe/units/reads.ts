/** Which values a unit reads: of the layers directly below it, and all the way down to the image. */
import { elementCount } from '../../core/shape';
import { withoutBatch } from '../../layers/cost';
import type { tf } from '../../core/tf';
import type { Rectangle } from '../../data/image/crop';
import type { GraphLayer } from '../layers/layer-graph';

/** A unit of a layer: its place on each axis of the output, `[row, column, map]` or `[unit]`. */
export type Unit = readonly number[];

/** What is read of one layer: a rectangle of positions, in some of its maps. Of a layer of vectors, the units. */
export interface Read {
  /** Within the layer: what padding adds is not in it. Of a layer of vectors, one row of all its units. */
  readonly window: Rectangle;
  /** How many rows and columns of the unit’s window lie above and left of the layer, in its padding. */
  readonly outside?: readonly [rows: number, columns: number];
  /** Of a layer of vectors, the units. */
  readonly maps: readonly number[];
}

/** Along one side: where the window of a position begins, before padding cuts it off, and how long it is. */
interface Stretch {
  readonly start: number;
  readonly length: number;
}

/** How a layer's positions read those below: null for a layer that reads all of them. */
type Windowing = ((place: number, side: number, outputs: number) => Stretch) | null;

/** How a layer's maps read those below. */
type Mapping = (map: number, maps: number, outputs: number) => readonly number[];

type Config = Readonly<Record<string, unknown>>;

const all: Mapping = (_, maps) => range(maps);
const own: Mapping = (map) => [map];
const position: Windowing = (place) => ({ start: place, length: 1 });

const side = (value: unknown): number => (Array.isArray(value) ? Number(value[0]) : Number(value));

/** The window of a convolution or a pooling, with what its padding adds before the first value. */
function strided(size: number, stride: number, before: (side: number, outputs: number) => number): Windowing {
  return (place, below, outputs) => ({ start: place * stride - before(below, outputs), length: size });
}

/** TensorFlow’s `same`: half of what is missing lies before, the smaller half. */
function paddedSame(size: number, stride: number) {
  return (below: number, outputs: number) =>
    Math.floor(Math.max(0, (outputs - 1) * stride + size - below) / 2);
}

const none = () => 0;

function padding(config: Config, size: number, stride: number) {
  return config['padding'] === 'same' ? paddedSame(size, stride) : none;
}

/** How each kind of layer that moves a window reads; what is not listed works value by value, or reads everything. */
const kinds: Readonly<Record<string, (config: Config) => { window: Windowing; maps: Mapping }>> = {
  Conv2D: (config) => {
    const [size, stride] = [side(config['kernelSize']), side(config['strides'] ?? 1)];
    const reach = (size - 1) * side(config['dilationRate'] ?? 1) + 1;
    return { window: strided(reach, stride, padding(config, reach, stride)), maps: all };
  },
  GroupedConv2D: (config) => {
    const [size, groups] = [side(config['kernelSize']), Number(config['groups'])];
    const maps: Mapping = (map, below, outputs) => {
      const share = below / groups;
      const group = Math.floor(map / (outputs / groups));
      return range(share).map((at) => group * share + at);
    };
    return { window: strided(size, 1, paddedSame(size, 1)), maps };
  },
  SubsetConv2D: (config) => {
    const { table, border } = config as { table: readonly (readonly number[])[]; border: { width: number } };
    const [size, stride] = [side(config['kernelSize']), side(config['stride'])];
    return { window: strided(size, stride, () => border.width), maps: (map) => table[map]! };
  },
  LearnedCombination: (config) => ({ window: strided(side(config['kernelSize']), 1, none), maps: all }),
  SCells: (config) => {
    const size = side(config['kernelSize']);
    return { window: strided(size, 1, (below, outputs) => (outputs + size - 1 - below) / 2), maps: all };
  },
  CCells: (config) => {
    const size = side(config['kernelSize']);
    const start = (place: number, below: number, outputs: number) =>
      Math.floor(((place + 0.5) * below) / outputs) - Math.floor(size / 2);
    return { window: (...at) => ({ start: start(...at), length: size }), maps: own };
  },
  Subsample: (config) => ({ window: strided(side(config['size']), side(config['size']), none), maps: own }),
  MaxPooling2D: pooling,
  AveragePooling2D: pooling,
  CeilPool: (config) => ({
    window: strided(side(config['size']), side(config['stride']), none),
    maps: own,
  }),
  AdaptiveAveragePool: () => ({
    window: (place, below, outputs) => {
      const start = Math.floor((place * below) / outputs);
      return { start, length: Math.ceil(((place + 1) * below) / outputs) - start };
    },
    maps: own,
  }),
  GlobalAveragePooling2D: () => ({ window: null, maps: own }),
  Lrn: (config) => {
    const reach = (Number(config['size']) - 1) / 2;
    const maps: Mapping = (map, below) =>
      range(below).filter((other) => other >= map - reach && other <= map + reach);
    return { window: position, maps };
  },
};

function pooling(config: Config) {
  const [size, stride] = [side(config['poolSize']), side(config['strides'] ?? config['poolSize'])];
  return { window: strided(size, stride, padding(config, size, stride)), maps: own };
}

/**
 * What a unit reads of each layer directly below it, in the order of the layer's inputs; null of an input of which it
 * reads nothing, as of the other branches where several are joined.
 */
export function readsOf({ layer, inputs }: GraphLayer, unit: Unit): readonly (Read | null)[] {
  const shapes = inputs.map(({ layer: below }) => withoutBatch(below.outputShape));
  const outputs = withoutBatch(layer.outputShape);
  if (layer.getClassName() === 'Concatenate') return joined(shapes, unit);
  return shapes.map((shape) => readOf(layer, shape, outputs, unit));
}

function readOf(
  layer: tf.layers.Layer,
  below: readonly number[],
  outputs: readonly number[],
  unit: Unit,
): Read {
  const kind = kinds[layer.getClassName()];
  if (below.length < 3) {
    const units =
      sameShape(below, outputs) && layer.weights.length === 0 ? [unit[0]!] : range(elementCount(below));
    return { window: { top: 0, left: 0, height: 1, width: 1 }, maps: units };
  }
  const [height, width, maps] = below as [number, number, number];
  const whole = { top: 0, left: 0, height, width };
  if (layer.getClassName() === 'Flatten' || layer.getClassName() === 'Reshape') {
    const place = unit[0]!;
    const at = Math.floor(place / maps);
    const window = { top: Math.floor(at / width), left: at % width, height: 1, width: 1 };
    return { window, maps: [place % maps] };
  }
  const inPlace = sameShape(below, outputs);
  const { window, maps: mapping } = kind?.(layer.getConfig()) ?? {
    window: inPlace ? position : null,
    maps: inPlace ? own : all,
  };
  const read = mapping(unit.at(-1)!, maps, outputs.at(-1)!);
  if (window === null) return { window: whole, maps: read };
  const [down, across] = [window(unit[0]!, height, outputs[0]!), window(unit[1]!, width, outputs[1]!)];
  const [rows, columns] = [within(down, height), within(across, width)];
  return {
    window: { top: rows.start, left: columns.start, height: rows.length, width: columns.length },
    outside: [rows.start - down.start, columns.start - across.start],
    maps: read,
  };
}

function joined(shapes: readonly (readonly number[])[], unit: Unit): readonly (Read | null)[] {
  let first = 0;
  return shapes.map((shape) => {
    const map = unit.at(-1)! - first;
    first += shape.at(-1)!;
    if (map < 0 || map >= shape.at(-1)!) return null;
    const [top, left] = shape.length === 3 ? [unit[0]!, unit[1]!] : [0, 0];
    return { window: { top, left, height: 1, width: 1 }, maps: [map] };
  });
}

/**
 * The receptive field of a unit in every layer below it, by name, down to the image: the smallest rectangle that holds
 * all positions which can change it, and the maps that do.
 */
export function receptiveFieldOf(node: GraphLayer, unit: Unit): ReadonlyMap<string, Read> {
  const found = new Map<string, Read>([[node.name, placeOfUnit(node, unit)]]);
  const order = topological(node);
  for (const { name, inputs, layer } of order) {
    const here = found.get(name);
    if (!here) continue;
    const vector = withoutBatch(layer.outputShape).length < 3;
    const corners = vector ? vectorUnits(here) : cornerUnits(here);
    for (const corner of corners)
      readsOf({ layer, inputs, name, auxiliary: false }, corner).forEach((read, at) => {
        if (!read) return;
        const below = inputs[at]!.name;
        const known = found.get(below);
        found.set(below, known ? union(known, read) : read);
      });
  }
  return found;
}

function placeOfUnit({ layer }: GraphLayer, unit: Unit): Read {
  const vector = withoutBatch(layer.outputShape).length < 3;
  const [top, left] = vector ? [0, 0] : [unit[0]!, unit[1]!];
  return { window: { top, left, height: 1, width: 1 }, maps: [unit.at(-1)!] };
}

/** The layers from this one down, each before those that it reads. */
function topological(node: GraphLayer): readonly GraphLayer[] {
  const order: GraphLayer[] = [];
  const visit = (each: GraphLayer) => {
    if (order.includes(each)) return;
    each.inputs.forEach(visit);
    order.push(each);
  };
  visit(node);
  return order.reverse();
}

/** Units at opposite corners of what is read, in each of its maps: what they read holds what all of them read. */
function cornerUnits({ window, maps }: Read): readonly Unit[] {
  const rows = [...new Set([window.top, window.top + window.height - 1])];
  const columns = [...new Set([window.left, window.left + window.width - 1])];
  return maps.flatMap((map) => rows.flatMap((row) => columns.map((column) => [row, column, map])));
}

function vectorUnits({ maps }: Read): readonly Unit[] {
  return maps.map((unit) => [unit]);
}

function union(one: Read, other: Read): Read {
  const top = Math.min(one.window.top, other.window.top);
  const left = Math.min(one.window.left, other.window.left);
  const bottom = Math.max(one.window.top + one.window.height, other.window.top + other.window.height);
  const right = Math.max(one.window.left + one.window.width, other.window.left + other.window.width);
  const maps = [...new Set([...one.maps, ...other.maps])].sort((a, b) => a - b);
  return { window: { top, left, height: bottom - top, width: right - left }, maps };
}

function within({ start, length }: Stretch, below: number): Stretch {
  const first = Math.min(Math.max(0, start), below - 1);
  return { start: first, length: Math.max(1, Math.min(below, start + length) - first) };
}

function sameShape(one: readonly number[], other: readonly number[]): boolean {
  return one.length === other.length && one.every((length, axis) => length === other[axis]);
}

function range(length: number): readonly number[] {
  return Array.from({ length }, (_, at) => at);
}
