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
  ZeroPadding2D: (config) => {
    const [[above], [left]] = config['padding'] as [[number, number], [number, number]];
    // The same on both axes, as everywhere here; a unit of the padding itself counts as its nearest neighbour.
    const before = Math.max(above, left);
    return { window: (place) => ({ start: place - before, length: 1 }), maps: own };
  },
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
export function readsOf(node: GraphLayer, unit: Unit): readonly (Read | null)[] {
  return readerOf(node)(unit);
}

type Reader = (unit: Unit) => readonly (Read | null)[];

/** `readsOf` for many units of one layer, whose configuration is looked at once. */
function readerOf({ layer, inputs }: GraphLayer): Reader {
  const shapes = inputs.map(({ layer: below }) => withoutBatch(below.outputShape));
  if (layer.getClassName() === 'Concatenate') return (unit) => joined(shapes, unit);
  const readers = shapes.map((shape) => inputReader(layer, shape, withoutBatch(layer.outputShape)));
  return (unit) => readers.map((read) => read(unit));
}

function inputReader(
  layer: tf.layers.Layer,
  below: readonly number[],
  outputs: readonly number[],
): (unit: Unit) => Read {
  const inPlace = sameShape(below, outputs);
  if (below.length < 3) {
    const every = range(elementCount(below));
    const window = { top: 0, left: 0, height: 1, width: 1 };
    const one = inPlace && layer.weights.length === 0;
    return ([unit]) => ({ window, maps: one ? [unit!] : every });
  }
  const [height, width, maps] = below as [number, number, number];
  const name = layer.getClassName();
  if (name === 'Flatten' || name === 'Reshape')
    return ([place]) => {
      const at = Math.floor(place! / maps);
      const window = { top: Math.floor(at / width), left: at % width, height: 1, width: 1 };
      return { window, maps: [place! % maps] };
    };
  const { window, maps: mapping } = kinds[name]?.(layer.getConfig()) ?? {
    window: inPlace ? position : null,
    maps: inPlace ? own : all,
  };
  return (unit) => {
    const read = mapping(unit.at(-1)!, maps, outputs.at(-1)!);
    if (window === null) return { window: { top: 0, left: 0, height, width }, maps: read };
    const [down, across] = [window(unit[0]!, height, outputs[0]!), window(unit[1]!, width, outputs[1]!)];
    const [rows, columns] = [within(down, height), within(across, width)];
    return {
      window: { top: rows.start, left: columns.start, height: rows.length, width: columns.length },
      outside: [rows.start - down.start, columns.start - across.start],
      maps: read,
    };
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
  const found = new Map<string, Field>([[node.name, new Field(placeOfUnit(node, unit))]]);
  for (const below of topological(node)) {
    const field = found.get(below.name);
    if (!field) continue;
    const read = readerOf(below);
    for (const corner of cornerUnits(field.read(), below.layer))
      read(corner).forEach((each, at) => {
        if (!each) return;
        const { name } = below.inputs[at]!;
        const known = found.get(name);
        if (known) known.add(each);
        else found.set(name, new Field(each));
      });
  }
  return new Map([...found].map(([name, field]) => [name, field.read()]));
}

/** What several units read of one layer together. */
class Field {
  private window: Rectangle;
  private readonly maps = new Set<number>();

  constructor(first: Read) {
    this.window = first.window;
    first.maps.forEach((map) => this.maps.add(map));
  }

  add({ window, maps }: Read): void {
    const top = Math.min(this.window.top, window.top);
    const left = Math.min(this.window.left, window.left);
    const bottom = Math.max(this.window.top + this.window.height, window.top + window.height);
    const right = Math.max(this.window.left + this.window.width, window.left + window.width);
    this.window = { top, left, height: bottom - top, width: right - left };
    for (const map of maps) this.maps.add(map);
  }

  read(): Read {
    return { window: this.window, maps: [...this.maps].sort((one, other) => one - other) };
  }
}

/** Whether all maps of a layer, or all its units, read the same: one of them then stands for all. */
function readsAlike(layer: tf.layers.Layer): boolean {
  const name = layer.getClassName();
  return name === 'Dense' || name === 'Rbf' || kinds[name]?.(layer.getConfig()).maps === all;
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

/**
 * Units that together read all that is read through some of a layer: those at the corners of the first map, and one of
 * each other map, unless all maps read the same.
 */
function cornerUnits({ window, maps }: Read, layer: tf.layers.Layer): readonly Unit[] {
  const [first, ...others] = readsAlike(layer) ? maps.slice(0, 1) : maps;
  if (withoutBatch(layer.outputShape).length < 3) return [first!, ...others].map((unit) => [unit]);
  const rows = [...new Set([window.top, window.top + window.height - 1])];
  const columns = [...new Set([window.left, window.left + window.width - 1])];
  // What a map reads of another layer than the first does, as where branches are joined, needs its corners too.
  const whole = layer.getClassName() === 'Concatenate' ? [first!, ...others] : [first!];
  const rest = layer.getClassName() === 'Concatenate' ? [] : others;
  return [
    ...whole.flatMap((map) => rows.flatMap((row) => columns.map((column) => [row, column, map]))),
    ...rest.map((map) => [window.top, window.left, map]),
  ];
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
