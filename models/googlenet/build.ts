/** GoogLeNet and torchvision’s variant of it as layers, from the rows of `table.ts`. */
import { tf } from '../../src/core/tf';
import { expectInputOfAtLeast, leastSide } from '../../src/core/given/least-input';
import { CeilPool } from '../../src/layers/ceil-pool';
import { initialise } from '../../src/layers/initialise/initialise';
import { Lrn } from '../../src/layers/lrn';
import type { BuildOptions, Recipe } from '../../src/core/network';
import { head, headScores, lastWindow, scores } from './classifiers';
import { convolution, through, type Plan } from './convolution';
import { heads, table, variants, type GooglenetName, type InceptionRow, type Row } from './table';

/**
 * Outputs: class scores, and those of the two auxiliary classifiers, `loss1/classifier` and `loss2/classifier`.
 * For images of other sizes than 224×224 the heads' first full layers see as many positions as there are, and the
 * last pooling averages all of them; the convolutional form slides the windows that 224×224 has.
 * @throws UserError for images that leave a head or the last pooling no position
 */
export function buildGooglenet(
  name: GooglenetName,
  { classes, input, seed, convolutional = false }: BuildOptions,
  recipe: Recipe,
): tf.LayersModel {
  const plan: Plan = { classes, convolutional, variant: variants[name] };
  const rows = table(plan.variant);
  const shape = input ?? recipe.input.shape;
  const least = leastSide((side) => leavesPositions(rows, side, plan));
  expectInputOfAtLeast(name, shape, [least, least], convolutional ? ' for the convolutional form' : '');
  const image = tf.input({ shape: [...shape], name: 'image' });
  const auxiliary: tf.SymbolicTensor[] = [];
  const features = rows.reduce((below, row) => {
    const above = append(below, row, plan);
    const headName = heads[row.name];
    if (headName) auxiliary.push(headScores(above, headName, plan));
    return above;
  }, image);
  const model = tf.model({ name, inputs: image, outputs: [scores(features, plan), ...auxiliary] });
  initialise(model, recipe.initialiser, seed);
  return model;
}

function append(below: tf.SymbolicTensor, row: Row, plan: Plan): tf.SymbolicTensor {
  const { name } = row;
  switch (row.kind) {
    case 'convolution':
      return convolution(below, row, plan);
    case 'pooling':
      return through(below, new CeilPool({ name, kind: 'max', size: row.size, stride: 2 }));
    case 'normalisation':
      return plan.variant.normalisation === 'response'
        ? through(below, new Lrn({ name, size: 5, k: 1, alpha: 1e-4 / 5, beta: 0.75 }))
        : below;
    case 'inception':
      return inception(below, row, plan);
    default:
      return row satisfies never;
  }
}

/** Fig. 2(b): four branches side by side, "all these reduction/projection layers use rectified linear activation". */
function inception(below: tf.SymbolicTensor, row: InceptionRow, plan: Plan): tf.SymbolicTensor {
  const named = (branch: string) => `inception_${row.name}/${branch}`;
  const branch = (from: tf.SymbolicTensor, name: string, kernel: number, maps: number) =>
    convolution(from, { name: named(name), kernel, stride: 1, maps }, plan);
  const threeReduce = branch(below, 'threeReduce', 1, row.threeReduce);
  const fiveReduce = branch(below, 'fiveReduce', 1, row.fiveReduce);
  const pooled = through(
    below,
    tf.layers.maxPooling2d({ name: named('pool'), poolSize: 3, strides: 1, padding: 'same' }),
  );
  const branches = [
    branch(below, 'one', 1, row.one),
    branch(threeReduce, 'three', 3, row.three),
    branch(fiveReduce, 'five', plan.variant.five, row.five),
    branch(pooled, 'project', 1, row.project),
  ];
  return tf.layers.concatenate({ name: named('output') }).apply(branches) as tf.SymbolicTensor;
}

/** Whether a side of the input leaves the last pooling and every head a position. */
function leavesPositions(rows: readonly Row[], side: number, { convolutional, variant }: Plan): boolean {
  let left = side;
  for (const row of rows) {
    if (row.kind === 'convolution') left = Math.floor((left - 1) / row.stride) + 1;
    if (row.kind === 'pooling') left = Math.ceil((left - row.size) / 2) + 1;
    if (left < 1) return false;
    if (!(row.name in heads) || variant.headPooling === 'adaptive') continue;
    const windows = Math.floor((left - head.window) / head.stride) + 1;
    if (windows < (convolutional ? head.side : 1)) return false;
  }
  return left >= (convolutional ? lastWindow : 1);
}
