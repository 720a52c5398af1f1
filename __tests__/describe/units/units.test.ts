/** What a unit reads and sums, beside what the layers compute. */
import { zoo } from '../../../models/registry';
import { seededRandom } from '../../../src/core/random';
import { elementCount } from '../../../src/core/shape';
import { tf } from '../../../src/core/tf';
import { layerGraph } from '../../../src/describe/layers/layer-graph';
import { activationsOf } from '../../../src/describe/units/activations';
import { receptiveFieldOf } from '../../../src/describe/units/reads';
import { sumOf, type UnitSum } from '../../../src/describe/units/sums';
import { withoutBatch } from '../../../src/layers/cost';
import { mainPathOf, outputOf } from '../../../src/layers/layer-walk';
import { useBackend } from '../../../src/runtime/backend';

beforeAll(() => useBackend());

/** Networks with every kind of layer, on the smallest images that they take or a little more. */
const built = {
  lenet5: [32, 32, 1],
  lenet1: [28, 28, 1],
  lecun1989: [16, 16, 1],
  'lenet-bouvrie': [28, 28, 1],
  'lenet-caffe': [28, 28, 1],
  alexnet: [67, 67, 3],
  'nin-cifar10': [32, 32, 3],
  googlenet: [96, 96, 3],
  neocognitron: [16, 16, 1],
} as const;

function opened(name: keyof typeof built) {
  const classes = name === 'neocognitron' ? 5 : 10;
  const whole = zoo[name].build({ classes, seed: 3, input: built[name] });
  const model = mainPathOf(whole);
  return { model, graph: layerGraph(model), activations: activationsOf(model), shape: built[name] };
}

function image(shape: readonly number[], seed: number): Float32Array {
  const random = seededRandom(seed);
  return Float32Array.from({ length: elementCount(shape) }, () => random.uniform(-1, 1));
}

it.each(Object.keys(built) as (keyof typeof built)[])(
  '%s: what is spelled out of a unit is its value',
  async (name) => {
    const { model, graph, activations, shape } = opened(name);
    const outputs = await activations.of(image(shape, 1));
    const random = seededRandom(2);
    const kinds = new Set<UnitSum['kind']>();
    for (const node of graph.filter(({ inputs }) => inputs.length > 0)) {
      const output = outputs.get(node.name)!;
      const largest = output.values.reduce((most, value) => Math.max(most, Math.abs(value)), 1e-6);
      const corners = [output.shape.map(() => 0), output.shape.map((side) => side - 1)];
      const some = Array.from({ length: 4 }, () => output.shape.map((side) => random.integer(side)));
      for (const unit of [...corners, ...some]) {
        const found = sumOf(node, unit, outputs);
        kinds.add(found.kind);
        const value = output.values[unit.reduce((at, index, axis) => at * output.shape[axis]! + index, 0)]!;
        const activated =
          found.kind === 'weighted' && found.activation === 'relu' ? Math.max(0, found.sum) : found.sum;
        if (found.kind === 'weighted') expect([null, 'relu', 'softmax']).toContain(found.activation);
        expect(Math.abs(activated - value) / largest).toBeLessThan(2e-5);
      }
    }
    expect(kinds.has('weighted') || name === 'neocognitron').toBe(true);
    model.dispose();
  },
);

it.each(['lenet5', 'lenet1', 'lecun1989', 'lenet-bouvrie', 'neocognitron'] as const)(
  '%s: the receptive field in the image is where the unit has a derivative',
  async (name) => {
    const { model, graph, shape } = opened(name);
    const random = seededRandom(4);
    const [input] = graph.filter(({ inputs }) => inputs.length === 0);
    // The neocognitron’s votes are cast by comparisons, which have no derivatives.
    const sloped = graph.filter(
      ({ inputs, layer }) => inputs.length > 0 && layer.getClassName() !== 'ClassVotes',
    );
    for (const node of sloped) {
      const reading = tf.model({ inputs: model.inputs, outputs: outputOf(node.layer) });
      const outputShape = withoutBatch(node.layer.outputShape);
      const [corner, other] = [outputShape.map(() => 0), outputShape.map((side) => random.integer(side))];
      for (const unit of [corner, other]) {
        const { window } = receptiveFieldOf(node, unit).get(input!.name)!;
        const touched = tf.tidy(() => {
          const one = tf.gather(
            tf.range(0, elementCount(outputShape)),
            tf.tensor1d([unit.reduce((at, index, axis) => at * outputShape[axis]! + index, 0)], 'int32'),
          );
          const mask = tf.oneHot(one.toInt(), elementCount(outputShape)).toFloat();
          const slope = tf.grad((x) => (reading.apply(x) as tf.Tensor).reshape([1, -1]).mul(mask).sum());
          // Positive images, for the neocognitron’s cells are silent on others.
          const shown = tf.tensor(image(shape, 5), [1, ...shape]).abs();
          return slope(shown).abs().max(3).reshape([shape[0], shape[1]]).arraySync() as number[][];
        });
        const rows = touched.flatMap((row, at) => (row.some((value) => value > 0) ? [at] : []));
        const columns = touched[0]!.flatMap((_, at) => (touched.some((row) => row[at]! > 0) ? [at] : []));
        if (rows.length === 0) continue; // a cell that is silent, or one that looks at padding alone
        const found = {
          top: Math.min(...rows),
          left: Math.min(...columns),
          height: Math.max(...rows) - Math.min(...rows) + 1,
          width: Math.max(...columns) - Math.min(...columns) + 1,
        };
        if (name !== 'neocognitron') expect([node.name, found]).toEqual([node.name, window]);
        expect(found.top).toBeGreaterThanOrEqual(window.top);
        expect(found.top + found.height).toBeLessThanOrEqual(window.top + window.height);
      }
    }
    model.dispose();
  },
);

it('GoogLeNet’s fields grow as its windows say, padding and all', () => {
  const { model, graph } = opened('googlenet');
  const fieldOf = (name: string, unit: readonly number[]) => {
    const node = graph.find((each) => each.name === name)!;
    return [...receptiveFieldOf(node, unit).values()].at(-1)!.window;
  };
  // 7×7 with stride 2 and 3 pixels of padding, then pooling 3×3 with stride 2: 7 + 2·2 = 11, every 4 pixels.
  expect(fieldOf('conv1', [10, 10, 0])).toEqual({ top: 17, left: 17, height: 7, width: 7 });
  expect(fieldOf('conv1', [0, 0, 0])).toEqual({ top: 0, left: 0, height: 4, width: 4 });
  expect(fieldOf('pool1', [5, 6, 0])).toEqual({ top: 17, left: 21, height: 11, width: 11 });
  model.dispose();
});

it('C3 of LeNet-5 reads the maps of the paper’s Table I, and S2 a window of its own map', () => {
  const { model, graph } = opened('lenet5');
  const layer = (name: string) => graph.find((node) => node.name === name)!;
  const fields = receptiveFieldOf(layer('C3'), [4, 5, 7]);
  // Table I, column 7: a cross at rows 1, 2, 3 and 4 … of the first six columns of four.
  expect(fields.get('S2')!.maps).toEqual([1, 2, 3, 4]);
  expect(fields.get('S2')!.window).toEqual({ top: 4, left: 5, height: 5, width: 5 });
  expect(fields.get('C1')!.window).toEqual({ top: 8, left: 10, height: 10, width: 10 });
  expect(fields.get('image')!.window).toEqual({ top: 8, left: 10, height: 14, width: 14 });
  model.dispose();
});
