import { family as lecun1989 } from '../../models/lecun1989';
import { family as lenet } from '../../models/lenet';
import type { Network } from '../../src/core/network';
import { describeModel } from '../../src/describe/describe-model';
import { useBackend } from '../../src/runtime/backend';
import { tf } from '../../src/core/tf';
import { randomTensor, savedAndLoaded } from '../support/fixtures';

const family = { ...lecun1989, ...lenet } as const;

beforeAll(async () => void (await useBackend()));

/** Output maps and units, parameters, connections and multiply-adds, summed by hand from the layers' definitions. */
type Counts = readonly [
  shape: number[],
  parameters: number,
  connections: number | null,
  multiplyAdds: number,
];

// prettier-ignore
const counted: Record<string, Record<string, Counts>> = {
  lecun1989: {
    H1:     [[8, 8, 12],   1_068,   19_968,  19_200],
    H2:     [[4, 4, 12],   2_592,   38_592,  38_400],
    H3:     [[30],         5_790,   5_790,   5_760],
    output: [[10],         310,     310,     300],
  },
  lenet1: {
    H1:     [[24, 24, 4],  104,     59_904,  57_600],
    H2:     [[12, 12, 4],  8,       2_880,   576],
    H3:     [[8, 8, 12],   512,     32_768,  32_000],
    H4:     [[4, 4, 12],   24,      960,     192],
    output: [[10],         1_930,   1_930,   1_920],
  },
  'lenet5-modern': {
    C1:     [[28, 28, 6],  156,     122_304, 117_600],
    S2:     [[14, 14, 6],  0,       null,    0],
    C3:     [[10, 10, 16], 2_416,   241_600, 240_000],
    S4:     [[5, 5, 16],   0,       null,    0],
    C5:     [[1, 1, 120],  48_120,  48_120,  48_000],
    F6:     [[84],         10_164,  10_164,  10_080],
    output: [[10],         850,     850,     840],
  },
  'lenet-caffe': {
    conv1:  [[24, 24, 20], 520,     299_520, 288_000],
    pool1:  [[12, 12, 20], 0,       null,    0],
    conv2:  [[8, 8, 50],   25_050,  1_603_200, 1_600_000],
    pool2:  [[4, 4, 50],   0,       null,    0],
    ip1:    [[500],        400_500, 400_500, 400_000],
    relu1:  [[500],        0,       null,    0],
    ip2:    [[10],         5_010,   5_010,   5_000],
  },
  'lenet-bouvrie': {
    C1:     [[24, 24, 6],  156,     89_856,  86_400],
    S2:     [[12, 12, 6],  12,      4_320,   864],
    C3:     [[8, 8, 12],   234,     14_976,  14_208],
    S4:     [[4, 4, 12],   24,      960,     192],
    output: [[10],         1_930,   1_930,   1_920],
  },
};

/** As the papers and the authors' own files sum them. */
// prettier-ignore
const totals: Record<string, { parameters: number; multiplyAdds: number; connections?: number }> = {
  lecun1989:       { parameters: 9_760,   multiplyAdds: 63_660,    connections: 64_660 },
  lenet1:          { parameters: 2_578,   multiplyAdds: 92_288,    connections: 98_442 },
  'lenet5-modern': { parameters: 61_706,  multiplyAdds: 416_520 },
  'lenet-caffe':   { parameters: 431_080, multiplyAdds: 2_293_000 },
  'lenet-bouvrie': { parameters: 2_356,   multiplyAdds: 103_584 },
};

describe.each(Object.keys(counted))('%s', (name) => {
  const network: Network = family[name as keyof typeof family];
  const model = () => network.build({ classes: 10, seed: 1 });

  it('has the maps, parameters, connections and multiply-adds of its table, layer by layer', () => {
    const found = describeModel(model());
    const layers = new Map(found.layers.map((layer) => [layer.name, layer]));
    for (const [layer, [shape, parameters, connections, multiplyAdds]] of Object.entries(counted[name]!)) {
      expect(layers.get(layer)).toMatchObject({ outputShape: shape, parameters, multiplyAdds });
      if (connections !== null) expect(layers.get(layer)!.connections).toBe(connections);
    }
    expect(found).toMatchObject(totals[name]!);
  });

  it('counts what its paper’s record says', () => {
    const found = describeModel(model());
    const { parameters, connections } = network.paper;
    expect(found.parameters).toBe(parameters.exact);
    for (const [layer, count] of Object.entries(parameters.layers)) {
      expect(found.layers.find((other) => other.name === layer)!.parameters).toBe(count);
    }
    if (connections) expect(found.connections).toBe(connections.exact);
  });

  it('takes other numbers of classes, and only its head changes', () => {
    const [ten, three] = [model(), network.build({ classes: 3, seed: 1 })];
    expect(three.outputs[0]!.shape).toEqual([null, 3]);
    const changed = ten.layers.filter(
      (layer, index) => layer.countParams() !== three.layers[index]!.countParams(),
    );
    expect(changed.map((layer) => layer.name)).toEqual(network.head);
  });

  it('gives the same scores after saving and loading, and leaves no tensor behind', async () => {
    const before = tf.memory().numTensors;
    const built = model();
    const input = randomTensor([2, ...network.recipe.input.shape], 1);
    const loaded = await savedAndLoaded(built);
    const [ours, theirs] = [built, loaded].map((one) => one.predict(input) as tf.Tensor);
    expect(theirs!.dataSync()).toEqual(ours!.dataSync());
    tf.dispose([input, ours!, theirs!]);
    built.dispose();
    loaded.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });

  it('has a recipe and a record that equal their own JSON', () => {
    expect(JSON.parse(JSON.stringify(network.recipe))).toEqual(network.recipe);
    expect(JSON.parse(JSON.stringify(network.paper))).toEqual(network.paper);
  });
});

