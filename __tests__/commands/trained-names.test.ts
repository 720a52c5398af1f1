/** Commands take trained weights by name: in a clone in which nothing was set up, downloaded or trained. */
import { existsSync, mkdirSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { datasetInMemory } from '../../src/data/dataset';
import { drawDigits } from '../../src/data/formats/digits/digits';
import { checkout, runCommand } from '../support/checkout';
import { temporaryFolder, writeIdxFolder } from '../support/fixtures';
import { drawKind } from '../support/images/drawn-kinds';
import { projectRoot } from '../support/places';

const temporary = temporaryFolder();
const clone = join(temporary, 'clone');
const settings = {
  LINEAGE_CACHE: join(temporary, 'cache'),
  LINEAGE_DATA: join(temporary, 'data'),
  // No server is reached.
  ...{ HTTP_PROXY: 'http://127.0.0.1:9', HTTPS_PROXY: 'http://127.0.0.1:9', NO_PROXY: '' },
  ...{ http_proxy: 'http://127.0.0.1:9', https_proxy: 'http://127.0.0.1:9', no_proxy: '' },
};
const { labels, pixels } = drawDigits({ seed: 21, train: 10, test: 10 }).test;

beforeAll(async () => {
  checkout(clone, { packages: false });
  for (const at of [0, 1]) {
    const light = await pixels(Int32Array.of(at));
    const image = at === 0 ? light : light.map((value) => 255 - value);
    const made = sharp(image, { raw: { width: 28, height: 28, channels: 1 } });
    await made.png().toFile(join(clone, `${at}.png`));
  }
  mkdirSync(settings.LINEAGE_DATA);
});

/** Runs a command that has to end well, and reads its one JSON object. */
async function result<T>(...words: string[]): Promise<{ readonly found: T; readonly stderr: string }> {
  const { code, stdout, stderr } = await runCommand(clone, [...words, '--json'], settings);
  expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
  return { found: JSON.parse(stdout) as T, stderr };
}

/** Runs a command that has to refuse what it is asked, in one line. */
async function refusal(...words: string[]): Promise<string> {
  const { code, stdout, stderr } = await runCommand(clone, words, settings);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  return stderr
    .trim()
    .split('\n')
    .filter((line) => line.startsWith('cnn-lineage: '))
    .join('\n');
}

interface Named {
  readonly inverted?: true;
  readonly predictions: readonly { readonly label: string }[];
}

it.each(['lenet5', 'lenet5-distorted', 'lenet1'])(
  'classify names digits by %s, and says which it inverted',
  async (name) => {
    const { found, stderr } = await result<readonly Named[]>('classify', '0.png', '1.png', '--model', name);
    expect(found.map(({ predictions }) => predictions[0]!.label)).toEqual([
      String(labels[0]),
      String(labels[1]),
    ]);
    expect(found.map(({ inverted }) => inverted)).toEqual([undefined, true]);
    expect(stderr.split('\n').filter((line) => line.includes('dark on light'))).toEqual([
      `1.png: it is dark on light, and shown inverted: ${name === 'lenet1' ? name : 'lenet5'} learned light on dark`,
    ]);
  },
);

it('evaluate leaves the report in a folder of the user’s', async () => {
  const { found, stderr } = await result<{ readonly error: number; readonly run: string }>(
    ...['evaluate', 'lenet1', '--data', 'digits'],
  );
  expect(found).toMatchObject({ run: 'trained/lenet1', images: 2000, epochs: 60 });
  expect(stderr).not.toContain('dark on light'); // images in memory are taken as they are
  expect(existsSync(join(clone, 'runs', 'evaluate-lenet1', 'report-digits.json'))).toBe(true);
  expect(readdirSync(join(clone, 'trained', 'lenet1'))).toHaveLength(3);
});

it('evaluate says where images are of another size than those that were learned from', async () => {
  const small = await Promise.all([0, 1].map((at) => pixels(Int32Array.of(at))));
  const shrunk = small.map((image) => image.filter((_, at) => at % 2 === 0 && Math.floor(at / 28) % 2 === 0));
  const set = datasetInMemory({
    ...{ name: 'small', synthetic: true, classes: ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'] },
    ...{
      labels: labels.slice(0, 2),
      shape: [14, 14, 1],
      pixels: Uint8Array.from(shrunk.flatMap((image) => [...image])),
    },
  });
  mkdirSync(join(clone, 'small'));
  await writeIdxFolder(join(clone, 'small'), { train: set, test: set });
  const { stderr } = await result('evaluate', 'lenet5', '--data', 'small');
  expect(stderr).toContain(
    'small test: its images are 14x14, but trained/lenet5 was trained on images of 28x28: the error is that of images of another size than in training\n',
  );
});

it('compare sets the report of each beside its paper', async () => {
  interface Rows {
    readonly rows: readonly {
      readonly network: string;
      readonly error: number;
      readonly remarks: string[];
    }[];
  }
  const { rows } = (await result<Rows>('compare', 'lenet5', 'lecun1989')).found;
  const errorOf = (name: string) =>
    (JSON.parse(readFileSync(join(projectRoot, 'trained', name, 'report.json'), 'utf8')) as { error: number })
      .error;
  const errors = Object.fromEntries(rows.map(({ network, error }) => [network, error]));
  expect(errors).toEqual({ lenet5: errorOf('lenet5'), lecun1989: errorOf('lecun1989') });
  expect(rows.map(({ remarks }) => remarks.join()).join()).not.toMatch(/undefined|imported|fine-tuned/);
});

it('export, import and finetune take them', async () => {
  await result('export', 'lenet1', '--format', 'safetensors', '--out', 'lenet1.safetensors');
  const words = ['--network', 'lenet1', '--out', 'models/again'];
  await result('import', 'lenet1.safetensors', ...words);
  const record = JSON.parse(readFileSync(join(clone, 'models', 'again', 'network.json'), 'utf8')) as object;
  expect(record).toMatchObject({
    input: { background: 'black' },
    source: { kind: 'imported', from: { kind: 'trained', data: 'mnist', seed: 1 } },
  });
  const named = await result<readonly Named[]>('classify', '1.png', '--model', 'models/again');
  expect(named.found[0]).toMatchObject({ inverted: true });

  for (const kind of ['bright', 'dark'] as const) await drawKind(join(clone, 'photos', kind), kind, 20);
  const tuning = ['--weights', 'lenet1', '--data', 'photos', '--epochs', '1', '--out', 'runs/tuned'];
  await result('finetune', 'lenet1', ...tuning);
  const tuned = JSON.parse(readFileSync(join(clone, 'runs', 'tuned', 'network.json'), 'utf8')) as {
    readonly input: object;
  };
  expect(tuned).toMatchObject({ source: { kind: 'fineTuned', from: { kind: 'trained', data: 'mnist' } } });
  expect(tuned.input).not.toHaveProperty('background'); // it learned from photos, as they are
});

it('train starts from them', async () => {
  const words = ['--data', 'digits', '--validation', '7936', '--epochs', '1', '--out', 'runs/more'];
  const { found } = await result<{ readonly error: number }>(
    'train',
    'lenet5',
    '--start-from',
    'lenet5',
    ...words,
  );
  expect(found.error).toBeLessThan(0.5); // of drawn digits, of which 64 teach little to a network that knows none
  const run = JSON.parse(readFileSync(join(clone, 'runs', 'more', 'run.json'), 'utf8')) as object;
  expect(run).toMatchObject({
    start: { layers: 'all', checkpoint: '../../trained/lenet5/weights.safetensors' },
  });
});

it('train says that weights saw their images otherwise', async () => {
  const few = ['--data', 'digits', '--validation', '7990', '--epochs', '1', '--out', 'runs/otherwise'];
  const { stderr } = await result('train', 'lenet1', '--start-from', 'lenet1', ...few);
  const steps = '[{"kind":"range","black":-0.1,"white":1.175}]'; // §II.B of 1998, as in the experiment
  expect(stderr).toContain('trained/lenet1: it learned from images that were prepared otherwise');
  expect(stderr).toContain(steps);
});

it('a folder of that name is meant by its path, and it is said', async () => {
  mkdirSync(join(clone, 'lecun1989'));
  const { stderr } = await result('export', 'lecun1989', '--format', 'keras', '--out', 'old.h5');
  expect(stderr).toContain(
    'lecun1989: the weights that come with the package; the folder of that name here is meant by ./lecun1989\n',
  );
  expect(await refusal('classify', '0.png', '--model', './lecun1989')).toMatch(
    /^cnn-lineage: \.\/lecun1989: expected a run’s folder or a model’s, found/,
  );
});

it('an unknown name is refused in one line with those that are known', async () => {
  const known = /\(lecun1989, .*googlenet.*found no such thing; did you mean lenet5/;
  for (const words of [
    ['classify', '0.png', '--model', 'lenet55'],
    ['evaluate', 'lenet55', '--data', 'digits'],
    ['export', 'lenet55', '--format', 'tfjs', '--out', 'page'],
    ['finetune', 'lenet5', '--weights', 'lenet55', '--data', 'digits'],
    ['train', 'lenet5', '--data', 'digits', '--start-from', 'lenet55'],
  ]) {
    const line = await refusal(...words);
    expect(line).toMatch(/^cnn-lineage: lenet55: expected /);
    expect(line).toMatch(known);
    expect(line.split('\n')).toHaveLength(1);
  }
});

it('well-known weights that cannot be downloaded end in one line', async () => {
  const { code, stderr } = await runCommand(clone, ['classify', '0.png', '--model', 'googlenet'], settings);
  expect(code).toBe(2);
  const lines = stderr.trim().split('\n');
  expect(lines.at(-2)).toBe(
    `googlenet: bvlc_googlenet.caffemodel is not in ${settings.LINEAGE_DATA}; downloading it from http://dl.caffe.berkeleyvision.org/bvlc_googlenet.caffemodel (licence: unrestricted use)`,
  );
  expect(lines.at(-1)).toMatch(
    /^cnn-lineage: bvlc_googlenet\.caffemodel: no server gave it \(.*\); try again later, or put the file into .*weights$/,
  );
});
