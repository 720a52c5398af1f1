/** The images that excite a unit, beside all images one by one, and where the positions of maps look. */
import { zoo } from '../../../models/registry';
import { tf } from '../../../src/core/tf';
import { elementCount } from '../../../src/core/shape';
import { datasetInMemory } from '../../../src/data/dataset';
import { batchesInOrder } from '../../../src/data/loader/batches';
import { layerGraph } from '../../../src/describe/layers/layer-graph';
import { shapesOf } from '../../../src/describe/describe-network';
import { activationsOf } from '../../../src/describe/units/activations';
import { centresOf } from '../../../src/describe/units/centres';
import { receptiveFieldOf } from '../../../src/describe/units/reads';
import { mainPathOf } from '../../../src/layers/layer-walk';
import { strongestImages } from '../../../src/describe/inspect/strongest-images';
import { useBackend } from '../../../src/runtime/backend';
import { fillWeights } from '../../support/fixtures';

const many = 130; // more than a batch
const labels = new Int32Array(many);
const pixels = new Uint8Array(many * 784);
for (let at = 0; at < pixels.length; at++) pixels[at] = (Math.imul(at + 7, 2654435761) >>> 9) & 255;
const data = datasetInMemory({
  name: 'noise',
  synthetic: true,
  classes: ['?'],
  labels,
  shape: [28, 28, 1],
  pixels,
});

beforeAll(async () => {
  await useBackend();
});

test('those images are found that excite a map, a unit or a code the most, with where', async () => {
  const { build, recipe } = zoo.lenet5;
  const model = build({ classes: 10, seed: 1 });
  fillWeights(model);
  const images: Float32Array[] = [];
  for await (const batch of batchesInOrder(data, recipe, 1)) images.push(batch.images.slice());
  const activations = activationsOf(model);
  const outputs = [];
  for (const image of images) outputs.push(await activations.of(image));
  for (const [layer, index] of [
    ['C3', 5],
    ['S2/tanh', 0],
    ['F6/tanh', 83],
    [layerGraph(model).at(-1)!.name, 3],
  ] as const) {
    const isDistance = layer === layerGraph(model).at(-1)!.name;
    const expected = outputs
      .map((output, image) => {
        const { shape, values } = output.get(layer)!;
        const maps = shape.at(-1)!;
        let best = -Infinity;
        let place = 0;
        for (let position = 0; position < elementCount(shape) / maps; position++) {
          const value = (isDistance ? -1 : 1) * values[position * maps + index]!;
          if (value > best) [best, place] = [value, position];
        }
        const at = shape.length === 3 ? [Math.floor(place / shape[1]!), place % shape[1]!] : null;
        return { image, value: (isDistance ? -1 : 1) * best, at, order: best };
      })
      .sort((one, other) => other.order - one.order)
      .slice(0, 4);
    const before = tf.memory().numTensors;
    const found = await strongestImages({ model, recipe, fitted: {} }, data, {
      unit: `${layer}:${index}`,
      count: 4,
    });
    expect(tf.memory().numTensors).toBe(before);
    expect(found.map(({ image, at }) => [image, at])).toEqual(expected.map(({ image, at }) => [image, at]));
    found.forEach(({ value }, rank) => expect(value).toBeCloseTo(expected[rank]!.value, 3));
    // C3 sees 14 pixels, two more with each position; what is no map sees everything.
    for (const { at, field } of found)
      if (layer === 'C3') expect(field).toEqual({ top: 2 * at![0], left: 2 * at![1], height: 14, width: 14 });
      else if (!at) expect(field).toEqual({ top: 0, left: 0, height: 32, width: 32 });
  }
  model.dispose();
});

test.each([
  ['C3', 'the layer'],
  ['C3:16', 'from 0 to 15 in C3, found 16'],
  ['C9:0', 'found C9'],
  [':0', 'expected LAYER:INDEX'],
  ['C3:-1', 'expected LAYER:INDEX'],
  ['C3:1.5', 'expected LAYER:INDEX'],
])('%s names no unit', async (unit, says) => {
  const { build, recipe } = zoo.lenet5;
  const model = build({ classes: 10, seed: 1 });
  const work = strongestImages({ model, recipe, fitted: {} }, data, { unit });
  await expect(work).rejects.toThrow(
    says === 'the layer' ? 'expected LAYER:INDEX, such as C3/tanh:0, found C3' : says,
  );
  model.dispose();
});

test('a position looks at the middle of its receptive field', () => {
  for (const [name, layers] of [
    ['lenet5', ['C1', 'S2', 'C3', 'S4']],
    ['vgg-a', ['conv1_1', 'conv3_2', 'pool3']],
    ['alexnet', ['conv1', 'conv2', 'conv3']],
    ['googlenet', ['conv1', 'conv2', 'inception_3a/output']],
  ] as const) {
    const model = shapesOf(name, zoo[name]);
    const graph = layerGraph(mainPathOf(model));
    const input = graph[0]!.name;
    for (const layer of layers) {
      const node = graph.find((each) => each.name === layer)!;
      const { rows, columns } = centresOf(node);
      const [height, width] = node.layer.outputShape.slice(1) as [number, number];
      // In the middle, where no padding cuts the field off.
      for (const [row, column] of [
        [height >> 1, width >> 1],
        [(height >> 1) - 1, (width >> 1) - 1],
      ] as const) {
        const { window } = receptiveFieldOf(node, [row, column, 0]).get(input)!;
        expect(`${layer} ${rows.first + rows.step * row}`).toBe(
          `${layer} ${window.top + (window.height - 1) / 2}`,
        );
        expect(columns.first + columns.step * column).toBe(window.left + (window.width - 1) / 2);
      }
    }
    model.dispose();
  }
});
