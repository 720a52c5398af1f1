import { existsSync, readFileSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { drawDigits } from '../../../src/data/formats/digits/digits';
import { checkout, doctorIn, runCommand } from '../../support/checkout';
import { command, itOnTensorFlow, keptJson, temporaryFolder, writeIdxFolder } from '../../support/fixtures';
import { computed, noAdapter, softwareAdapter, testOnWebgpu } from '../../support/pages/webgpu';
import type { Differences } from '../../../scripts/peers/webgpu/compare-backends';
import type { WebgpuDiagnosis } from '../../../src/runtime/doctor';

const folder = temporaryFolder();
const noCache = { LINEAGE_CACHE: join(folder, 'no cache') };

describe('doctor', () => {
  testOnWebgpu('finds the adapter and checks its kernels against the cpu backend', async () => {
    const home = checkout(join(folder, 'with an adapter'));
    const found = await doctorIn(home, { ...noCache, ...softwareAdapter });
    const { adapter, check, missing } = found['webgpu'] as WebgpuDiagnosis;
    expect(missing).toBeNull();
    expect(adapter).toMatchObject({ vendor: 'google', architecture: 'swiftshader', software: true });
    expect(check).toMatchObject({ agrees: true, tolerance: 1e-4 });
    const errors = check!.kernels.map(({ error }) => error!);
    expect(errors.length).toBeGreaterThanOrEqual(10);
    expect(Math.max(...errors)).toBeLessThan(1e-5);
    // A program on the processor is never chosen where nobody asked for it.
    expect(found).toMatchObject({ backend: 'wasm' });
    expect(found['passedOver']).toContainEqual({
      backend: 'webgpu',
      why: expect.stringMatching(/^webgpu computes on SwiftShader.*, a program on the processor/) as string,
      fix: 'LINEAGE_BACKEND=webgpu takes it all the same',
    });
  });

  testOnWebgpu('says that there is no adapter', async () => {
    const { stdout } = await runCommand(checkout(join(folder, 'without one')), ['doctor'], {
      ...noCache,
      ...noAdapter,
    });
    expect(stdout).toMatch(/^webgpu +none: Dawn finds no adapter; to mend it: install the GPU’s driver/m);
    expect(stdout).toMatch(/^backend +wasm$/m);
  });

  it('says what to install where the packages are not there', async () => {
    const home = checkout(join(folder, 'without packages'));
    const linked = join(home, 'node_modules', 'webgpu');
    if (existsSync(linked)) unlinkSync(linked);
    const line = 'the optional package webgpu is not there; to mend it: npm install webgpu';
    const { stdout } = await runCommand(home, ['doctor'], { ...noCache });
    expect(stdout).toMatch(/^webgpu +none: /m);
    expect(stdout).toContain(line);
    const { code, stderr } = await runCommand(home, ['doctor'], { ...noCache, LINEAGE_BACKEND: 'webgpu' });
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: `cnn-lineage: expected backend webgpu, found that ${line}\n`,
    });
  });
});

describe('networks', () => {
  const onTensorFlow: typeof testOnWebgpu = (...given) =>
    itOnTensorFlow === it
      ? testOnWebgpu(...given)
      : test.skip(`${given[0]} (no native TensorFlow)`, () => undefined);
  onTensorFlow('score as on native TensorFlow, and learn as on wasm', async () => {
    const found = (await computed(`
      const { zoo } = require('./models/registry');
      const { compareBackends } = require('./scripts/peers/webgpu/compare-backends');
      const { narrow } = require('./__tests__/support/weights/narrow-networks');
      const { initialise } = require('./src/layers/initialise/initialise');
      const initialiser = { kernel: { kind: 'uniformOverRootFanIn', scale: 2.4 }, bias: 'asKernel' };
      const drawn = (network) => ({
        ...network,
        build: (options) => {
          const model = network.build(options);
          initialise(model, initialiser, options.seed);
          return model;
        },
      });
      const whole = ['neocognitron', 'lecun1989', 'lenet5', 'lenet5-modern', 'lenet-caffe'];
      const small = { 'alexnet-torchvision': 63, 'vgg-a': 32, 'googlenet-torchvision': 96 };
      (async () => {
        const found = {};
        for (const name of whole) found[name] = await compareBackends(zoo[name], zoo[name].recipe.input.shape);
        for (const [name, side] of Object.entries(small))
          found['narrow ' + name] = await compareBackends(drawn(narrow[name]), [side, side, 3]);
        console.log(JSON.stringify(found));
      })();
    `)) as Record<string, Differences>;
    expect(Object.keys(found)).toHaveLength(8);
    for (const [name, { scores, loss, gradients, drawnAlike }] of Object.entries(found)) {
      expect([name, scores < 1e-4, loss < 1e-5, gradients < 1e-4, drawnAlike]).toEqual([
        name,
        true,
        true,
        true,
        true,
      ]);
    }
  });

  testOnWebgpu(
    'have the same masks of dropout as on wasm, and leave nothing behind after updates',
    async () => {
      const found = (await computed(`
      const { tf } = require('./src/core/tf');
      const { useBackend } = require('./src/runtime/backend');
      const { zoo } = require('./models/registry');
      const { eagerStep } = require('./src/train/step/eager-step');
      const { randomBatch } = require('./src/report/bench/bench');
      const { SeededDropout, prepareDropout } = require('./src/layers/seeded-dropout');
      const masks = async (backend) => {
        await useBackend(backend);
        const layer = new SeededDropout({ rate: 0.5 });
        layer.prepare(3, 7);
        return [...(await tf.tidy(() => layer.apply(tf.ones([4, 50]), { training: true })).data())];
      };
      (async () => {
        const same = (await masks('wasm')).join() === (await masks('webgpu')).join();
        const { build, recipe } = zoo['lenet1'];
        const newStep = () => eagerStep(build({ classes: 10, seed: 1 }), recipe, 1);
        const batch = randomBatch(4, recipe.input.shape, 10);
        const losses = [];
        let step = newStep();
        const held = () => [tf.memory().numTensors, tf.backend().numDataIds(), tf.memory().numBytesAllocatedInGPU];
        let before;
        for (let update = 0; update < 40; update++) {
          losses.push(await step.run(batch, 0.001, update));
          if (update === 9) before = held();
        }
        const after = held();
        await useBackend('wasm');
        step = newStep();
        const beside = [];
        for (let update = 0; update < 40; update++) beside.push(await step.run(batch, 0.001, update));
        console.log(JSON.stringify({ same, losses, beside, before, after }));
      })();
    `)) as { same: boolean; losses: number[]; beside: number[]; before: number[]; after: number[] };
      expect(found.same).toBe(true);
      expect(found.after).toEqual(found.before);
      found.losses.forEach((loss, at) => expect(loss / found.beside[at]!).toBeCloseTo(1, 5));
      expect(found.losses.at(-1)!).toBeLessThan(found.losses[0]!);
    },
  );
});

