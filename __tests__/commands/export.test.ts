import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { zoo } from '../../models/registry';
import { exportModel } from '../../src/workflows/weights/export-model';
import { inputOf, seededNetwork } from '../../scripts/peers/weights/seeded-networks';
import { useBackend } from '../../src/runtime/backend';
import { tf } from '../../src/core/tf';
import { imageWords } from '../../src/weights/export/image-words';
import type { Recipe } from '../../src/core/network';
import { writeModelFolder, type ModelRecord } from '../../src/weights/model-folder';
import { scoreKind, scoreWords } from '../../src/core/score-kind';
import { command, fillWeights, temporaryFolder } from '../support/fixtures';

const root = temporaryFolder();
const model = join(root, 'model');
const names = Array.from({ length: 10 }, (_, digit) => `digit ${digit}`);

function factsOf(
  network: string,
  input: Recipe['input'],
  labels: readonly string[] | null = null,
): Omit<ModelRecord, 'sha256'> {
  return {
    network,
    classes: 10,
    labels: labels && [...labels],
    synsets: null,
    input: structuredClone(input) as ModelRecord['input'],
    missing: [],
    seed: 1,
    source: {
      kind: 'imported',
      file: 'lenet.caffemodel',
      bytes: 1,
      sha256: '0'.repeat(64),
      format: 'caffemodel',
      convention: 'caffe',
      published: null,
    },
    command: 'made by a test',
    commit: null,
    made: new Date(0).toISOString(),
  };
}

beforeAll(async () => {
  await useBackend();
  const { build, recipe } = zoo['lenet-caffe'];
  const built = build({ classes: 10, seed: 1 });
  fillWeights(built);
  await writeModelFolder(model, built, factsOf('lenet-caffe', recipe.input, names));
  built.dispose();
});

it('export writes a model folder for a browser, and says in JSON what it wrote', async () => {
  const out = join(root, 'page');
  const labels = join(root, 'labels.txt');
  writeFileSync(labels, names.map((name) => `${name}, as the file says\n`).join(''));
  const words = ['export', model, '--format', 'tfjs', '--out', out, '--labels', labels, '--json'];
  const { code, stdout, stderr } = await command(words);
  expect({ code, stderr }).toMatchObject({ code: 0 });
  const result = JSON.parse(stdout) as { bytes: number };
  expect(result).toMatchObject({
    format: 'tfjs',
    out,
    network: 'lenet-caffe',
    source: { file: 'lenet.caffemodel' },
    scores: 'logits, larger is surer; their softmax is the probabilities',
    images: expect.stringContaining('[batch, 28, 28, 1] in grey') as unknown,
  });
  expect(readdirSync(out).sort()).toEqual([
    'classify.html',
    'classify.js',
    'group1-shard1of1.bin',
    'model.json',
    'page.js',
    'tf.min.js',
  ]);
  expect(result.bytes).toBe(
    readdirSync(out).reduce((sum, file) => sum + readFileSync(join(out, file)).length, 0),
  );
  const { userDefinedMetadata } = JSON.parse(readFileSync(join(out, 'model.json'), 'utf8')) as {
    userDefinedMetadata: { labels: string[] };
  };
  expect(userDefinedMetadata.labels[3]).toBe('digit 3, as the file says');
  expect(readdirSync(root).filter((name) => name.startsWith('.'))).toEqual([]);
});

it('export writes a file for Keras under a name that Keras takes for it', async () => {
  const out = join(root, 'lenet.h5');
  const { code, stdout } = await command(['export', model, '--format', 'keras', '--out', out]);
  expect(code).toBe(0);
  expect(stdout).toMatch(
    /^written: .*lenet\.h5 \(1\.7 MB\)\nopen it: keras\.models\.load_model\('.*lenet\.h5'\), in Keras 2 or 3\nscores: /,
  );
  expect(readFileSync(out).subarray(0, 4).toString('latin1')).toBe('\x89HDF');
});

it.each([
  ['keras', 'told.h5', '(in the file: its attribute cnn_lineage)'],
  ['safetensors', 'told.safetensors', '(in the file: its metadata)'],
  ['tfjs', 'told', '(in model.json: userDefinedMetadata)'],
])(
  'export to %s ends with what the scores are and how images are made ready',
  async (format, name, place) => {
    const words = ['export', model, '--format', format, '--out', join(root, name)];
    const { code, stdout } = await command(words);
    expect(code).toBe(0);
    expect(stdout.trimEnd().split('\n').slice(-2)).toEqual([
      'scores: logits, larger is surer; their softmax is the probabilities',
      `images: [batch, 28, 28, 1] in grey; pixels 0 to 255, brought to 0 to 0.99609375 ${place}`,
    ]);
  },
);

it.each([
  [
    'lenet5',
    false,
    'distances, smaller is nearer',
    '[batch, 32, 32, 1] in grey; pixels 0 to 255, surrounded by 0 up to 32×32, brought to -0.1 to 1.175',
  ],
  [
    'vgg-d',
    true,
    'logits, larger is surer; their softmax is the probabilities',
    '[batch, 224, 224, 3] in blue, green, red; the middle 224×224 of a photo whose shorter side is 256; pixels 0 to 255, less 103.939 116.779 123.68',
  ],
  [
    'lenet1',
    false,
    'activations, larger is surer; they are no probabilities',
    '[batch, 28, 28, 1] in grey; pixels 0 to 255, surrounded by 0 up to 28×28, brought to -1 to 1',
  ],
] as const)('%s: scores and images in words', (name, blueFirst, scores, images) => {
  const { recipe } = zoo[name];
  const image = tf.input({ shape: [...recipe.input.shape] });
  const built = tf.model({ inputs: image, outputs: image });
  expect(scoreWords[scoreKind(recipe.loss)]).toBe(scores);
  expect(imageWords({ model: built, recipe }, { blueFirst })).toBe(images);
});

it('of several outputs the one with the scores is named, and which Keras a file takes', async () => {
  const shape = inputOf('googlenet', true);
  const trained = seededNetwork('googlenet', shape);
  const folder = join(root, 'googlenet');
  await writeModelFolder(folder, trained.model, factsOf('googlenet', { ...trained.recipe.input, shape }));
  trained.model.dispose();
  const out = join(root, 'googlenet.h5');
  const { opening, scores } = await exportModel(zoo, folder, { format: 'keras', out });
  expect(opening).toMatch(/^keras\.models\.load_model\('.*googlenet\.h5'\), in Keras 3$/);
  expect(scores).toBe('the first of 3 outputs: logits, larger is surer; their softmax is the probabilities');
});

it.each([
  [
    'a name that Keras takes for another layout',
    'keras',
    'net.weights.h5',
    model,
    /expected a name that ends in \.h5, and not/,
  ],
  [
    'a file that its name says nothing of',
    'safetensors',
    'x',
    model,
    /expected a file that ends in \.safetensors/,
  ],
  ['a folder that is called a file', 'tfjs', 'x.h5', model, /expected a folder for TensorFlow\.js/],
  [
    'a folder of nothing trained',
    'safetensors',
    'x.safetensors',
    root,
    /expected a run’s folder or a model’s, found neither/,
  ],
])('export ends with one line and code 2 for %s', async (_, format, name, folder, reason) => {
  const out = join(root, name);
  const { code, stdout, stderr } = await command(['export', folder, '--format', format, '--out', out]);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr.trim().split('\n').at(-1)).toMatch(reason);
  expect(existsSync(out)).toBe(false);
});
