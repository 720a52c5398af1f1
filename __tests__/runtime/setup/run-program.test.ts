import { spawn } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { until } from '../../support/checkout';
import { ended, temporaryFolder } from '../../support/fixtures';
import { projectRoot } from '../../support/places';

const root = projectRoot;
const folder = temporaryFolder();

it('a program that is run ends with the process that runs it', async () => {
  const [begun, over, script] = [join(folder, 'begun'), join(folder, 'over'), join(folder, 'run.ts')];
  const program = `trap 'touch ${over}; exit' TERM; touch ${begun}; while :; do sleep 0.1; done`;
  writeFileSync(
    script,
    `import { runProgram } from '${root}/src/runtime/setup/run-program';
    void runProgram('sh', ['-c', ${JSON.stringify(program)}], { environment: process.env });`,
  );
  const child = spawn(process.execPath, ['--import', 'tsx', script], { cwd: root });
  const end = ended(child);
  await until(() => existsSync(begun));
  child.kill('SIGTERM');
  expect(await end).toMatchObject({ signal: 'SIGTERM' });
  await until(() => existsSync(over));
}, 20_000);