describe('what goes wrong on the GPU', () => {
  testOnWebgpu('is thrown by the next read, in one line', async () => {
    const found = await computed(`
      const { tf } = require('./src/core/tf');
      const { useBackend } = require('./src/runtime/backend');
      (async () => {
        await useBackend('webgpu');
        const { device } = tf.backend();
        const x = tf.fill([5000], 2);
        const read = async (work) => {
          try { return (await work()).data().then((values) => values[4999], ({ name, message }) => [name, message]); }
          catch ({ name, message }) { return [name, message]; }
        };
        const found = [await read(() => x.mul(2))];
        device.createBuffer({ size: 1024, usage: 0xfffff });
        found.push(await read(() => x.mul(3)));
        found.push(await read(() => x.mul(4)));
        found.push(await read(() => tf.tensor1d(new Float32Array(3e8)).mul(2)));
        try { x.mul(5).dataSync(); } catch ({ message }) { found.push(message); }
        device.destroy();
        found.push(await read(() => x.mul(6)));
        console.log(JSON.stringify(found));
      })();
    `);
    const text = (pattern: RegExp) => expect.stringMatching(pattern) as string;
    expect(found).toEqual([
      4,
      ['UserError', text(/^webgpu: expected the GPU to compute, found that it refuses \(.*\)$/)],
      8,
      [
        'UserError',
        text(/^webgpu: expected arrays of at most \d+ MB, which the GPU takes, found one of 1200 MB/),
      ],
      'expected data() on the webgpu backend, which cannot wait for the GPU, found dataSync()',
      ['UserError', text(/^webgpu: expected the GPU to go on computing, found that it was lost \(.*\)/)],
    ]);
  });

  testOnWebgpu(
    'a lost device ends a training with one line, and it goes on from its last checkpoint',
    async () => {
      const run = join(folder, 'lost');
      const data = join(folder, 'digits');
      await writeIdxFolder(data, drawDigits({ seed: 3, train: 40, test: 10 }));
      const given = (out: string) =>
        `{ network: 'lenet1', data: ${JSON.stringify(data)}, epochs: 2, batch: 10, seed: 1, backend: 'webgpu', out: ${JSON.stringify(out)} }`;
      const lost = await computed(`
      const { trainRun } = require('./index');
      const { tf } = require('./src/core/tf');
      const onProgress = ({ kind, update }) => {
        if (kind === 'update' && update.step === 6) tf.backend().device.destroy();
      };
      trainRun({ ...${given(run)}, onProgress }).then(
        () => console.log('null'),
        ({ name, message }) => console.log(JSON.stringify([name, message])),
      );
    `);
      expect(lost).toEqual([
        'UserError',
        expect.stringContaining('webgpu: expected the GPU to go on computing'),
      ]);
      const { code, stderr } = await command(
        ['train', '--resume', run, '--backend', 'webgpu'],
        softwareAdapter,
      );
      expect([code, stderr]).toEqual([0, expect.stringContaining('a program on the processor')]);
      expect(keptJson(join(run, 'run.json'))).toMatchObject({
        machine: { backend: 'webgpu', gpu: expect.stringContaining('SwiftShader') as string },
      });
      const losses = (at: string) =>
        readFileSync(join(at, 'log.jsonl'), 'utf8')
          .trim()
          .split('\n')
          .flatMap((line) => (JSON.parse(line) as { meanLoss?: number }).meanLoss ?? []);
      const beside = join(folder, 'beside');
      await computed(
        `require('./index').trainRun({ ...${given(beside)}, backend: 'wasm' }).then(() => console.log('null'))`,
      );
      expect(losses(run)).toHaveLength(2);
      losses(beside).forEach((loss, epoch) => expect(losses(run)[epoch]! / loss).toBeCloseTo(1, 5));
    },
  );
});
