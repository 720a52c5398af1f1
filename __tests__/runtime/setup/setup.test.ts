import { join } from 'node:path';
import {
  cacheWithTensorFlow,
  checkout,
  doctorIn,
  isUnpacking,
  runCommand,
  startCommand,
  until,
} from '../../support/checkout';
import { temporaryFolder } from '../../support/fixtures';

const folder = temporaryFolder();
const ready = { backend: 'tensorflow', tensorflow: '2.21.0' };
const wasm = { backend: 'wasm', tensorflow: null };

it('a set-up killed while it unpacks is taken up again, and two at once share its work', async () => {
  const home = checkout(join(folder, 'fresh'));
  const environment = { HOME: join(folder, 'home') };
  const cache = join(environment.HOME, '.cache', 'cnn-lineage');

  const first = startCommand(home, ['setup'], environment);
  await until(() => isUnpacking(cache) || first.process.exitCode !== null);
  first.process.kill('SIGKILL');
  expect((await first.ended).code).toBe(null);
  expect(await doctorIn(home, environment)).toMatchObject(wasm);

  const both = [startCommand(home, ['setup'], environment), startCommand(home, ['setup'], environment)];
  const [one, other] = await Promise.all(both.map(({ ended }) => ended));
  expect([one!.code, other!.code]).toEqual([0, 0]);
  const said = one!.stderr + other!.stderr;
  expect(said.match(/TensorFlow 2\.21\.0 was set up/g)).toHaveLength(2);
  expect(said.match(/another set-up is running/g)).toHaveLength(1);
  expect(said.match(/binding compiled/g)).toHaveLength(1);
  expect(await doctorIn(home, environment)).toMatchObject(ready);

  const again = await runCommand(home, ['setup'], environment);
  expect(again.stderr).toMatch(/^setup: TensorFlow 2\.21\.0 is set up \(0\.\d\d s\)\n$/);
});

it('where npm left the package out, it is fetched into the cache and shares the program’s TensorFlow.js', async () => {
  const home = checkout(join(folder, 'installed'), { packages: false });
  const environment = { LINEAGE_CACHE: cacheWithTensorFlow(join(folder, 'cache of the installed')) };
  expect(await doctorIn(home, environment)).toMatchObject(wasm);
  expect(await runCommand(home, ['setup'], environment)).toMatchObject({ code: 0 });
  const doctor = await runCommand(home, ['doctor', '--json'], environment);
  expect(JSON.parse(doctor.stdout)).toMatchObject(ready);
  // A second TensorFlow.js would warn of every kernel that it registers again.
  expect(doctor.stderr).toBe('');
});
