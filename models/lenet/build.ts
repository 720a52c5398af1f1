/** LeNet-1, LeNet-5 and three variants as layers, from the rows of `table.ts`. */
import { tf } from '../../src/core/tf';
import { UserError } from '../../src/core/errors';
import { expectInputOfAtLeast, leastSide } from '../../src/core/given/least-input';
import { initialise } from '../../src/layers/initialise/initialise';
import { Rbf } from '../../src/layers/rbf';
import { ScaledTanh } from '../../src/layers/scaled-tanh';
import { Subsample } from '../../src/layers/subsample';
import { SubsetConv2D } from '../../src/layers/subset-conv';
import type { BuildOptions, ImageShape, Recipe } from '../../src/core/network';
import { classCodes } from './codes';
import { kernelSize, window, type Row, type Table, type VariantRow } from './table';

/**
 * @param variantLayer makes the layers of rows that only variants have
 * @throws UserError for an input that the table's rows do not fit
 */
export function buildLenet(
  name: string,
  table: Table,
  { classes, input, seed, convolutional }: BuildOptions,
  recipe: Recipe,
  variantLayer?: (row: VariantRow) => tf.layers.Layer,
): tf.LayersModel {
  const shape = input ?? recipe.input.shape;
  checkSize(name, table, shape);
  if (convolutional)
    throw new UserError(
      `${name}: expected a network with a convolutional form, found one without: its full layers see one position`,
    );
  const image = tf.input({ shape: [...shape], name: 'image' });
  const outputs = table.rows.reduce((below, row) => {
    const flat = isFull(row) && below.rank > 2 ? flattened(below, row) : below;
    const sums = layerOf(row, classes, seed, variantLayer).apply(flat) as tf.SymbolicTensor;
    return table.squash === 'scaledTanh' && isSquashed(row) ? squashed(sums, row) : sums;
  }, image);
  const model = tf.model({ name, inputs: image, outputs });
  initialise(model, recipe.initialiser, seed);
  return model;
}

function layerOf(
  row: Row,
  classes: number,
  seed: number,
  variantLayer?: (row: VariantRow) => tf.layers.Layer,
): tf.layers.Layer {
  const { name } = row;
  const start = { name, kernelInitializer: 'zeros' } as const;
  switch (row.kind) {
    case 'convolution':
      return tf.layers.conv2d({ ...start, filters: row.maps, kernelSize });
    case 'subsetConvolution':
      return new SubsetConv2D({ name, kernelSize, table: row.reads });
    case 'learnedCombination':
    case 'maxPooling':
      return variantLayer!(row);
    case 'subsampling':
      return new Subsample({ name, size: window });
    case 'averagePooling':
      return tf.layers.averagePooling2d({ name, poolSize: window, strides: window });
    case 'full':
      return tf.layers.dense({ ...start, units: row.units });
    case 'relu':
      return tf.layers.reLU({ name });
    case 'classes':
    case 'logits':
      return tf.layers.dense({ ...start, units: classes });
    case 'codes':
      return new Rbf({ name, codes: classCodes(classes, seed) });
    default:
      return row satisfies never;
  }
}

function isFull({ kind }: Row): boolean {
  return kind === 'full' || kind === 'classes' || kind === 'logits';
}

function isSquashed({ kind }: Row): boolean {
  return kind !== 'logits' && kind !== 'codes' && kind !== 'averagePooling' && kind !== 'maxPooling';
}

function flattened(below: tf.SymbolicTensor, { name }: Row): tf.SymbolicTensor {
  return tf.layers.flatten({ name: `${name}/flat` }).apply(below) as tf.SymbolicTensor;
}

function squashed(sums: tf.SymbolicTensor, { name }: Row): tf.SymbolicTensor {
  return new ScaledTanh({ name: `${name}/tanh` }).apply(sums) as tf.SymbolicTensor;
}

function checkSize(name: string, { rows, side }: Table, shape: ImageShape): void {
  if (side === undefined) {
    const least = leastSide((each) => leavesPositions(rows, each));
    return expectInputOfAtLeast(name, shape, [least, least]);
  }
  const [height, width] = shape;
  if (height === side && width === side) return;
  throw new UserError(
    `${name}: expected an input of ${side}×${side}, which leaves C5 one position, found ${height}×${width}`,
  );
}

/** Whether maps of an input with this side still have a position after every row. */
function leavesPositions(rows: readonly Row[], side: number): boolean {
  return rows.reduce((left, row) => sideAfter(left, row), side) >= 1;
}

/** The side of a row's maps, for maps of this side below it; 0 or less when the row does not fit. */
function sideAfter(side: number, { kind }: Row): number {
  switch (kind) {
    case 'convolution':
    case 'subsetConvolution':
    case 'learnedCombination':
      return side - kernelSize + 1;
    case 'subsampling':
    case 'averagePooling':
      return Math.floor(side / window);
    case 'maxPooling':
      return Math.ceil(side / window);
    case 'full':
    case 'relu':
    case 'classes':
    case 'logits':
    case 'codes':
      return side;
    default:
      return kind satisfies never;
  }
}
