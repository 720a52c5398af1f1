/** Weights that a file lacks are drawn at random: what becomes of the knowledge of it. */
import { createHash } from 'node:crypto';
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { zoo } from '../../models/registry';
import { withoutDrawing } from '../../src/layers/initialise/initialise';
import { seededRandom } from '../../src/core/random';
import { useBackend } from '../../src/runtime/backend';
import { tf } from '../../src/core/tf';
import { kerasFile } from '../../src/weights/export/keras/keras';
import { safetensorsFile } from '../../src/weights/export/safetensors';
import { exportTfjs } from '../../src/weights/export/tfjs';
import { importWeights } from '../../src/weights/import/import-weights';
import { loadModelFolder, openModelFolder, writeModelFolder } from '../../src/weights/model-folder';
import { startFrom, takeStart } from '../../src/train/run/start-from';
import { readHdf5 } from '../../src/weights/formats/keras/hdf5';
import { countingWeights, weightsText } from '../../src/weights/not-loaded';
import { drawKind } from '../support/images/drawn-kinds';
import { trained } from '../support/weights/exported-model';
import { command, fillWeights, keptJson, refusal, rewriteKept, temporaryFolder } from '../support/fixtures';
import { narrow } from '../support/weights/narrow-networks';

const folder = temporaryFolder();
const at = (...names: string[]) => join(folder, ...names);

/** Caffe's LeNet, examples/mnist/lenet.prototxt: 520 + 25,050 + 400,500 + 5,010 = 431,080 numbers. */
const lenet = {
  conv1: { kernel: [5, 5, 1, 20], bias: [20] },
  conv2: { kernel: [5, 5, 20, 50], bias: [50] },
  ip1: { kernel: [800, 500], bias: [500] },
  ip2: { kernel: [500, 10], bias: [10] },
} as const;

interface Header {
  readonly names: readonly string[];
  /** Of all tensors together. */
  readonly numbers: number;
  readonly metadata: Readonly<Record<string, string>>;
}

/** Reads what a safetensors file says of itself, by the format's own description alone. */
function headerOf(file: string): Header {
  const bytes = readFileSync(file);
  const length = Number(bytes.readBigUInt64LE());
  const { __metadata__: metadata = {}, ...tensors } = JSON.parse(
    bytes.subarray(8, 8 + length).toString(),
  ) as Record<string, { shape: number[] }> & { __metadata__?: Record<string, string> };
  const sizes = Object.values(tensors).map(({ shape }) => shape.reduce((product, side) => product * side, 1));
  const numbers = sizes.reduce((sum, size) => sum + size, 0);
  expect(bytes.length).toBe(8 + length + 4 * numbers);
  return { names: Object.keys(tensors).sort(), numbers, metadata };
}

/** Writes tensors of random numbers as safetensors, in the format's own words. */
function writeWeights(
  file: string,
  shapes: readonly (readonly [name: string, shape: readonly number[]])[],
  metadata: Readonly<Record<string, string>> = {},
): void {
  const random = seededRandom(5);
  let end = 0;
  const header: Record<string, unknown> = { __metadata__: metadata };
  const data = shapes.map(([name, shape]) => {
    const size = shape.reduce((product, side) => product * side, 1);
    const bound = 1 / Math.sqrt(size / shape.at(-1)!);
    const values = Float32Array.from({ length: size }, () => random.uniform(-bound, bound));
    header[name] = { dtype: 'F32', shape, data_offsets: [end, (end += 4 * size)] };
    return Buffer.from(values.buffer);
  });
  const json = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.length));
  writeFileSync(file, Buffer.concat([length, json, ...data]));
}

/** The LeNet's tensors but for some layers. */
function lenetWithout(...layers: readonly string[]) {
  return Object.entries(lenet).flatMap(([layer, shapes]) =>
    layers.includes(layer)
      ? []
      : Object.entries(shapes).map(([weight, shape]) => [`${layer}/${weight}`, shape] as const),
  );
}

