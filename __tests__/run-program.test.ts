import { spawn } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { until } from './checkout';
import { ended, temporaryFolder } from './fixtures';

const root = resolve(__dirname, '..');
const folder = temporaryFolder();

it('a program that is run ends with the process that runs it', async () => {
  const [begun, over, script] = [join(folder, 'begun'), join(folder, 'over'), join(folder, 'run.ts')];
  const program = `trap 'touch ${over}; exit' TERM; touch ${begun}; while :; do sleep 0.1; done`;
  writeFileSync(
    script,
    `import { runProgram } from '${root}/src/runtime/run-program';
    void runProgram('sh', ['-c', ${JSON.stringify(program)}], { environment: process.env });`,
  );
  const child = spawn(process.execPath, ['--import', 'tsx', script], { cwd: root });
  const end = ended(child);
  await until(() => existsSync(begun));
  child.kill('SIGTERM');
  expect(await end).toMatchObject({ signal: 'SIGTERM' });
  await until(() => existsSync(over));
}, 20_000);
