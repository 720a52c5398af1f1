/** The networks in networks as layers, from the rows of `table.ts`. */
import { tf } from '../../src/core/tf';
import { expectInputOfAtLeast, leastSide } from '../../src/core/given/least-input';
import { CeilPool } from '../../src/layers/ceil-pool';
import { initialise } from '../../src/layers/initialise/initialise';
import { SeededDropout } from '../../src/layers/seeded-dropout';
import type { BuildOptions, Recipe } from '../../src/core/network';
import type { Row } from './table';

/**
 * Larger images than the authors' give larger maps, which the last pooling averages whole; with `convolutional` it
 * takes windows of the authors' size at every position instead.
 * @throws UserError for images that leave the last pooling no position
 */
export function buildNin(
  name: string,
  rows: readonly Row[],
  { classes, input, seed, convolutional = false }: BuildOptions,
  recipe: Recipe,
): tf.LayersModel {
  const shape = input ?? recipe.input.shape;
  const least = leastSide((side) => positionsOf(rows, side, convolutional) >= 1);
  expectInputOfAtLeast(name, shape, [least, least], ', which leaves one position');
  const image = tf.input({ shape: [...shape], name: 'image' });
  const scores = rows.reduce(
    (below, row) => layerOf(row, classes, convolutional).apply(below) as tf.SymbolicTensor,
    image,
  );
  const model = tf.model({ name, inputs: image, outputs: scores });
  initialise(model, recipe.initialiser, seed);
  return model;
}

/** Every convolution is followed by a ReLU, also the one that gives the class scores: they are averages of ReLUs. */
function layerOf(row: Row, classes: number, convolutional: boolean): tf.layers.Layer {
  const { name } = row;
  switch (row.kind) {
    case 'convolution':
      return convolution(name, row.maps, row.kernel, row.stride, row.pad);
    case 'cccp':
      return convolution(name, row.maps === 'classes' ? classes : row.maps, 1, 1, 0);
    case 'pooling':
      return new CeilPool({ name, kind: row.of, size: 3, stride: 2 });
    case 'dropout':
      return new SeededDropout({ name, rate: 0.5 });
    case 'globalAverage':
      return convolutional
        ? tf.layers.averagePooling2d({ name, poolSize: row.size, strides: 1 })
        : tf.layers.globalAveragePooling2d({ name });
    default:
      return row satisfies never;
  }
}

/** At stride 1, the rows' pads are those that keep the size. */
function convolution(name: string, filters: number, kernelSize: number, strides: number, pad: number) {
  const padding = pad === 0 ? 'valid' : 'same';
  return tf.layers.conv2d({
    name,
    filters,
    kernelSize,
    strides,
    padding,
    activation: 'relu',
    kernelInitializer: 'zeros',
  });
}

/** What a side of the input has become after the last row, 0 or less where nothing is left. */
function positionsOf(rows: readonly Row[], side: number, convolutional: boolean): number {
  return rows.reduce((left, row) => {
    switch (row.kind) {
      case 'convolution':
        return Math.floor((left + 2 * row.pad - row.kernel) / row.stride) + 1;
      case 'pooling':
        return Math.ceil((left - 3) / 2) + 1;
      case 'globalAverage':
        return convolutional ? left - row.size + 1 : left;
      case 'cccp':
      case 'dropout':
        return left;
      default:
        return row satisfies never;
    }
  }, side);
}