async function done(...words: string[]) {
  const { code, stdout, stderr } = await command(words);
  expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
  return { stdout, stderr };
}

const imported = (file: string, out: string, ...more: string[]) =>
  done('import', file, '--network', 'lenet-caffe', '--out', out, ...more);

interface NetworkJson {
  readonly missing: readonly string[];
  readonly sha256: string;
}

const networkJson = (model: string) => keptJson<NetworkJson>(join(model, 'network.json'));

/** The same weights, without ip1; and an image. */
const model = at('without-ip1');
const image = at('photos', 'bright', '00.png');
const unloaded = ['ip1/kernel', 'ip1/bias'];

let printed: string;
beforeAll(async () => {
  await useBackend();
  mkdirSync(at('photos'));
  await drawKind(at('photos', 'bright'), 'bright', 16);
  await drawKind(at('photos', 'striped'), 'striped', 16);
  writeWeights(at('whole.safetensors'), lenetWithout());
  writeWeights(at('without-ip1.safetensors'), lenetWithout('ip1'));
  ({ stdout: printed } = await imported(at('without-ip1.safetensors'), model, '--partial'));
}, 60_000);

describe('import', () => {
  it('says at its end how many weights it drew, of which layers, and that they count', () => {
    expect(printed.trimEnd().split('\n').at(-1)).toBe(
      'not loaded, but drawn at random: 2 weights of ip1; and its answers depend on them',
    );
  });

  it('names them in the model folder, whose file of weights lacks them', () => {
    expect(networkJson(model).missing).toEqual(unloaded);
    const { names, numbers, metadata } = headerOf(join(model, 'weights.safetensors'));
    expect(names).toEqual([
      'conv1/bias',
      'conv1/kernel',
      'conv2/bias',
      'conv2/kernel',
      'ip2/bias',
      'ip2/kernel',
    ]);
    expect(numbers).toBe(431_080 - 400_500);
    expect(JSON.parse(metadata['notLoaded']!)).toEqual(unloaded);
  });

  it('names a head that it drew for other classes', async () => {
    const { stdout } = await imported(at('whole.safetensors'), at('three'), '--partial', '--classes', '3');
    expect(networkJson(at('three')).missing).toEqual(['ip2/kernel', 'ip2/bias']);
    expect(headerOf(at('three', 'weights.safetensors')).numbers).toBe(431_080 - 5_010);
    expect(stdout).toMatch(/2 weights of ip2; and its answers depend on them\n$/);
  });

  it('says nothing of a whole file', async () => {
    const { stdout } = await imported(at('whole.safetensors'), at('whole'));
    expect(stdout).toMatch(/\nwritten: .*whole\n$/);
    const { numbers, metadata } = headerOf(at('whole', 'weights.safetensors'));
    expect(numbers).toBe(431_080);
    expect(metadata).not.toHaveProperty('notLoaded');
  });

  it('reads the weights of a model folder as what they are: without those that were drawn', async () => {
    const { stdout } = await imported(join(model, 'weights.safetensors'), at('of-weights'));
    expect(stdout).toContain('6 loaded, 2 missing');
    expect(networkJson(at('of-weights')).missing).toEqual(unloaded);
  });

  it('refuses a file that names no weights where it should, in one line', async () => {
    const told = { network: 'lenet-caffe', source: '{}' };
    for (const [text, found] of [
      ['{"ip1":1}', 'expected names of weights under notLoaded, found something else'],
      ['[1]', 'expected names of weights under notLoaded, found something else'],
      ['[', 'expected JSON'],
    ] as const) {
      writeWeights(at('damaged.safetensors'), lenetWithout(), { ...told, notLoaded: text });
      expect(await refusal(importWeights(at('damaged.safetensors'), zoo['lenet-caffe']))).toContain(found);
    }
  });
});

