import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { features, loadPretrained, writeFeatures } from '../../../index';
import { readSafetensors } from '../../../src/weights/formats/safetensors/read-safetensors';
import { readZip } from '../../../src/weights/formats/zip';
import { command, refusal, temporaryFolder } from '../../support/fixtures';
import { naiveLenet5 } from '../../support/naive-lenet5';

const folder = temporaryFolder();
const photos = join(folder, 'photos');
const model = 'lenet5';

/** Light strokes on black, 28×28. */
const drawn = new Map<string, Uint8Array>();
/** In the order of their rows: classes by name, files by name. A comma and quotes need care in CSV. */
const images = [
  ['flat, "low"', 'a.png'],
  ['flat, "low"', 'b.png'],
  ['tall', '1.png'],
  ['tall', 'ä😀.png'],
] as const;
const files = images.map(([label, file]) => join(photos, label, file));
const labels = images.map(([label]) => label);

let expected: readonly ReturnType<typeof naiveLenet5>[];

beforeAll(async () => {
  for (const [at, [label, file]] of images.entries()) {
    const pixels = new Uint8Array(28 * 28);
    for (let along = 4; along < 24; along++)
      for (let across = 10; across < 14 + at; across++)
        pixels[label === 'tall' ? along * 28 + across : across * 28 + along] = 120 + 40 * at;
    mkdirSync(join(photos, label), { recursive: true });
    const path = join(photos, label, file);
    await sharp(pixels, { raw: { width: 28, height: 28, channels: 1 } })
      .png()
      .toFile(path);
    drawn.set(path, pixels);
  }
  const trained = await loadPretrained(model);
  const weights = new Map(
    trained.model.weights.map((weight) => [weight.originalName, weight.read().dataSync<'float32'>()]),
  );
  trained.dispose();
  // §II.B: 28×28 pixels in the middle of 32×32, background −0.1, ink 1.175.
  expected = files.map((file) => {
    const padded = new Array<number>(32 * 32).fill(-0.1);
    drawn.get(file)!.forEach((value, place) => {
      const [row, column] = [(place - (place % 28)) / 28, place % 28];
      padded[(row + 2) * 32 + column + 2] = -0.1 + (1.275 * value) / 255;
    });
    return naiveLenet5(padded, weights);
  });
});

function expectNear(found: ArrayLike<number>, wanted: readonly number[]): void {
  expect(found.length).toBe(wanted.length);
  let farthest = 0;
  wanted.forEach((value, at) => (farthest = Math.max(farthest, Math.abs(found[at]! - value))));
  expect(farthest).toBeLessThan(2e-4);
}

/** A `.npy` file, by the description of the format. */
function parsedNpy(bytes: Uint8Array): { readonly head: string; readonly data: Buffer } {
  const whole = Buffer.from(bytes);
  expect(whole.subarray(0, 8).toString('latin1')).toBe('\x93NUMPY\x01\x00');
  const start = 10 + whole.readUInt16LE(8);
  expect(start % 64).toBe(0);
  return { head: whole.subarray(10, start).toString('latin1').trim(), data: whole.subarray(start) };
}

const floatsOf = (data: Buffer) =>
  Float32Array.from({ length: data.length / 4 }, (_, at) => data.readFloatLE(4 * at));

const textsOf = (data: Buffer, width: number) =>
  Array.from({ length: data.length / (4 * width) }, (_, row) => {
    let text = '';
    for (let at = 0; at < width; at++) {
      const letter = data.readUInt32LE(4 * (row * width + at));
      if (letter > 0) text += String.fromCodePoint(letter);
    }
    return text;
  });

