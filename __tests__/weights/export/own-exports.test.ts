/** What this project exported comes back as it was: images, scores, labels, and what is known of where weights are from. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { zoo } from '../../../models/registry';
import { openFolder } from '../../../src/workflows/trained/open-folder';
import { openStart } from '../../../src/workflows/finetune/finetune-start';
import { useBackend } from '../../../src/runtime/backend';
import { kerasFile } from '../../../src/weights/export/keras/keras';
import { safetensorsFile } from '../../../src/weights/export/safetensors';
import { exportTfjs } from '../../../src/weights/export/tfjs';
import { pageScripts } from '../../../src/workflows/weights/page-scripts';
import { importModel, type ImportModelOptions } from '../../../src/workflows/weights/import-model';
import type { TrainedModel } from '../../../src/weights/trained-model';
import { mappingText } from '../../../src/report/mapping-text';
import type { Context } from '../../../src/workflows/context';
import { contextForTests } from '../../support/context';
import { trained } from '../../support/weights/exported-model';
import { command, fillWeights, refusal, temporaryFolder, testOnRealData } from '../../support/fixtures';

const root = temporaryFolder();
const at = (...names: string[]) => join(root, ...names);
const name = 'lenet-caffe';
const network = zoo[name];
const labels = ['zero', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine'];
const synsets = labels.map((_, index) => `n0000000${index}`);
const formats = ['safetensors', 'keras', 'tfjs'] as const;
type Format = (typeof formats)[number];

let context: Context;

beforeAll(async () => {
  await useBackend();
  context = await contextForTests();
});

/** Caffe's LeNet of 30 × 30 pixels from white to black, trained against targets. */
const unlike: TrainedModel['recipe'] = {
  input: { shape: [30, 30, 1], preprocess: [{ kind: 'range', black: 1, white: -1 }] },
  augment: [{ kind: 'randomCrop', size: 30, shortSide: 34 }],
  loss: { kind: 'squaredError', on: 1, off: -1 },
};

/** @returns the file to import */
async function exported(
  format: Format,
  place: string,
  { recipe = unlike, ...given }: Partial<TrainedModel> = {},
): Promise<string> {
  const model = network.build({ classes: 10, input: recipe.input.shape, seed: 1 });
  fillWeights(model);
  const one = trained(name, model, { labels, synsets, recipe, ...given });
  mkdirSync(at(place), { recursive: true });
  try {
    switch (format) {
      case 'safetensors':
        writeFileSync(at(place, 'it.safetensors'), await safetensorsFile(one));
        return at(place, 'it.safetensors');
      case 'keras':
        writeFileSync(at(place, 'it.h5'), (await kerasFile(one, network)).bytes);
        return at(place, 'it.h5');
      case 'tfjs':
        mkdirSync(at(place, 'it'));
        await exportTfjs(at(place, 'it'), one, await pageScripts());
        return at(place, 'it', 'model.json');
      default:
        return format satisfies never;
    }
  } finally {
    model.dispose();
  }
}

async function imported(file: string, out: string, more: Partial<ImportModelOptions> = {}) {
  const { record, report, model } = await importModel(zoo, { file, network: name, out: at(out), ...more });
  return { record, text: mappingText(report), folder: model };
}

