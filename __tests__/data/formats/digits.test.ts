import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { Dataset } from '../../../src/data/dataset';
import { drawDigits } from '../../../src/data/formats/digits/digits';
import { openIdx } from '../../../src/data/formats/idx/idx-folder';
import { openData } from '../../../src/data/open';
import { testOnRealData } from '../../support/fixtures';

const size = 28;
const { train, test: held } = drawDigits({ seed: 1, train: 3000, test: 1000 });

const pixelsOf = (set: Dataset) => set.pixels(Int32Array.from(set.labels.keys()));
const imageOf = (pixels: Uint8Array, index: number) =>
  pixels.subarray(index * size * size, (index + 1) * size * size);

/** Background regions that the ink encloses: those which a fill from outside does not reach. */
function holesOf(image: Uint8Array): number {
  const side = size + 2;
  const open = new Uint8Array(side * side).fill(1);
  image.forEach((pixel, place) => {
    if (pixel >= 64) open[(Math.floor(place / size) + 1) * side + (place % size) + 1] = 0;
  });
  let regions = 0;
  for (let start = 0; start < open.length; start++) {
    if (!open[start]) continue;
    regions++;
    const pending = [start];
    open[start] = 0;
    for (let place = pending.pop(); place !== undefined; place = pending.pop()) {
      const column = place % side;
      for (const next of [
        place - side,
        place + side,
        column > 0 ? place - 1 : -1,
        column < side - 1 ? place + 1 : -1,
      ]) {
        if (open[next]) {
          open[next] = 0;
          pending.push(next);
        }
      }
    }
  }
  return regions - 1;
}

/** The fraction of images whose nearest neighbour among the known ones has another label. */
function nearestNeighbourError(
  known: Uint8Array,
  labels: Int32Array,
  asked: Uint8Array,
  answers: Int32Array,
): number {
  let wrong = 0;
  answers.forEach((answer, index) => {
    const image = imageOf(asked, index);
    let [nearest, label] = [Infinity, -1];
    labels.forEach((candidate, other) => {
      const start = other * size * size;
      let distance = 0;
      for (let place = 0; place < size * size && distance < nearest; place++) {
        distance += (image[place]! - known[start + place]!) ** 2;
      }
      if (distance < nearest) [nearest, label] = [distance, candidate];
    });
    if (label !== answer) wrong++;
  });
  return wrong / answers.length;
}

test('as many of each digit as the counts allow, in mixed order, named as synthetic', () => {
  for (const [set, name, each] of [
    [train, 'digits train (synthetic)', 300],
    [held, 'digits test (synthetic)', 100],
  ] as const) {
    expect(set).toMatchObject({ name, synthetic: true, shape: [28, 28, 1] });
    expect(set.classes).toEqual(['0', '1', '2', '3', '4', '5', '6', '7', '8', '9']);
    const counts = new Map<number, number>();
    for (const label of set.labels) counts.set(label, (counts.get(label) ?? 0) + 1);
    expect([...counts.values()]).toEqual(Array(10).fill(each));
    expect(new Set(set.labels.subarray(0, 60)).size).toBe(10);
  }
});

test('by default there are 8,000 training and 2,000 test images', async () => {
  const splits = await openData('digits', { seed: 3 });
  expect([splits.train.labels.length, splits.test.labels.length]).toEqual([8000, 2000]);
});

test('a seed gives the same pixels again, another seed others, and no image is in both splits', async () => {
  const hashes = async (seed: number) => {
    const splits = drawDigits({ seed, train: 300, test: 300 });
    return Promise.all(
      [splits.train, splits.test].map(async (set) => {
        const pixels = await pixelsOf(set);
        return [...set.labels.keys()].map((index) =>
          createHash('md5').update(imageOf(pixels, index)).digest('hex'),
        );
      }),
    );
  };
  const [first, again, other] = [await hashes(1), await hashes(1), await hashes(2)];
  expect(again).toEqual(first);
  expect(new Set([...first, ...other].flat()).size).toBe(1200);
});

test('the ink is grey-edged, on an empty background, about as much as in MNIST, and within the image', async () => {
  const pixels = await pixelsOf(train);
  const mean = pixels.reduce((sum, pixel) => sum + pixel, 0) / pixels.length / 255;
  expect(mean).toBeGreaterThan(0.09); // MNIST: 0.1307
  expect(mean).toBeLessThan(0.18);
  const share = (counts: (pixel: number) => boolean) => pixels.filter(counts).length / pixels.length;
  expect(share((pixel) => pixel === 0)).toBeGreaterThan(0.7); // MNIST: 0.809
  expect(share((pixel) => pixel > 0 && pixel < 255)).toBeGreaterThan(0.08);
  const border = pixels.filter((pixel, place) => {
    const [row, column] = [Math.floor(place / size) % size, place % size];
    return pixel > 0 && (row === 0 || column === 0 || row === size - 1 || column === size - 1);
  });
  expect(border.length / pixels.length).toBeLessThan(0.003);
});

test('digits have the holes that digits have: 8 two, 0, 6 and 9 one, 1, 5 and 7 none', async () => {
  const pixels = await pixelsOf(train);
  const shareWith = (digit: number, holes: number) => {
    const images = [...train.labels.keys()].filter((index) => train.labels[index] === digit);
    return images.filter((index) => holesOf(imageOf(pixels, index)) === holes).length / images.length;
  };
  for (const digit of [1, 5, 7]) expect(shareWith(digit, 0)).toBeGreaterThan(0.9);
  for (const digit of [0, 6, 9]) expect(shareWith(digit, 1)).toBeGreaterThan(0.8);
  expect(shareWith(8, 2)).toBeGreaterThan(0.5);
});

test('nearest neighbours tell the digits apart, but not all of them', async () => {
  const error = nearestNeighbourError(await pixelsOf(train), train.labels, await pixelsOf(held), held.labels);
  expect(error).toBeGreaterThan(0.005);
  expect(error).toBeLessThan(0.2);
});

testOnRealData('whoever knows only these digits reads most real ones', async (root) => {
  const { test: real } = await openIdx(join(root, 'mnist'), 'mnist');
  const indices = Int32Array.from({ length: 500 }, (_, index) => index * 20);
  const answers = indices.map((index) => real.labels[index]!);
  const error = nearestNeighbourError(
    await pixelsOf(train),
    train.labels,
    await real.pixels(indices),
    answers,
  );
  expect(error).toBeLessThan(0.5);
});