describe('classify and evaluate', () => {
  const line = (of: string) =>
    `${of}: 2 weights of ip1 were neither loaded nor trained, but drawn at random, and its answers depend on them`;

  it('classify says in one line that an answer depends on them, and --json has them', async () => {
    const { stdout, stderr } = await done('classify', image, '--model', model, '--json');
    expect(stderr.split('\n').filter((text) => text.includes('drawn'))).toEqual([line(model)]);
    expect(JSON.parse(stdout)).toMatchObject([{ file: image, notLoaded: unloaded }]);
  });

  it('classify says nothing of a model that has all its weights', async () => {
    await imported(at('whole.safetensors'), at('silent'));
    const { stdout, stderr } = await done('classify', image, '--model', at('silent'), '--json');
    expect(stderr).not.toContain('drawn');
    expect(stdout).not.toContain('notLoaded');
  });

  it('evaluate tells it of one model and of several, in the report, and compare in a remark', async () => {
    const one = await done('evaluate', model, '--data', 'digits', '--json');
    expect(one.stderr).toContain(line(model));
    expect(JSON.parse(one.stdout)).toMatchObject({ notLoaded: unloaded });
    await imported(at('whole.safetensors'), at('other'));
    const both = await done('evaluate', at('other'), model, '--data', 'digits', '--json');
    expect(both.stderr).toContain(line(model));
    expect(JSON.parse(both.stdout)).toMatchObject({ notLoaded: unloaded });
    const compared = await done('compare', model, '--json');
    expect(compared.stdout).toContain('2 weights of ip1 drawn at random, not loaded');
  }, 60_000);

  it('compare finds it where a report of before does not tell', async () => {
    const old = at('old-report');
    cpSync(model, old, { recursive: true });
    const path = join(
      old,
      readdirSync(old).find((name) => /^report-.*\.json$/.test(name))!,
    );
    const { notLoaded: _, ...told } = keptJson<Record<string, unknown>>(path);
    writeFileSync(path, JSON.stringify(told));
    const { stdout } = await done('compare', old, '--json');
    expect(stdout).toContain('2 weights of ip1 drawn at random, not loaded');
  });
});

describe('export', () => {
  it('leaves them out of safetensors and names them there; imported again they are missing again', async () => {
    const file = at('again.safetensors');
    const { stdout } = await done('export', model, '--format', 'safetensors', '--out', file);
    expect(stdout).toContain('left out: 2 weights of ip1, neither loaded nor trained, but drawn at random\n');
    const { names, numbers, metadata } = headerOf(file);
    expect(names).toHaveLength(6);
    expect(numbers).toBe(431_080 - 400_500);
    expect(JSON.parse(metadata['notLoaded']!)).toEqual(unloaded);
    const { stdout: told } = await imported(file, at('from-safetensors'));
    expect(told).toMatch(/ip1\/kernel .* never loaded, as the file tells/);
    expect(told).toContain('6 loaded, 2 missing, 0 of another shape, 0 skipped');
    expect(networkJson(at('from-safetensors')).missing).toEqual(unloaded);
  }, 30_000);

  it.each([
    ['keras', 'again.h5', 'again.h5'],
    ['tfjs', 'again-tfjs', 'again-tfjs/model.json'],
  ])(
    'marks them in %s, whose graph needs them; imported again they are missing again',
    async (...given) => {
      const [format, out, file] = given;
      const { stdout } = await done('export', model, '--format', format, '--out', at(out), '--json');
      expect(JSON.parse(stdout)).toMatchObject({ notLoaded: unloaded });
      const told = format === 'keras' ? await kerasFacts(at(file)) : tfjsFacts(at(file));
      expect(told).toMatchObject({ notLoaded: unloaded });
      const { stdout: again } = await imported(at(file), at(`from-${format}`));
      expect(again).toContain('6 loaded, 2 missing, 0 of another shape, ');
      expect(networkJson(at(`from-${format}`)).missing).toEqual(unloaded);
      expect(headerOf(at(`from-${format}`, 'weights.safetensors')).numbers).toBe(431_080 - 400_500);
    },
    30_000,
  );

  it('says on the terminal what it marks', async () => {
    const { stdout } = await done('export', model, '--format', 'keras', '--out', at('said.h5'));
    expect(stdout).toContain(
      'marked in it: 2 weights of ip1, neither loaded nor trained, but drawn at random; its answers depend on them\n',
    );
  });
});

