import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { zoo } from '../../models/registry';
import { UserError } from '../../src/core/errors';
import { bytes, integer, varint } from '../../src/core/io/protobuf';
import { seededRandom } from '../../src/core/random';
import { useBackend } from '../../src/runtime/backend';
import { tf } from '../../src/core/tf';
import { importModel } from '../../src/workflows/weights/import-model';
import { loadModelFolder, openModelFolder } from '../../src/weights/model-folder';
import { command, rewriteKept, temporaryFolder } from '../support/fixtures';

const folder = temporaryFolder();
const network = zoo['lenet-caffe'];
const file = join(folder, 'lenet.caffemodel');
const labels = join(folder, 'labels.txt');
const words = 'zero one two three four five six seven eight nine'.split(' ');

/** Blobs of Caffe's LeNet, drawn at random: a convolution's are [outputs, inputs, rows, columns]. */
const random = seededRandom(1);
const blobs = Object.entries({
  conv1: [[20, 1, 5, 5], [20]],
  conv2: [[50, 20, 5, 5], [50]],
  ip1: [[500, 800], [500]],
  ip2: [[10, 500], [10]],
}).map(([name, shapes]) => ({
  name,
  blobs: shapes.map((shape) => ({
    shape,
    values: Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => random.uniform(-0.1, 0.1)),
  })),
}));

beforeAll(async () => {
  const layers = blobs.map(({ name, blobs: own }) =>
    bytes(
      100,
      Buffer.concat([
        bytes(1, name),
        ...own.map(({ shape, values }) =>
          bytes(
            7,
            Buffer.concat([
              bytes(7, Buffer.concat(shape.map((size) => integer(1, size)))),
              bytes(5, new Uint8Array(values.buffer)),
            ]),
          ),
        ),
      ]),
    ),
  );
  writeFileSync(file, Buffer.concat([bytes(1, 'LeNet'), integer(4, 1), bytes(3, varint(7)), ...layers]));
  writeFileSync(labels, `${words.join('\n')}\n`);
  await useBackend();
});

const sha256 = (path: string) => createHash('sha256').update(readFileSync(path)).digest('hex');

async function importTo(name: string, ...more: string[]) {
  return command(['import', file, '--network', 'lenet-caffe', '--out', join(folder, name), ...more]);
}

describe('import makes a model folder', () => {
  const out = () => join(folder, 'model');
  let printed: string;
  beforeAll(async () => {
    const { code, stdout, stderr } = await importTo('model', '--labels', labels);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    printed = stdout;
  });

  it('that holds two files, and prints a line for each tensor', () => {
    expect(readdirSync(out()).sort()).toEqual(['network.json', 'weights.safetensors']);
    expect(printed).toMatch(/^conv2\/kernel +\[5, 5, 20, 50\] +conv2\/0 +\[50, 20, 5, 5\] +loaded$/m);
    expect(printed).toMatch(/8 loaded, 0 missing, 0 of another shape, 0 skipped/);
  });

  it('whose record says what it is, where it is from, and what images go through', async () => {
    const record = await openModelFolder(out());
    expect(record).toMatchObject({
      network: 'lenet-caffe',
      classes: 10,
      labels: words,
      synsets: null,
      input: { shape: [28, 28, 1], preprocess: [{ kind: 'range', black: 0, white: 255 / 256 }] },
      missing: [],
      sha256: sha256(join(out(), 'weights.safetensors')),
      source: {
        kind: 'imported',
        file: 'lenet.caffemodel',
        bytes: readFileSync(file).length,
        sha256: sha256(file),
        format: 'caffemodel',
        convention: 'caffe',
        published: null,
      },
    });
    expect(record.command).toMatch(/^cnn-lineage import /);
  });

  it('of which the weights load in our order', async () => {
    const model = await loadModelFolder(out(), await openModelFolder(out()), network);
    const kernel = model.getLayer('conv2').getWeights()[0]! as tf.Tensor4D;
    const full = model.getLayer('ip1').getWeights()[0]! as tf.Tensor2D;
    const [conv2, ip1] = [blobs[1]!.blobs[0]!.values, blobs[2]!.blobs[0]!.values];
    // The kernel's [row, column, input, output] is the blob's [output, input, row, column].
    const [row, column, input, output] = [3, 1, 17, 42];
    expect((await kernel.array())[row]![column]![input]![output]).toBe(
      conv2[((output * 20 + input) * 5 + row) * 5 + column],
    );
    // pool2 is 4×4×50 here and 50×4×4 there.
    const [y, x, map, unit] = [2, 3, 31, 444];
    expect((await full.array())[(y * 4 + x) * 50 + map]![unit]).toBe(ip1[unit * 800 + (map * 4 + y) * 4 + x]);
    model.dispose();
  });

  it('that any reader of safetensors reads, with the source in its metadata', () => {
    const raw = readFileSync(join(out(), 'weights.safetensors'));
    const header = JSON.parse(raw.subarray(8, 8 + Number(raw.readBigUInt64LE())).toString()) as {
      __metadata__: { network: string; source: string };
    };
    expect(header.__metadata__.network).toBe('lenet-caffe');
    expect(JSON.parse(header.__metadata__.source)).toMatchObject({ sha256: sha256(file) });
  });

  it('once: a second import to the same place is refused', async () => {
    const { code, stderr } = await importTo('model');
    expect(code).toBe(2);
    expect(stderr).toBe(`cnn-lineage: ${out()}: expected a new folder, found a model in it\n`);
  });
});