it('lenet1 reads the maps that Table 1 of its paper links', () => {
  // Rows are maps of H2, columns maps of H3.
  const table = ['XXX.XX......', '.XXXXX......', '......XXX.XX', '.......XXXXX'];
  const { table: reads } = lenet.lenet1.build({ classes: 10, seed: 1 }).getLayer('H3').getConfig();
  const drawn = [0, 1, 2, 3].map((input) =>
    (reads as number[][]).map((maps) => (maps.includes(input) ? 'X' : '.')).join(''),
  );
  expect(drawn).toEqual(table);
});

it('lecun1989 reads eight maps of H1 for each map of H2, and each map of H1 equally often', () => {
  const { table } = lecun1989.lecun1989.build({ classes: 10, seed: 1 }).getLayer('H2').getConfig();
  const reads = table as number[][];
  expect(reads.map((maps) => new Set(maps).size)).toEqual(Array(12).fill(8));
  const uses = Array.from({ length: 12 }, (_, map) => reads.filter((maps) => maps.includes(map)).length);
  expect(uses).toEqual(Array(12).fill(8));
});

it('lecun1989 computes what its definition gives, written as plain loops', async () => {
  const model = lecun1989.lecun1989.build({ classes: 10, seed: 4 });
  const input = randomTensor([1, 16, 16, 1], 8);
  const scores = await (model.predict(input) as tf.Tensor).data();
  const weights = new Map(
    model.weights.map((weight) => [weight.originalName, weight.read().dataSync<'float32'>()]),
  );
  const expected = naiveLecun1989(await input.data<'float32'>(), weights);
  expect(expected).toHaveLength(10);
  expected.forEach((score, unit) => expect(scores[unit]!).toBeCloseTo(score, 5));
});

it('refuses images that are too small, and says which are not', () => {
  const build = (name: keyof typeof lenet, side: number) =>
    lenet[name].build({ classes: 10, seed: 1, input: [side, side, 1] });
  expect(() => build('lenet1', 15)).toThrow('expected an input of at least 16×16, found 15×15');
  expect(() => build('lenet-caffe', 12)).toThrow('expected an input of at least 13×13, found 12×12');
  expect(() => build('lenet5-modern', 28)).toThrow(/expected an input of 32×32.*found 28×28/);
  expect(build('lenet1', 16).outputs[0]!.shape).toEqual([null, 10]);
  expect(build('lenet-caffe', 13).outputs[0]!.shape).toEqual([null, 10]);
});

it('takes images of other sizes and channels where the layers fit', () => {
  const shapes = [
    ['lenet1', [20, 31, 3]],
    ['lenet-bouvrie', [40, 17, 1]],
    ['lenet-caffe', [21, 33, 3]],
    ['lecun1989', [7, 22, 3]],
  ] as const;
  for (const [name, input] of shapes) {
    const model = family[name].build({ classes: 4, seed: 1, input });
    const scores = model.predict(randomTensor([2, ...input], 1)) as tf.Tensor;
    expect(scores.shape).toEqual([2, 4]);
    expect([...scores.dataSync()].every(Number.isFinite)).toBe(true);
  }
});

function naiveLecun1989(pixels: Float32Array, weights: Map<string, Float32Array>): number[] {
  const f = (a: number) => 1.7159 * Math.tanh((2 * a) / 3);
  const at = (name: string) => weights.get(name)!;
  /** `maps` are indexed by map, row, column; beyond them lies −1. */
  const convolve = (maps: number[][][], name: string, reads: (output: number) => number[]) => {
    const side = maps[0]!.length / 2;
    const links = at(`${name}/kernel`).length / 25;
    let link = 0;
    return Array.from({ length: 12 }, (_, output) => {
      const first = link;
      link += reads(output).length;
      return Array.from({ length: side }, (__, row) =>
        Array.from({ length: side }, (___, column) => {
          let sum = at(`${name}/bias`)[(row * side + column) * 12 + output]!;
          reads(output).forEach((map, place) => {
            for (let tap = 0; tap < 25; tap++) {
              const value = maps[map]![2 * row - 2 + Math.floor(tap / 5)]?.[2 * column - 2 + (tap % 5)] ?? -1;
              sum += at(`${name}/kernel`)[tap * links + first + place]! * value;
            }
          });
          return f(sum);
        }),
      );
    });
  };
  const full = (below: number[], name: string) =>
    [...at(`${name}/bias`)].map((bias, unit, { length }) =>
      f(
        below.reduce((sum, value, input) => sum + value * at(`${name}/kernel`)[input * length + unit]!, bias),
      ),
    );
  const rows = Array.from({ length: 16 }, (_, row) => [...pixels.slice(16 * row, 16 * row + 16)]);
  const h1 = convolve([rows], 'H1', () => [0]);
  const blocks = [0, 4, 8].map((first) => [0, 1, 2, 3].map((map) => first + map));
  const h2 = convolve(h1, 'H2', (output) => {
    const left = { 0: [0, 1], 1: [1, 2], 2: [0, 2] }[Math.floor(output / 4) as 0 | 1 | 2];
    return left.flatMap((block) => blocks[block]!);
  });
  const flat = [0, 1, 2, 3].flatMap((row) =>
    [0, 1, 2, 3].flatMap((column) => h2.map((map) => map[row]![column]!)),
  );
  return full(full(flat, 'H3'), 'output');
}