async function kerasFacts(file: string): Promise<unknown> {
  const { attributes } = await readHdf5(file, { attributes: ['cnn_lineage'] });
  return JSON.parse(attributes.get('/')!['cnn_lineage']![0]!);
}

function tfjsFacts(file: string): unknown {
  return (JSON.parse(readFileSync(file, 'utf8')) as { userDefinedMetadata: unknown }).userDefinedMetadata;
}

describe('finetune', () => {
  const finetune = (out: string, ...more: string[]) =>
    [
      ...['finetune', 'lenet-caffe', '--weights', model, '--data', at('photos'), '--out', out],
      ...['--epochs', '1', ...more],
    ] as const;

  it('lets layers that were drawn learn with the head, after which they are trained', async () => {
    const { stderr } = await done(...finetune(at('tuned')));
    expect(stderr).toContain(
      `${model}: not all weights of ip1 were loaded or trained: such layers start afresh and learn, as the head does`,
    );
    const record = JSON.parse(readFileSync(at('tuned', 'run.json'), 'utf8')) as {
      finetune: { frozen: string[] };
    };
    expect(record.finetune.frozen).toEqual(['conv1', 'conv2']);
    expect(networkJson(at('tuned')).missing).toEqual([]);
    const { stderr: silent } = await done('classify', image, '--model', at('tuned'));
    expect(silent).not.toContain('drawn');
    const file = at('tuned.safetensors');
    const { stdout } = await done('export', at('tuned'), '--format', 'safetensors', '--out', file);
    expect(stdout).not.toContain('drawn');
    const { numbers, metadata } = headerOf(file);
    expect(numbers).toBe(520 + 25_050 + 400_500 + 501 * 2); // of two classes
    expect(metadata).not.toHaveProperty('notLoaded');
  }, 60_000);

  it('refuses to freeze one that was drawn', async () => {
    const { code, stderr } = await command(finetune(at('frozen'), '--freeze', 'ip1'));
    expect(code).toBe(2);
    expect(stderr.trimEnd().split('\n').at(-1)).toBe(
      'cnn-lineage: --freeze: expected layers that were loaded or trained, found ip1, which is as it was drawn; without --freeze such layers learn',
    );
  });

  it('does not go on with a run that froze one, as earlier versions did', async () => {
    const run = at('froze');
    cpSync(at('tuned'), run, { recursive: true });
    rmSync(join(run, 'network.json'));
    rewriteKept(join(run, 'run.json'), (text) => text.replace('"conv2"', '"conv2", "ip1"'));
    const { code, stderr } = await command(['finetune', '--resume', run]);
    expect(code).toBe(2);
    expect(stderr.trimEnd().split('\n').at(-1)).toBe(
      `cnn-lineage: ${run}: expected frozen layers that were loaded or trained, found ip1, which is as it was drawn; begin a new run, in which it learns`,
    );
  });

  it('goes on as ever from a head that was drawn, which starts afresh anyway', async () => {
    const [name, , , , ...others] = finetune(at('from-three'));
    const { stderr } = await done(name, 'lenet-caffe', '--weights', at('three'), ...others);
    expect(stderr).not.toContain('afresh');
  }, 60_000);
});

