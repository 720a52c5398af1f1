import { copyFileSync, mkdirSync, readdirSync, rmSync, symlinkSync, truncateSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { seededRandom } from '../../../src/core/random';
import {
  cacheWithTensorFlow,
  checkout,
  doctorIn,
  ownTensorFlow,
  runCommand,
  startCommand,
} from '../../support/checkout';
import { temporaryFolder } from '../../support/fixtures';

const folder = temporaryFolder();
const ready = { backend: 'tensorflow', tensorflow: '2.21.0' };
const wasm = { backend: 'wasm', tensorflow: null };

it('a set-up killed at any moment leaves either nothing or all, and the next one finishes', async () => {
  const home = checkout(join(folder, 'killed'));
  const environment = { LINEAGE_CACHE: cacheWithTensorFlow(join(folder, 'cache of the killed')) };
  const random = seededRandom(7);
  const atOnce = performance.now();
  await runCommand(home, ['setup'], environment);
  const whole = performance.now() - atOnce;
  for (let kill = 0; kill < 3; kill += 1) {
    rmSync(join(home, 'node_modules', '@tensorflow', 'tfjs-node', 'lib'), { recursive: true, force: true });
    const running = startCommand(home, ['setup'], environment);
    await Promise.race([sleep(random.uniform(0.2, 1) * whole), running.ended]);
    running.process.kill('SIGKILL');
    await running.ended;
    const { backend, passedOver } = await doctorIn(home, environment);
    expect([{ backend: 'tensorflow' }, { backend: 'wasm', why: 'it is not set up' }]).toContainEqual({
      backend,
      ...(backend === 'wasm' && { why: (passedOver as { why: string }[])[1]!.why }),
    });
  }
  const last = await runCommand(home, ['setup', '--json'], environment);
  expect(last.code).toBe(0);
  expect(JSON.parse(last.stdout)).toMatchObject({ tensorflow: '2.21.0', obstacles: [] });
  expect(await doctorIn(home, environment)).toMatchObject(ready);
  const left = readdirSync(join(home, 'node_modules', '@tensorflow', 'tfjs-node'));
  expect(left.filter((name) => name.startsWith('.making'))).toEqual([]);
});

it('a library that was cut short is not taken for done', async () => {
  const home = checkout(join(folder, 'cut'));
  const named = join(folder, 'named');
  mkdirSync(named);
  symlinkSync(join(ownTensorFlow(), 'include'), join(named, 'include'));
  symlinkSync(join(ownTensorFlow(), 'libtensorflow_cc.so.2'), join(named, 'libtensorflow_cc.so.2'));
  const framework = 'libtensorflow_framework.so.2';
  copyFileSync(join(ownTensorFlow(), framework), join(named, framework));
  const environment = { LINEAGE_CACHE: join(folder, 'empty cache'), LINEAGE_TENSORFLOW: named };

  const done = await runCommand(home, ['setup'], environment);
  expect(done.stderr).toMatch(/binding compiled[^]*TensorFlow 2\.21\.0 was set up/);
  expect(await doctorIn(home, environment)).toMatchObject(ready);

  truncateSync(join(named, framework), 1_000_000);
  const doctor = await doctorIn(home, environment);
  expect(doctor).toMatchObject(wasm);
  expect(doctor.passedOver).toContainEqual({
    backend: 'tensorflow',
    why: 'it is not set up',
    fix: 'npm run setup',
  });
  unlinkSync(join(named, framework));
  const refused = await runCommand(home, ['setup'], environment);
  expect(refused).toMatchObject({ code: 2, stdout: '' });
  expect(refused.stderr).toMatch(/^cnn-lineage: LINEAGE_TENSORFLOW: expected .*; found none in .*named\n$/);
});
