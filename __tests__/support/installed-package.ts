import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { ended, type Ended } from './fixtures';
import { projectRoot } from './places';

/** The package as npm would publish it, and a folder where somebody installed it. */
export interface InstalledPackage {
  readonly tarball: string;
  readonly somebody: string;
  /** The package within it. */
  readonly inside: string;
}

/** Without the settings of this checkout: the package must install where scripts run and where they fail. */
export function runWithoutSettings(program: string, words: readonly string[], cwd: string): Promise<Ended> {
  const environment = Object.fromEntries(
    Object.entries(process.env).filter(([key]) => !key.toLowerCase().startsWith('npm_config')),
  );
  return ended(spawn(program, words, { cwd, env: environment, stdio: ['ignore', 'pipe', 'pipe'] }));
}

/** Packs and installs the package, once in a run of the tests: whichever file asks first does it, others wait. */
export async function installedPackage(): Promise<InstalledPackage> {
  const folder = process.env['LINEAGE_TEST_PACKAGE']!; // see jest/compile.js
  const somebody = join(folder, 'somebody');
  const [finished, failed] = [join(folder, 'finished'), join(folder, 'failed')];
  if (mkdirSync(somebody, { recursive: true }) !== undefined) {
    try {
      await install(folder, somebody);
      writeFileSync(finished, '');
    } catch (error) {
      writeFileSync(failed, String(error));
      throw error;
    }
  }
  while (!existsSync(finished)) {
    if (existsSync(failed))
      throw new Error('the package could not be installed: see the other file of tests');
    await setTimeout(200);
  }
  const name = readdirSync(folder).find((each) => each.endsWith('.tgz'))!;
  return {
    tarball: join(folder, name),
    somebody,
    inside: join(somebody, 'node_modules', 'cnn-lineage'),
  };
}

async function install(folder: string, somebody: string): Promise<void> {
  execFileSync('npm', ['pack', '--pack-destination', folder], { cwd: projectRoot, stdio: 'pipe' });
  const tarball = readdirSync(folder).find((name) => name.endsWith('.tgz'))!;
  writeFileSync(join(somebody, 'package.json'), '{"name": "somebody", "private": true}');
  const words = [
    'install',
    '--no-audit',
    '--no-fund',
    join('..', tarball),
    'typescript@~5.9.3',
    '@types/node@20',
  ];
  expect(await runWithoutSettings('npm', words, somebody)).toMatchObject({ code: 0 });
}
