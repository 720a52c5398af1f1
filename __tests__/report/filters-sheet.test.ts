import sharp from 'sharp';
import { filtersSheet } from '../../src/report/sheets/filters-sheet';
import { useBackend } from '../../src/runtime/backend';
import { tf } from '../../src/core/tf';

beforeAll(() => useBackend('cpu'));

/** A network that begins with a convolution of the given weights `[height, width, channels, filters]`. */
function beginningWith(weights: number[], shape: [number, number, number, number]): tf.LayersModel {
  const [height, width, channels, filters] = shape;
  const image = tf.input({ shape: [8, 8, channels] });
  const layer = tf.layers.conv2d({ filters, kernelSize: [height, width], useBias: false });
  const model = tf.model({ inputs: image, outputs: layer.apply(image) as tf.SymbolicTensor });
  model.setWeights([tf.tensor(weights, shape)]);
  return model;
}

/** The colour in the middle of a weight's square, of a sheet whose filters stand in one row or in columns. */
async function colourAt(sheet: Buffer, row: number, column: number, unit: number): Promise<number[]> {
  const { data, info } = await sharp(sheet).raw().toBuffer({ resolveWithObject: true });
  const at =
    (Math.floor((row + 0.5) * unit) * info.width + Math.floor((column + 0.5) * unit)) * info.channels;
  return [...data.subarray(at, at + 3)];
}

it('draws each weight as a grey, by the largest of its filter', async () => {
  // Two filters of 2×2: [4 −4; 0 2] and [0.1 0; 0 −0.05]
  const sheet = (await filtersSheet(beginningWith([4, 0.1, -4, 0, 0, 0, 2, -0.05], [2, 2, 1, 2])))!;
  // A unit of white at every edge and between: 7 units by 4.
  const unit = (await sharp(sheet).metadata()).width / 7;
  const greys = async (places: readonly (readonly [number, number])[]) =>
    Promise.all(places.map(async ([row, column]) => (await colourAt(sheet, row, column, unit))[0]));
  expect(await greys([[1, 1], [1, 2], [2, 1], [2, 2]])).toEqual([255, 0, 128, 191]); // prettier-ignore
  expect(await greys([[1, 4], [1, 5], [2, 4], [2, 5]])).toEqual([255, 128, 128, 64]); // prettier-ignore
  expect(await greys([[0, 0], [1, 3], [3, 6]])).toEqual([255, 255, 255]); // prettier-ignore
});

it('draws weights of three channels in colour', async () => {
  // One filter of 2×2 whose first pixel wants red and no blue, and the last one none of all.
  const weights = [1, 0, -1, 0, 0, 0, 0, 0, 0, -1, -1, -1];
  const sheet = (await filtersSheet(beginningWith(weights, [2, 2, 3, 1])))!;
  // Room for two filters in a row, of which one is there: 7 units by 4.
  const { width, height } = await sharp(sheet).metadata();
  const unit = height / 4;
  expect(width % unit).toBe(0);
  expect(await colourAt(sheet, 1, 1, unit)).toEqual([255, 128, 0]);
  expect(await colourAt(sheet, 2, 2, unit)).toEqual([0, 0, 0]);
});

it('draws nothing where the first layer sees no image', async () => {
  const image = tf.input({ shape: [6] });
  const dense = tf.layers.dense({ units: 3 }).apply(image) as tf.SymbolicTensor;
  expect(await filtersSheet(tf.model({ inputs: image, outputs: dense }))).toBeNull();
  expect(await filtersSheet(beginningWith(new Array<number>(3).fill(1), [1, 1, 3, 1]))).toBeNull();
});