describe('auxiliary heads that a file lacks', () => {
  const network = narrow['googlenet-torchvision'];
  const options = { classes: 4, seed: 1, input: [64, 64, 3] } as const;
  /** Szegedy et al. 2015, §5: a convolution and two full layers each, on two of the modules. */
  const heads = ['loss1', 'loss2'];
  const isHead = (name: string) => heads.some((head) => name.startsWith(`${head}/`));

  function drawn() {
    const built = network.build(options);
    fillWeights(built);
    const names = built.weights.map(({ originalName }) => originalName);
    return trained('googlenet-torchvision', built, { notLoaded: names.filter(isHead) });
  }

  /** A head beside the scores, in layers that Keras has. */
  function withHead() {
    const image = tf.input({ shape: [4, 4, 1], name: 'image' });
    const flat = tf.layers.flatten({ name: 'flat' }).apply(image) as tf.SymbolicTensor;
    const outputs = ['loss3/classifier', 'loss1/classifier'].map(
      (name) => tf.layers.dense({ name, units: 4 }).apply(flat) as tf.SymbolicTensor,
    );
    const built = tf.model({ name: 'googlenet', inputs: image, outputs });
    return trained('googlenet', built, { notLoaded: ['loss1/classifier/kernel', 'loss1/classifier/bias'] });
  }

  it('do not count for an answer', () => {
    const given = drawn();
    expect(given.notLoaded!.length).toBeGreaterThan(6);
    expect(countingWeights(given.model, given.notLoaded)).toEqual([]);
    expect(countingWeights(given.model, ['loss3/classifier/bias', 'loss1/fc/bias'])).toEqual([
      'loss3/classifier/bias',
    ]);
    given.model.dispose();
  });

  it('are left out of every format, and missing when that is imported', async () => {
    const given = drawn();
    const own = given.model.weights.length - given.notLoaded!.length;
    writeFileSync(at('narrow.safetensors'), await safetensorsFile(given));
    expect(headerOf(at('narrow.safetensors')).names.filter(isHead)).toEqual([]);
    expect(headerOf(at('narrow.safetensors')).names).toHaveLength(own);
    mkdirSync(at('narrow'));
    await exportTfjs(at('narrow'), given, {});
    expect(tfjsFacts(at('narrow', 'model.json'))).not.toHaveProperty('notLoaded');
    const { model: again, missing, report } = await importWeights(at('narrow.safetensors'), network, options);
    expect([...missing].sort()).toEqual([...given.notLoaded!].sort());
    expect(report.rows.filter(({ state }) => state === 'loaded')).toHaveLength(own);
    again.dispose();
    given.model.dispose();
  });

  it('are no outputs of what Keras gets, unless they are trained', async () => {
    const layersIn = async (bytes: Uint8Array) => {
      const { attributes } = await readHdf5(bytes, { attributes: ['layer_names', 'model_config'] });
      const { config } = JSON.parse(attributes.get('/')!['model_config']![0]!) as {
        config: { output_layers: unknown[] };
      };
      const names = attributes.get('/model_weights')!['layer_names']!;
      return {
        heads: names.filter((name) => /^loss[12]/.test(name)).length > 0,
        outputs: config.output_layers,
      };
    };
    const flat = { ...network, weights: [] };
    const given = withHead();
    const before = tf.memory().numTensors;
    expect(await layersIn((await kerasFile(given, flat)).bytes)).toMatchObject({
      heads: false,
      outputs: [['loss3_classifier', 0, 0]],
    });
    expect(tf.memory().numTensors).toBe(before);
    const whole = await layersIn((await kerasFile({ ...given, notLoaded: [] }, flat)).bytes);
    expect(whole.heads).toBe(true);
    expect(whole.outputs).toHaveLength(2);
    given.model.dispose();
  });

  it('start afresh in a training from a folder that lacks them', async () => {
    const given = drawn();
    await writeModelFolder(at('start'), given.model, {
      network: 'googlenet-torchvision',
      classes: 4,
      labels: null,
      synsets: null,
      input: { shape: [64, 64, 3], preprocess: [] },
      missing: [...given.notLoaded!],
      seed: 1,
      source: {
        kind: 'imported',
        file: 'x',
        bytes: 1,
        sha256: '0'.repeat(64),
        format: 'pth',
        convention: 'pytorch',
        published: null,
      },
      command: 'a test',
      commit: null,
      made: new Date().toISOString(),
    });
    const fresh = network.build(options);
    const start = await startFrom(at('start', 'weights.safetensors'), 'all', folder);
    await takeStart(fresh, start, folder);
    const valuesOf = (of: tf.LayersModel, name: string) =>
      of.weights
        .find(({ originalName }) => originalName === name)!
        .read()
        .dataSync();
    expect(valuesOf(fresh, 'conv2/kernel')).toEqual(valuesOf(given.model, 'conv2/kernel'));
    expect(valuesOf(fresh, 'loss1/fc/kernel')).not.toEqual(valuesOf(given.model, 'loss1/fc/kernel'));
    fresh.dispose();
    given.model.dispose();
  });
});