it('writes what the last layer before the classifier gives, as the paper’s equations in plain loops', async () => {
  const out = join(folder, 'f6.npy');
  const written = await writeFeatures(photos, { model, out });
  expect(written).toMatchObject({ layer: 'F6/tanh', shape: [84], rows: 4, width: 84, leftOut: 0 });
  const { head, data } = parsedNpy(readFileSync(out));
  expect(head).toBe("{'descr': '<f4', 'fortran_order': False, 'shape': (4, 84), }");
  expectNear(
    floatsOf(data),
    expected.flatMap(({ f6 }) => f6),
  );
  const quoted = (text: string) => (text.includes('"') ? `"${text.replaceAll('"', '""')}"` : text);
  expect(readFileSync(`${out}.csv`, 'utf8').trimEnd().split('\n')).toEqual([
    'file,label',
    ...files.map((file, row) => `${quoted(file)},${quoted(labels[row]!)}`),
  ]);
});

it('flattens maps in the order height, width, maps, and says so in the metadata', async () => {
  const out = join(folder, 's2.safetensors');
  await writeFeatures(photos, { model, layer: 'S2/tanh', out });
  const { tensors, metadata } = await readSafetensors(out);
  const found = new Map(tensors.map((tensor) => [tensor.name, tensor]));
  expect(found.get('features')!.shape).toEqual([4, 14 * 14 * 6]);
  const flat = expected.flatMap(({ s2 }) =>
    s2[0]!.flatMap((row, y) => row.flatMap((_, x) => s2.map((map) => map[y]![x]!))),
  );
  expectNear(found.get('features')!.data, flat);
  expect([...found.get('labels')!.data]).toEqual([0, 0, 1, 1]);
  expect(metadata).toMatchObject({
    layer: 'S2/tanh',
    order: 'height, width, maps',
    shape: '[14,14,6]',
    files: JSON.stringify(files),
    classes: JSON.stringify([...new Set(labels)]),
  });
});

it('averages each map, and gives NumPy’s archive names and labels', async () => {
  const out = join(folder, 's4.npz');
  await writeFeatures(photos, { model, layer: 'S4/tanh', pool: 'average', out });
  const entries = readZip(readFileSync(out), out);
  const array = (name: string) => parsedNpy(entries.get(`${name}.npy`)!.bytes());
  expectNear(
    floatsOf(array('features').data),
    expected.flatMap(({ s4 }) => s4.map((map) => map.flat().reduce((sum, value) => sum + value, 0) / 25)),
  );
  const width = (name: string) => Number(/<U(\d+)/.exec(array(name).head)![1]);
  expect(textsOf(array('files').data, width('files'))).toEqual(files);
  const classes = textsOf(array('classes').data, width('classes'));
  const numbers = array('labels').data;
  expect(labels.map((_, row) => classes[numbers.readInt32LE(4 * row)])).toEqual(labels);
});

it('gives the same numbers as CSV, and image by image in code', async () => {
  const out = join(folder, 'f6.csv');
  await writeFeatures(files, { model, out });
  const rows: number[] = [];
  for await (const batch of features(photos, { model })) {
    expect(batch).toMatchObject({ width: 84, files, labels });
    rows.push(...batch.features);
  }
  const [head, ...lines] = readFileSync(out, 'utf8').trimEnd().split('\n');
  expect(head).toBe(`file,${Array.from({ length: 84 }, (_, at) => `f${at}`).join(',')}`); // files alone have no label
  const decimals = lines.flatMap((line) => line.split(',').slice(-84).map(Number));
  expect(decimals.map(Math.fround)).toEqual(rows);
});

it('takes a data set by name and a part of it, in as many batches as it needs', async () => {
  const found: { files: string[]; labels: string[]; values: number } = { files: [], labels: [], values: 0 };
  let batches = 0;
  for await (const batch of features('digits', { model, part: 'test' })) {
    batches++;
    found.files.push(...batch.files);
    found.labels.push(...batch.labels!);
    found.values += batch.features.length;
  }
  expect({ batches, values: found.values }).toEqual({ batches: 20, values: 2000 * 84 });
  expect(found.files[1999]).toBe('digits test (synthetic) 1999');
  expect(new Set(found.labels).size).toBe(10);
});

