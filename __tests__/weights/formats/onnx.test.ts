/** What the reader of ONNX makes of every kind of number, and of damaged and hostile files. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bytes, integer, joined } from '../../../src/core/io/protobuf';
import { deriveSeed, seededRandom } from '../../../src/core/random';
import { readForeign } from '../../../src/weights/formats/read-weights';
import { refusal, temporaryFolder } from '../../support/fixtures';
import { external, node, onnxModel, output, set, tensor, zeros } from '../../support/weights/onnx-file';
import { refusedOrWhole } from '../../support/weights/refused-or-whole';
import { fixtures } from '../../support/places';

const folder = join(fixtures, 'weights', 'onnx');
const root = temporaryFolder();

it('reads every kind of number, as raw bytes and in fields of its kind', async () => {
  const { tensors } = await readForeign(join(folder, 'numbers.onnx'));
  const found = new Map(tensors.map((tensor) => [tensor.name, tensor]));
  const row = Array.from({ length: 24 }, (_, at) => at);
  const kinds: Readonly<Record<string, (at: number) => number>> = {
    float: (at) => Math.fround(at / 3),
    double: (at) => Math.fround(at / 3),
    half: (at) => at / 16,
    bfloat: (at) => at * 4,
  };
  // Layers of several kinds of names are named by their nodes.
  for (const [kind, value] of Object.entries(kinds))
    for (const way of ['listed', 'raw']) {
      const tensor = found.get(`${kind}-${way}.weight-sums/kernel`)!;
      expect(tensor.shape).toEqual([4, 6]);
      expect([...(await tensor.values())]).toEqual(row.map(value));
    }
  const quantised = await found.get('int8-float-sums/kernel')!.values();
  const [scales, zeros] = [
    [0.5, 1, 2, 4],
    [0, 1, 2, 3],
  ];
  expect([...quantised]).toEqual(
    row.map((at) => (at - zeros[Math.floor(at / 6)]!) * scales[Math.floor(at / 6)]!),
  );
});

function outcome(content: Uint8Array): Promise<number | string> {
  const path = join(root, 'net.onnx');
  writeFileSync(path, content);
  return refusedOrWhole(() => readForeign(path));
}

describe.each(['alexnet-caffe2.onnx', 'vgg-d-keras.onnx', 'numbers.onnx'])('%s with damage', (name) => {
  const whole = readFileSync(join(folder, name));

  it('reads, or is refused in one line, wherever it is cut off', async () => {
    const random = seededRandom(deriveSeed(1, name));
    for (let round = 0; round < 60; round++) await outcome(whole.subarray(0, random.integer(whole.length)));
    expect(await outcome(whole)).toBeGreaterThan(0);
  });

  it('reads, or is refused in one line, whichever bytes are changed', async () => {
    const random = seededRandom(deriveSeed(2, name));
    for (let round = 0; round < 200; round++) {
      const content = new Uint8Array(whole);
      for (let change = 0; change <= round % 5; change++)
        content[random.integer(content.length)] = random.integer(256);
      await outcome(content);
    }
  });
});

describe('a file made by hand', () => {
  it('is refused if a shape claims more numbers than there are', async () => {
    const claims = onnxModel(
      tensor('a.weight', [2 ** 20, 2 ** 20], zeros(4)),
      node('Gemm', ['x', 'a.weight'], 'y'),
      output('y'),
    );
    expect(await outcome(claims)).toMatch(
      /expected 4398046511104 bytes in "a\.weight", as its shape says, found 16$/,
    );
    const more = onnxModel(
      tensor('a.weight', [2 ** 40, 2 ** 40], zeros(4)),
      node('Gemm', ['x', 'a.weight'], 'y'),
      output('y'),
    );
    expect(await outcome(more)).toMatch(/expected sizes within 2\^53 of "a\.weight"/);
    const negative = onnxModel(
      tensor('a.weight', [-2, -2], zeros(4)),
      node('Gemm', ['x', 'a.weight'], 'y'),
      output('y'),
    );
    expect(await outcome(negative)).toMatch(/expected a shape of at most 32 axes of "a\.weight"/);
  });

  it('is refused if it has nothing with weights', async () => {
    expect(await outcome(onnxModel(node('Relu', ['x'], 'y'), output('y')))).toMatch(
      /expected layers with weights, found none$/,
    );
    expect(await outcome(joined([integer(1, 8), bytes(2, 'hand')]))).toMatch(/expected a graph, found none$/);
  });

  it('may go round in circles', async () => {
    const graph = [
      tensor('a.weight', [2, 2], zeros(4)),
      node('Gemm', ['b', 'a.weight'], 'a'),
      node('Relu', ['a'], 'b'),
      node('Identity', ['c'], 'd'),
      node('Identity', ['d'], 'c'),
      node('Gemm', ['a', 'c'], 'y'),
      output('y'),
      output('b'),
    ];
    expect(await outcome(onnxModel(...graph))).toBe(6); // the kernel, and two biases that a layer without has
  });

  it('may have constants of constants, but not without end', async () => {
    const chain = (length: number) =>
      onnxModel(
        tensor('a0', [2, 2], zeros(4)),
        ...Array.from({ length }, (_, at) => node('Identity', [`a${at}`], `a${at + 1}`)),
        node('Gemm', ['x', `a${length}`], 'y'),
        output('y'),
      );
    expect(await outcome(chain(10))).toBe(6);
    expect(await outcome(chain(5000))).toMatch(/expected layers with weights, found none$/);
  });

  it('may have numbers in another type only where they stay what they are', async () => {
    const through = (...types: readonly number[]) =>
      onnxModel(
        tensor('c0', [2, 2], zeros(4)),
        ...types.map((type, at) => node('Cast', [`c${at}`], `c${at + 1}`, set.int('to', type))),
        node('Gemm', ['x', `c${types.length}`], 'y'),
        output('y'),
      );
    expect(await outcome(through(11, 1))).toBe(6);
    // int64, int8, float16, and one that ONNX does not have
    for (const type of [7, 3, 10, 99])
      expect(await outcome(through(type, 1))).toMatch(/expected layers with weights, found none$/);
  });

  it('has no bias of 0 in place of one that is not understood', async () => {
    const biased = (op: string) =>
      onnxModel(
        tensor('a.weight', [2, 2], zeros(4)),
        tensor('b', [2], zeros(2)),
        node(op, ['b'], 'a.bias'),
        node('Gemm', ['x', 'a.weight', 'a.bias'], 'y'),
        output('y'),
      );
    expect(await outcome(biased('Identity'))).toBe(6);
    expect(await outcome(biased('Neg'))).toMatch(/expected layers with weights, found none$/);
  });

  it('may have scales of several kernels, one a row, and none that are quantised themselves', async () => {
    const quantised = (scale: string, ...axis: readonly Uint8Array[]) =>
      onnxModel(
        tensor('a', [2, 2], zeros(4)),
        tensor('one', [1], zeros(1)),
        tensor('two', [2], zeros(2)),
        tensor('none', [0]),
        node('DequantizeLinear', ['two', 'one'], 'made'),
        node('DequantizeLinear', ['a', scale], 'b', ...axis),
        node('Gemm', ['x', 'b'], 'y'),
        output('y'),
      );
    for (const scale of ['one', 'two']) expect(await outcome(quantised(scale))).toBe(6);
    expect(await outcome(quantised('made'))).toMatch(/expected layers with weights, found none$/);
    expect(await outcome(quantised('none'))).toMatch(/expected 2 scales of the quantised "a", found 0$/);
    expect(await outcome(quantised('two', set.int('axis', 7)))).toMatch(
      /expected 1 scales of the quantised "a", found 2$/,
    );
    expect(await outcome(quantised('two', set.int('block_size', 2)))).toMatch(
      /layers with weights, found none$/,
    );
  });

  it('has no layer whose kernel is empty, however large its sides', async () => {
    const empty = onnxModel(tensor('a', [2 ** 50, 0]), node('MatMul', ['x', 'a'], 'y'), output('y'));
    expect(await outcome(empty)).toMatch(/expected layers with weights, found none$/);
  });

  it('may name numbers in another file only beside it', async () => {
    const outside = (...entries: readonly Uint8Array[]) =>
      onnxModel(
        tensor('a.weight', [2, 2], ...entries, integer(14, 1)),
        node('Gemm', ['x', 'a.weight'], 'y'),
        output('y'),
      );
    for (const location of ['../a', '/etc/passwd', 'a/../../b', 'C:\\a', 'file://a', ''])
      expect(await outcome(outside(external('location', location)))).toMatch(
        /expected the numbers of "a\.weight" in a file of the same folder, found "/,
      );
    writeFileSync(join(root, 'some.data'), new Uint8Array(20));
    const at = (offset: string, length = '16') =>
      outcome(
        outside(external('location', 'some.data'), external('offset', offset), external('length', length)),
      );
    expect(await at('4')).toBe(6);
    expect(await at('8')).toMatch(/expected 16 bytes from byte 8 of some\.data on, found a file of 20$/);
    expect(await at('4', '17')).toMatch(/expected 16 bytes in "a\.weight", as its shape says, found 17$/);
    expect(await at('-4')).toMatch(/expected a whole number as the offset of "a\.weight", found "-4"$/);
    expect(await outcome(outside(external('location', '.')))).toMatch(
      /found (?:a link that leads out|something else)/,
    );
  });
});

it('a file of another kind is refused by its own name', async () => {
  expect(await refusal(readForeign(join(fixtures, 'weights', 'others', 'frozen.pb')))).toMatch(
    /found a graph of TensorFlow/,
  );
});