describe.each(formats)('an export as %s', (format) => {
  it('comes back with its own images, scores, labels and source', async () => {
    const source = { kind: 'trained', data: 'mnist', epochs: 7 };
    const file = await exported(format, `own-${format}`, { source });
    const { record, folder } = await imported(file, `own-${format}-back`);
    expect(record).toMatchObject({ input: unlike.input, labels, synsets, source: { from: source } });
    const opened = await openFolder(folder, {}, context);
    expect(opened).toMatchObject({ recipe: unlike, labels, synsets });
    opened.model.dispose();
    const start = await openStart(file, name, undefined, context);
    expect(start).toMatchObject({ input: unlike.input, source: { kind: 'imported', from: source } });
    start.model.dispose();
  });

  it('comes back with labels that are given for it, if there is one a class', async () => {
    const file = await exported(format, `named-${format}`);
    writeFileSync(at('ten.txt'), 'a\nb\nc\nd\ne\nf\ng\nh\ni\nj\n');
    writeFileSync(at('two.txt'), 'a\nb\n');
    const { record } = await imported(file, `named-${format}-back`, { labels: at('ten.txt') });
    expect(record).toMatchObject({ labels: [...'abcdefghij'], synsets: null });
    const two = imported(file, `named-${format}-two`, { labels: at('two.txt') });
    expect(await refusal(two)).toMatch(/two\.txt: expected 10 labels, one a line for each class, found 2$/);
  });

  it('has no labels for a head that is drawn', async () => {
    const file = await exported(format, `drawn-${format}`);
    const { record, text } = await imported(file, `drawn-${format}-back`, { partial: true, classes: 3 });
    expect(record).toMatchObject({ classes: 3, labels: null, synsets: null, input: unlike.input });
    expect(text).toContain(
      '\nits labels are those of its own head, which is not taken: classes have none here\n',
    );
  });

  it('tells twice over of weights that were taken from another network, or not compared', async () => {
    const differences = ['expected ReLU after ip1, found gelu (ip1)'];
    const uncompared = 'the file says nothing of what its layers read';
    const first = { kind: 'imported', file: 'gelu.keras', differences };
    const apart = await exported(format, `apart-${format}`, { source: first });
    const { record, text, folder } = await imported(apart, `apart-${format}-back`);
    expect(record.source).toMatchObject({ kind: 'imported', differences, from: first });
    expect(text).toContain(
      `\nits weights were trained in another network than ${name}, and imported despite it, as the file tells:\n  ${differences[0]!}`,
    );
    expect(text).not.toContain('compute what');
    const opened = await openFolder(folder, {}, context);
    const { source } = opened;
    opened.model.dispose();
    const again = await exported(format, `apart-${format}-2`, {
      source: { kind: 'fineTuned', from: { ...source } },
    });
    const twice = await imported(again, `apart-${format}-2-back`);
    expect(twice.record.source).toMatchObject({ differences });
    const blind = await exported(format, `blind-${format}`, { source: { kind: 'imported', uncompared } });
    const back = await imported(blind, `blind-${format}-back`);
    expect(back.record.source).toMatchObject({ uncompared });
    expect(back.text).toContain(
      `\nwhat its layers compute was not compared with ${name} when its weights were first imported: ${uncompared}`,
    );
    expect(back.text).not.toContain('compute what');
  });

  it('has what was taken from a training set where its graph holds it, and says so where it lacks it', async () => {
    const recipe: TrainedModel['recipe'] = {
      ...zoo[name].recipe,
      input: { shape: [28, 28, 1], preprocess: [{ kind: 'subtractMean', per: 'pixel' }] },
      augment: [],
    };
    const mean = Float32Array.from({ length: 28 * 28 }, (_, pixel) => pixel / 4);
    const file = await exported(format, `mean-${format}`, { recipe, fitted: { mean } });
    const { record, text, folder } = await imported(file, `mean-${format}-back`);
    expect(record.input).toEqual(recipe.input);
    const lacks =
      /\nits images were made ready by numbers of its training set .*, which are not in this file/;
    if (format === 'tfjs') {
      expect(text).not.toMatch(lacks);
      const opened = await openFolder(folder, {}, context);
      expect(opened.fitted).toEqual({ mean });
      opened.model.dispose();
      return;
    }
    expect(text).toMatch(lacks);
    const { code, stderr } = await command(['evaluate', folder, '--data', 'digits']);
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: expect.stringContaining('expected a preprocess.safetensors') as unknown,
    });
  }, 60_000);
});

