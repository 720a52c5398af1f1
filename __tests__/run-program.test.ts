import { spawn } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { isRunning } from '../src/runtime/cache';
import { until } from './checkout';
import { ended, temporaryFolder } from './fixtures';

const folder = temporaryFolder();

it('a program that is run ends with the process that runs it', async () => {
  const file = join(folder, 'pid');
  const root = resolve(__dirname, '..');
  const script = join(folder, 'run.cts');
  writeFileSync(
    script,
    `require('${root}/src/runtime/run-program').runProgram('sh', ['-c', 'echo $$ > "${file}"; exec sleep 60'], { environment: process.env });`,
  );
  const child = spawn(process.execPath, ['--import', 'tsx', script], { cwd: root });
  const end = ended(child);
  await until(() => existsSync(file) && readFileSync(file, 'utf8').endsWith('\n'));
  child.kill('SIGTERM');
  expect(await end).toMatchObject({ signal: 'SIGTERM' });
  await until(() => !isRunning(Number(readFileSync(file, 'utf8'))));
});