it('import prints one JSON object with --json, and reads ImageNet’s words with their ids', async () => {
  const synsets = join(folder, 'synset_words.txt');
  writeFileSync(synsets, words.map((word, index) => `n0000000${index} ${word}, ${word}s`).join('\n'));
  const { code, stdout } = await importTo('json', '--labels', synsets, '--json');
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({
    model: join(folder, 'json'),
    labels: words.map((word) => `${word}, ${word}s`),
    synsets: words.map((_, index) => `n0000000${index}`),
    report: { network: 'lenet-caffe', convention: 'caffe' },
  });
});

it('import of a file that is to be downloaded and is not listed ends with code 2 and leaves nothing', async () => {
  const { code, stdout, stderr } = await importTo('unlisted', '--download');
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toMatch(
    /^cnn-lineage: --download: expected a file, of which none is listed .*, found .*\n$/,
  );
  expect(readdirSync(folder)).not.toContain('unlisted');
});

it.each([
  ['for other classes', 'two lines\nalone', /expected 10 labels, one a line for each class, found 2$/],
  ['that are not there', undefined, /expected a file of labels at /],
])('labels %s are told in one line, and leave nothing', async (title, text, reason) => {
  const path = join(folder, `${title}.txt`);
  if (text !== undefined) writeFileSync(path, text);
  const out = join(folder, `model ${title}`);
  const before = tf.memory().numTensors;
  const options = { file, network: 'lenet-caffe', out, labels: path };
  await expect(importModel(zoo, options)).rejects.toThrow(UserError);
  await expect(importModel(zoo, options)).rejects.toThrow(reason);
  expect(readdirSync(folder)).not.toContain(`model ${title}`);
  expect(tf.memory().numTensors).toBe(before);
});

it('import --list names the well-known files', async () => {
  const { stdout } = await command(['import', '--list', '--network', 'googlenet', '--json']);
  expect(JSON.parse(stdout)).toMatchObject([
    {
      network: 'googlenet',
      toolkit: 'caffe',
      file: 'bvlc_googlenet.caffemodel',
      unchecked: ['address', 'checksum'],
    },
  ]);
});

describe('a model folder that is damaged is refused in one line', () => {
  const copy = (name: string): string => {
    const target = join(folder, name);
    mkdirSync(target);
    execFileSync('cp', ['-r', `${join(folder, 'model')}/.`, target]);
    return target;
  };
  const changed = (target: string, change: (record: Record<string, unknown>) => void) => {
    const path = join(target, 'network.json');
    rewriteKept(path, (text) => {
      const record = JSON.parse(text) as Record<string, unknown>;
      change(record);
      return JSON.stringify(record);
    });
    return openModelFolder(target);
  };

  it('without a record, or with one that is none', async () => {
    await expect(openModelFolder(folder)).rejects.toThrow(
      /expected a model’s folder, found no network\.json in it/,
    );
    await expect(changed(copy('no-classes'), (record) => delete record['classes'])).rejects.toThrow(
      /\(classes: /,
    );
    await expect(changed(copy('more'), (record) => (record['surprise'] = 1))).rejects.toThrow(UserError);
    await expect(changed(copy('labels'), (record) => (record['labels'] = ['one']))).rejects.toThrow(
      /expected 10 labels, one a class, found 1$/,
    );
  });

  it('with weights that are not the record’s', async () => {
    const target = copy('weights');
    const path = join(target, 'weights.safetensors');
    const raw = readFileSync(path);
    raw[raw.length - 1]! ^= 1;
    writeFileSync(path, raw);
    const before = tf.memory().numTensors;
    const attempt = loadModelFolder(target, await openModelFolder(target), network);
    await expect(attempt).rejects.toThrow(/expected the SHA-256 [0-9a-f]{64}, found [0-9a-f]{64}/);
    expect(tf.memory().numTensors).toBe(before);
  });

  it('with another network’s name', async () => {
    const target = copy('network');
    const attempt = loadModelFolder(target, await openModelFolder(target), zoo['lenet5-modern']);
    await expect(attempt).rejects.toThrow(UserError);
  });
});