describe('what a file tells', () => {
  const recipe = { input: network.recipe.input, augment: [], loss: network.recipe.loss };
  const crop = { kind: 'randomCrop', size: 20, shortSide: 20 };
  it.each([
    ['labels of other kinds', { labels: [1] }, /labels\.0: /],
    ['too few labels', { labels: ['a'] }, /expected 10 labels, one a class, .* found 1$/],
    ['too many synsets', { labels, synsets: [...labels, 'n'] }, /expected 10 synsets, .* found 11$/],
    ['a source of one word', { source: 'here' }, /source: /],
    ['scores of no kind', { scores: 'guesses' }, /scores: /],
    ['distances of a network without', { scores: 'rbfPenalty' }, /expected scores that are no distances/],
    ['steps of no kind', { input: { shape: [28, 28, 1], preprocess: [{ kind: 'run' }] } }, /preprocess/],
    [
      'numbers beyond any',
      {
        recipe: {
          ...recipe,
          input: { shape: [28, 28, 1], preprocess: [{ kind: 'range', black: 1e99, white: 1 }] },
        },
      },
      /recipe\.input\.preprocess\.0\.black: /,
    ],
    [
      'images of a terabyte',
      { recipe: { ...recipe, input: { shape: [16384, 16384, 16384], preprocess: [] } } },
      /expected images about the 28x28x1 of the network, found 16384x16384x16384$/,
    ],
    [
      'images too small for it',
      { recipe: { ...recipe, input: { shape: [3, 3, 1], preprocess: [] } } },
      /other/,
    ],
    [
      'values for three colours',
      {
        recipe: {
          ...recipe,
          input: { shape: [28, 28, 1], preprocess: [{ kind: 'subtract', mean: [1, 2, 3] }] },
        },
      },
      /expected 1 values? to subtract/,
    ],
    [
      'crops of another size',
      { recipe: { ...recipe, augment: [crop] } },
      /crops that become images of 28x28/,
    ],
  ])('is refused in a line that names the file: %s', async (_, facts, reason) => {
    const file = await exported('safetensors', 'hostile', { recipe });
    const bytes = readFileSync(file);
    const length = Number(bytes.readBigUInt64LE());
    const header = JSON.parse(bytes.subarray(8, 8 + length).toString()) as {
      __metadata__: Record<string, string>;
    };
    const { recipe: _recipe, ...others } = header.__metadata__;
    const texts = Object.entries(facts).map(([one, value]) => [one, JSON.stringify(value)] as const);
    header.__metadata__ = { ...others, ...Object.fromEntries(texts) };
    const json = Buffer.from(JSON.stringify(header));
    const start = Buffer.alloc(8);
    start.writeBigUInt64LE(BigInt(json.length));
    writeFileSync(file, Buffer.concat([start, json, bytes.subarray(8 + length)]));
    const line = await refusal(imported(file, 'hostile-back'));
    expect(line).toMatch(reason);
    expect(line.startsWith(file)).toBe(true);
  });
});

testOnRealData('a run on inverted digits errs after the way through each format as itself', async () => {
  const run = at('inverted');
  const preprocess = 'input.preprocess=[{"kind":"range","black":1,"white":-1}]';
  const done = async (...words: string[]) => {
    const { code, stdout, stderr } = await command(words);
    expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
    return stdout;
  };
  await done(
    ...[
      'train',
      name,
      '--data',
      'mnist',
      '--epochs',
      '1',
      '--batch',
      '256',
      '--out',
      run,
      '--set',
      preprocess,
    ],
  );
  const errorOf = async (folder: string) =>
    (JSON.parse(await done('evaluate', folder, '--data', 'mnist', '--json')) as { mistakes: number })
      .mistakes;
  const own = await errorOf(run);
  expect(own).toBeLessThan(1000); // of 10,000
  for (const [format, file, given] of [
    ['safetensors', 'inverted.safetensors', 'inverted.safetensors'],
    ['keras', 'inverted.h5', 'inverted.h5'],
    ['tfjs', 'inverted-page', join('inverted-page', 'model.json')],
  ] as const) {
    await done('export', run, '--format', format, '--out', at(file));
    await done('import', at(given), '--network', name, '--classes', '10', '--out', at(`back-${format}`));
    expect(await errorOf(at(`back-${format}`))).toBe(own);
  }
});