it('GoogLeNet’s heads stay marked from import to fine-tuning, export and import', async () => {
  const whole = withoutDrawing(() => zoo.googlenet.build({ classes: 1000, seed: 1 }));
  const main = whole.weights.filter(({ originalName }) => !/^loss[12]\//.test(originalName));
  writeWeights(
    at('googlenet.safetensors'),
    main.map(({ originalName, shape }) => [originalName, shape as number[]] as const),
  );
  whole.dispose();
  // As BVLC publishes it: 6,998,552 numbers without the heads; Szegedy et al. 2015, §5 and Table 1, with biases.
  expect(headerOf(at('googlenet.safetensors'))).toMatchObject({ numbers: 6_998_552 });
  const first = await done('import', at('googlenet.safetensors'), '--network', 'googlenet', '--out', at('g'));
  expect(first.stdout).toMatch(/12 weights of 6 layers \(.*\); auxiliary heads, which evaluation drops\n$/);
  const { stderr } = await done(
    ...['finetune', 'googlenet', '--weights', at('g'), '--data', at('photos'), '--out', at('g-tuned')],
  );
  expect(stderr).not.toContain('afresh');
  const classified = await done('classify', image, '--model', at('g-tuned'));
  expect(classified.stderr).not.toContain('drawn');
  const file = at('g-tuned.safetensors');
  await done('export', at('g-tuned'), '--format', 'safetensors', '--out', file);
  const header = headerOf(file);
  expect(header.names).toHaveLength(116);
  expect(header.numbers).toBe(6_998_552 - 1025 * 1000 + 1025 * 2);
  const last = await done('import', file, '--network', 'googlenet', '--out', at('g-again'));
  expect(last.stdout).toContain('116 loaded, 12 missing (12 of auxiliary heads, which evaluation drops)');
  expect([...networkJson(at('g-again')).missing].sort()).toEqual([...networkJson(at('g')).missing].sort());
}, 180_000);

it('a model folder of before, whose weights do not tell what they lack, is read as ever', async () => {
  const old = at('old-folder');
  cpSync(model, old, { recursive: true });
  const path = join(old, 'weights.safetensors');
  writeWeights(path, lenetWithout('ip1'), { network: 'lenet-caffe', source: '{}' });
  const sha256 = createHash('sha256').update(readFileSync(path)).digest('hex');
  writeFileSync(join(old, 'network.json'), JSON.stringify({ ...networkJson(old), sha256 }));
  const loaded = await loadModelFolder(old, await openModelFolder(old), zoo['lenet-caffe']);
  expect(loaded.countParams()).toBe(431_080);
  loaded.dispose();
});

it('weights are told by their layers, of many the first three', () => {
  expect(weightsText(['conv1/7x7_s2/kernel', 'conv1/7x7_s2/bias'])).toBe('2 weights of conv1/7x7_s2');
  expect(weightsText(['a/k', 'b/k', 'c/k', 'd/k'])).toBe('4 weights of 4 layers (a, b, c, …)');
});