describe('with an image that cannot be read', () => {
  const damaged = join(folder, 'damaged');

  beforeAll(() => {
    for (const [at, [label, file]] of images.entries()) {
      mkdirSync(join(damaged, label), { recursive: true });
      writeFileSync(join(damaged, label, file), at === 1 ? 'no image' : readFileSync(files[at]!));
    }
  });

  it('refuses it by its name, and leaves the earlier file and nothing else', async () => {
    const place = join(folder, 'kept');
    mkdirSync(place);
    for (const ending of ['npy', 'npz', 'csv', 'safetensors']) {
      const out = join(place, `f.${ending}`);
      writeFileSync(out, 'earlier');
      expect(await refusal(writeFeatures(damaged, { model, out }))).toMatch(
        /b\.png: expected a JPEG.*onBadImage/,
      );
      expect(readFileSync(out, 'utf8')).toBe('earlier');
    }
    expect(readdirSync(place).sort()).toEqual(['f.csv', 'f.npy', 'f.npz', 'f.safetensors']);
  });

  it('leaves it out where asked to, in every format', async () => {
    const kept = expected.filter((_, row) => row !== 1).flatMap(({ f6 }) => f6);
    const names = files.filter((_, row) => row !== 1).map((file) => file.replace(photos, damaged));
    const options = { model, onBadImage: 'skip' as const };
    const out = (ending: string) => join(folder, `skipped.${ending}`);
    for (const ending of ['npy', 'npz', 'csv', 'safetensors'])
      expect(await writeFeatures(damaged, { ...options, out: out(ending) })).toMatchObject({
        rows: 3,
        leftOut: 1,
      });
    const npy = parsedNpy(readFileSync(out('npy')));
    expect(npy.head).toContain('(3, 84)');
    expectNear(floatsOf(npy.data), kept);
    const entries = readZip(readFileSync(out('npz')), 'npz');
    expectNear(floatsOf(parsedNpy(entries.get('features.npy')!.bytes()).data), kept);
    expect(parsedNpy(entries.get('labels.npy')!.bytes()).head).toContain('(3,)');
    const { tensors, metadata } = await readSafetensors(out('safetensors'));
    expectNear(tensors.find(({ name }) => name === 'features')!.data, kept);
    expect(JSON.parse(metadata['files']!)).toEqual(names);
    expect(readFileSync(out('csv'), 'utf8').trimEnd().split('\n')).toHaveLength(4);
    expect(readFileSync(`${out('npy')}.csv`, 'utf8')).not.toContain('b.png');
  });
});

it.each([
  [{ layer: 'F7' }, /layer: expected one of the 14 layers of lenet5, such as F6, .*found F7$/],
  [{ pool: 'average' as const }, /pool: expected a layer of feature maps, found F6\/tanh of 84 units/],
  [{ part: 'test' as const }, /part: expected one that .*photos has \(train\), found test/],
  [{ out: 'features.txt' }, /features\.txt: expected a file name that ends in .*\.npz, \.csv/],
  [{ out: folder }, /found a folder|ends in/],
  [{ out: join(folder, 'nowhere', 'f.npy') }, /cannot write .*f\.npy: its folder does not exist/],
  [{ crops: 'ten' }, /expected of model, layer, .*found crops/],
  [{ pool: 'max' }, /pool: expected average, found "max"/],
])('refuses %j in one line', async (options, message) => {
  const out = join(folder, 'refused.npy');
  const asked = { model, out, ...options } as Parameters<typeof writeFeatures>[1];
  expect(await refusal(writeFeatures(photos, asked))).toMatch(message);
  expect(existsSync(out)).toBe(false);
});

test('the command says which layer, what a row is, and where the names are', async () => {
  const out = join(folder, 'by-command.npy');
  const { code, stdout } = await command([
    'features',
    photos,
    '--model',
    model,
    '--layer',
    'S4',
    '--out',
    out,
  ]);
  expect({ code, stdout }).toEqual({
    code: 0,
    stdout: [
      `${out}: 4 rows of 400 features`,
      '  lenet5, layer S4: 5×5×16, flattened in the order height, width, maps',
      '  labels of 2 classes',
      `  ${out}.csv: the file and the label of each row\n`,
    ].join('\n'),
  });
});
