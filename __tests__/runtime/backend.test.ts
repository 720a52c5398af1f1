import { existsSync, readdirSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { backendNames, useBackend, type BackendName } from '../../src/runtime/backend';
import { loadNative } from '../../src/runtime/native/native';
import { runProgram } from '../../src/runtime/setup/run-program';
import { tf } from '../../src/core/tf';
import { checkout, ownTensorFlow, plainEnvironment, runCommand } from '../support/checkout';
import { temporaryFolder } from '../support/fixtures';
import { projectRoot } from '../support/places';

const folder = temporaryFolder();
const environment = process.env;

async function runs(program: string, ...words: string[]): Promise<boolean> {
  return runProgram(program, words, { environment }).then(
    () => true,
    () => false,
  );
}

it('where glibc, pip and a compiler are there, the backend is tensorflow', async () => {
  const { header } = process.report.getReport() as { header: { glibcVersionRuntime?: string } };
  const compiler = (await runs('g++', '--version')) || (await runs('c++', '--version'));
  const canBeSetUp =
    header.glibcVersionRuntime && compiler && (await runs('python3', '-m', 'pip', '--version'));
  delete process.env.LINEAGE_BACKEND;
  const runtime = await useBackend();
  const native: BackendName[] = ['tensorflow-gpu', 'tensorflow'];
  expect(canBeSetUp ? native : backendNames).toContain(runtime.backend);
  if (canBeSetUp) expect(runtime.tensorflow).toMatch(/^\d+\.\d+\.\d+/);
});

/** A convolution's derivative with respect to its filter, summed by hand. */
function filterGradientByHand(image: number[][], errors: number[][]): number[][] {
  const side = image.length - errors.length + 1;
  const at = (row: number, column: number) =>
    errors
      .flatMap((line, i) => line.map((error, j) => error * image[row + i]![column + j]!))
      .reduce((a, b) => a + b);
  return Array.from({ length: side }, (_, row) =>
    Array.from({ length: side }, (__, column) => at(row, column)),
  );
}

it.each(['tensorflow', 'wasm', 'cpu', 'wasm', 'tensorflow'] as const)(
  'one process changes over to %s, and a convolution trains there',
  async (name) => {
    const warn = jest.spyOn(console, 'warn').mockImplementation(() => {});
    expect(await useBackend(name)).toMatchObject({ backend: name, passedOver: [] });
    expect(tf.getBackend()).toBe(name);
    const image = [
      [1, 2, 0, 1],
      [0, 3, 1, 2],
      [2, 1, 1, 0],
      [1, 0, 2, 4],
    ];
    const errors = [
      [1, 0, 2],
      [-1, 1, 0],
      [0, 3, 1],
    ];
    const found = tf.tidy(() => {
      const x = tf.tensor4d(image.flat(), [1, 4, 4, 1]);
      const weights = tf.tensor4d(errors.flat(), [1, 3, 3, 1]);
      const weighted = (filter: tf.Tensor) => tf.conv2d(x, filter as tf.Tensor4D, 1, 'valid').mul(weights);
      return tf
        .grad((filter) => weighted(filter).sum())(tf.zeros([2, 2, 1, 1]))
        .reshape([2, 2])
        .arraySync();
    });
    expect(found).toEqual(filterGradientByHand(image, errors));
    expect(warn).not.toHaveBeenCalled();
    warn.mockRestore();
  },
);

it('asking again for what is in use costs nothing and gives the same answer', async () => {
  const [one, other] = await Promise.all([useBackend('cpu'), useBackend('cpu')]);
  expect(other).toBe(one);
});

it('a backend in use by name does not hold for the next call without one', async () => {
  await useBackend('cpu');
  process.env.LINEAGE_BACKEND = 'wasm';
  expect(await useBackend()).toMatchObject({ backend: 'wasm' });
  process.env.LINEAGE_BACKEND = 'cpu';
  expect(await useBackend()).toMatchObject({ backend: 'cpu' });
  delete process.env.LINEAGE_BACKEND;
});

it('a backend of no such name is refused with the names there are', async () => {
  await expect(useBackend('gpu' as BackendName)).rejects.toThrow(
    "expected a backend of tensorflow-gpu, tensorflow, webgpu, wasm, cpu; found 'gpu'",
  );
});

it('a forced backend that is not there ends a command with one line and code 2', async () => {
  const home = checkout(join(folder, 'checkout'));
  const changes = { LINEAGE_CACHE: join(folder, 'cache'), LINEAGE_BACKEND: 'tensorflow' };
  const { code, stdout, stderr } = await runCommand(home, ['doctor'], changes);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toBe(
    'cnn-lineage: expected backend tensorflow, found that it is not set up; to mend it: npm run setup\n',
  );
});

it('the package for GPUs computes on the CPU where there is no GPU, and keeps the other one out', async () => {
  const home = checkout(join(folder, 'for a gpu'));
  const changes = { LINEAGE_CACHE: join(folder, 'cache for a gpu'), LINEAGE_TENSORFLOW: ownTensorFlow() };
  const { code } = await runCommand(home, ['setup', '--gpu'], changes);
  expect(code).toBe(0);
  const script = `
    const { loadNative } = require('./src/runtime/native/native');
    const { useBackend } = require('./src/runtime/backend');
    console.log(loadNative(true));
    useBackend('tensorflow').then(console.log);
  `;
  const words = ['--import', 'tsx', '--input-type=commonjs', '-e', script];
  const printed = await runProgram(process.execPath, words, {
    folder: home,
    environment: plainEnvironment({ ...changes, NODE_PATH: home }),
  });
  expect(printed).toMatch(/gpuPackage: true,\s+onGpu: false[^]*backend: 'tensorflow'/);
});

it('a recorded grouped convolution computes where the environment turns oneDNN off', async () => {
  const script = `
    const { useBackend } = require('./src/runtime/backend');
    const { tf } = require('./src/core/tf');
    const { GroupedConv2D } = require('./src/layers/grouped-conv');
    const { compiledForward } = require('./src/evaluate/scores/forward');
    useBackend('tensorflow').then(async () => {
      const input = tf.input({ shape: [2, 2, 4] });
      const layer = new GroupedConv2D({ filters: 2, kernelSize: 1, groups: 2, activation: 'relu' });
      const model = tf.model({ inputs: input, outputs: tf.layers.flatten().apply(layer.apply(input)) });
      model.setWeights([tf.tensor([1, 2, 3, 4], [1, 1, 2, 2]), tf.tensor([0, 1])]);
      const images = Float32Array.from({ length: 16 }, (_, index) => index);
      console.log([...(await compiledForward(model).run({ images, shape: [2, 2, 4] }))].join());
    });
  `;
  const printed = await runProgram(
    process.execPath,
    ['--import', 'tsx', '--input-type=commonjs', '-e', script],
    {
      folder: projectRoot,
      environment: { ...process.env, TF_ENABLE_ONEDNN_OPTS: '0' },
    },
  );
  // Of pixel a, a+1, a+2, a+3: the first map sees 1·a + 3·(a+1), the second 2·(a+2) + 4·(a+3) + 1.
  const expected = [0, 4, 8, 12].flatMap((a) => [4 * a + 3, 6 * a + 17]);
  expect(printed.trim()).toBe(expected.join());
});

describe('on tensorflow', () => {
  beforeEach(() => useBackend('tensorflow'));

  it('rounding whole numbers keeps them', () => {
    expect(
      tf
        .round(
          tf.tensor2d(
            [
              [-7, 0],
              [3, 2_000_000_000],
            ],
            [2, 2],
            'int32',
          ),
        )
        .arraySync(),
    ).toEqual([
      [-7, 0],
      [3, 2_000_000_000],
    ]);
    expect(tf.round(tf.tensor1d([-1.4, 0.6, 2.5, 3.5])).arraySync()).toEqual([-1, 1, 2, 4]);
  });

  it('scalars are joined into a list, and longer tensors as ever', () => {
    expect(tf.concat([tf.scalar(3), tf.scalar(-1), tf.scalar(2.5)]).arraySync()).toEqual([3, -1, 2.5]);
    expect(tf.concat([tf.scalar(3, 'int32'), tf.scalar(4, 'int32')]).dtype).toBe('int32');
    expect(tf.concat([tf.tensor2d([[1], [2]]), tf.tensor2d([[3], [4]])], 1).arraySync()).toEqual([
      [1, 3],
      [2, 4],
    ]);
  });

  it('TensorBoard draws the histogram of a tensor whose elements are all equal', async () => {
    const { node } = createRequire(__filename)(loadNative(false).folder) as {
      node: { summaryFileWriter(path: string): Writer };
    };
    const logs = join(folder, 'logs');
    const writer = node.summaryFileWriter(logs);
    writer.histogram('weights', tf.ones([3, 3]), 0, 30);
    writer.flush();
    expect(existsSync(logs)).toBe(true);
    expect(readdirSync(logs).map((name) => statSync(join(logs, name)).size > 100)).toEqual([true]);
  });
});

interface Writer {
  histogram(name: string, data: tf.Tensor, step: number, buckets: number): void;
  flush(): void;
}
