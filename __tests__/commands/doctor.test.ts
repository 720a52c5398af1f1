import { readFileSync } from 'node:fs';
import { availableParallelism, totalmem } from 'node:os';
import { join } from 'node:path';
import { checkout, doctorIn, runCommand } from '../support/checkout';
import { temporaryFolder } from '../support/fixtures';

const folder = temporaryFolder();
const home = checkout(join(folder, 'checkout'));
const environment = { LINEAGE_CACHE: join(folder, 'no cache') };

it('doctor --json tells backend, versions and machine, and nothing else on standard output', async () => {
  const found = await doctorIn(home, environment);
  expect(found).toMatchObject({
    backend: 'wasm',
    tensorflow: null,
    node: process.version,
    tfjs: '4.22.0',
    memory: { totalBytes: totalmem() },
    threads: { available: availableParallelism(), withinOps: null },
    wasm: { simd: true, threads: true },
    cache: { folder: environment.LINEAGE_CACHE, bytes: 0 },
  });
  expect(found.platform).toMatch(new RegExp(`^${process.platform} .* ${process.arch}$`));
});

it('the instruction sets are those that the kernel lists', async () => {
  const { cpu } = (await doctorIn(home, environment)) as { cpu: { model: string; features: string[] } };
  const listed = new Set(readFileSync('/proc/cpuinfo', 'utf8').split(/\s+/));
  for (const feature of ['avx2', 'avx512f', 'avx512_bf16', 'amx_bf16', 'asimd']) {
    expect([feature, cpu.features.includes(feature)]).toEqual([feature, listed.has(feature)]);
  }
});

it('doctor says why each better backend is not used, and what would mend it', async () => {
  const { stdout } = await runCommand(home, ['doctor'], { ...environment, LINEAGE_BACKEND: 'cpu' });
  expect(stdout).toMatch(/^backend +cpu$/m);
  expect(stdout).toMatch(
    /^not wasm: LINEAGE_BACKEND=cpu was chosen\n {2}to mend it: unset LINEAGE_BACKEND$/m,
  );
  const { stdout: best } = await runCommand(home, ['doctor'], environment);
  expect(best).toMatch(/^not tensorflow: it is not set up\n {2}to mend it: npm run setup$/m);
});
