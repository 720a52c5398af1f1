/** The weights of a layer as small maps: which weight stands where in the kernel of one of its maps. */
import { elementCount } from '../../src/core/shape';
import type { GraphLayer } from '../../src/describe/layers/layer-graph';
import { withoutBatch } from '../../src/layers/cost';
import { rowLength } from './units';

/** Some weights laid out as a map. */
export interface WeightSlice {
  /** The tensor's own name, such as `kernel`. */
  readonly tensor: string;
  /** The map below that these weights read; null if they are not of one map. */
  readonly reads: number | null;
  readonly height: number;
  readonly width: number;
  /** Where each weight lies in its tensor, row by row; −1 where there is none. */
  readonly places: Int32Array;
}

/** A tensor of weights. */
interface Shaped {
  /** Its own name in the layer, such as `kernel`. */
  readonly name: string;
  readonly shape: readonly number[];
}

/** The weights of one output map or unit of a layer, as maps: first those of each map that it reads. */
export function weightSlices(
  { layer, inputs }: GraphLayer,
  weights: readonly Shaped[],
  output: number,
): readonly WeightSlice[] {
  return weights.flatMap((tensor): readonly WeightSlice[] => {
    const isKernel = tensor.name === 'kernel';
    const config = layer.getConfig();
    switch (layer.getClassName()) {
      case 'Conv2D':
      case 'GroupedConv2D':
        return isKernel
          ? denseSlices(tensor, output, Number(config['groups'] ?? 1))
          : [ownSlice(tensor, output)];
      case 'SubsetConv2D':
        return isKernel
          ? subsetSlices(tensor, output, config['table'] as readonly (readonly number[])[])
          : [ownSlice(tensor, output)];
      case 'Dense':
        return isKernel ? fullSlices(tensor, output, shapeBelow(inputs[0]!)) : [ownSlice(tensor, output)];
      default: {
        const maps = withoutBatch(layer.outputShape).at(-1)!;
        return tensor.shape.at(-1) === maps ? [ownSlice(tensor, output)] : [wholeSlice(tensor)];
      }
    }
  });
}

/** Of a kernel `[height, width, maps of a group below, maps]`, the weights of one map. */
function denseSlices({ name, shape }: Shaped, output: number, groups: number): readonly WeightSlice[] {
  const [height, width, below, maps] = shape as [number, number, number, number];
  const first = Math.floor(output / (maps / groups)) * below;
  return Array.from({ length: below }, (_, read) => ({
    ...{ tensor: name, reads: first + read, height, width },
    places: places(height, width, (at) => (at * below + read) * maps + output),
  }));
}

/** Of a kernel `[height, width, links]`, ordered by map, then by the map that it reads. */
function subsetSlices(
  { name, shape }: Shaped,
  output: number,
  table: readonly (readonly number[])[],
): readonly WeightSlice[] {
  const [height, width, links] = shape as [number, number, number];
  const first = table.slice(0, output).reduce((sum, maps) => sum + maps.length, 0);
  return table[output]!.map((reads, at) => ({
    ...{ tensor: name, reads, height, width },
    places: places(height, width, (place) => place * links + first + at),
  }));
}

/** Of a kernel `[inputs, units]`, the weights of one unit, for each of the maps that were laid out to be its inputs. */
function fullSlices({ name, shape }: Shaped, unit: number, below: readonly number[]): readonly WeightSlice[] {
  const [inputs, units] = shape as [number, number];
  if (below.length === 3 && below[0]! * below[1]! > 1) {
    const [height, width, maps] = below as [number, number, number];
    return Array.from({ length: maps }, (_, reads) => ({
      ...{ tensor: name, reads, height, width },
      places: places(height, width, (at) => (at * maps + reads) * units + unit),
    }));
  }
  const width = rowLength(inputs);
  const height = Math.ceil(inputs / width);
  const place = (at: number) => (at < inputs ? at * units + unit : -1);
  return [{ tensor: name, reads: null, height, width, places: places(height, width, place) }];
}

/** The shape of what a layer reads, before it was laid out as a vector. */
function shapeBelow({ layer, inputs }: GraphLayer): readonly number[] {
  return layer.getClassName() === 'Flatten' ? shapeBelow(inputs[0]!) : withoutBatch(layer.outputShape);
}

/** Of a tensor `[…, maps]` with a number a map, as biases are, or a number a unit of the map, those of one map. */
function ownSlice({ name, shape }: Shaped, output: number): WeightSlice {
  const maps = shape.at(-1)!;
  const [height, width] =
    shape.length === 3 ? (shape as [number, number, number]) : [1, elementCount(shape) / maps];
  return {
    tensor: name,
    reads: null,
    height,
    width,
    places: places(height, width, (at) => at * maps + output),
  };
}

/** All of a tensor, its last axis from left to right. */
function wholeSlice({ name, shape }: Shaped): WeightSlice {
  const width = shape.at(-1)!;
  const height = elementCount(shape) / width;
  return { tensor: name, reads: null, height, width, places: places(height, width, (at) => at) };
}

function places(height: number, width: number, place: (at: number) => number): Int32Array {
  return Int32Array.from({ length: height * width }, (_, at) => place(at));
}

/** The values of a slice; 0 where there is no weight. */
export function sliceOf({ places: found }: WeightSlice, values: Float32Array): Float32Array {
  return Float32Array.from(found, (place) => (place < 0 ? 0 : values[place]!));
}
