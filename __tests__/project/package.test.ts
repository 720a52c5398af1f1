import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { useBackend } from '../../src/runtime/backend';
import { projectRoot } from '../support/places';
import { ended, temporaryFolder, type Ended } from '../support/fixtures';

const folder = temporaryFolder();
const empty = join(folder, 'somebody');

/** Without the settings of this checkout: the package must install where scripts run and where they fail. */
function run(program: string, words: readonly string[]): Promise<Ended> {
  const environment = Object.fromEntries(
    Object.entries(process.env).filter(([key]) => !key.toLowerCase().startsWith('npm_config')),
  );
  return ended(spawn(program, words, { cwd: empty, env: environment, stdio: ['ignore', 'pipe', 'pipe'] }));
}

beforeAll(async () => {
  mkdirSync(empty);
  execFileSync('npm', ['run', 'pack', '--', '--pack-destination', folder], {
    cwd: projectRoot,
    stdio: 'pipe',
  });
  const tarball = readdirSync(folder).find((name) => name.endsWith('.tgz'))!;
  writeFileSync(join(empty, 'package.json'), '{"name": "somebody", "private": true}');
  const installed = await run('npm', [
    'install',
    '--no-audit',
    '--no-fund',
    join(folder, tarball),
    'typescript@~5.9.3',
    '@types/node@20',
  ]);
  expect(installed).toMatchObject({ code: 0 });
}, 400_000);

it('holds the compiled program and no sources or tests', () => {
  const inside = join(empty, 'node_modules', 'cnn-lineage');
  expect(readdirSync(inside).sort()).toEqual(
    ['CHANGELOG.md', 'LICENSE', 'README.md', 'dist', 'package.json'].filter((name) =>
      existsSync(join(inside, name)),
    ),
  );
  expect(existsSync(join(inside, 'dist', 'index.d.ts'))).toBe(true);
  // What runs in a browser is a script there, and no module of Node's.
  for (const name of ['classify.js', 'page.js']) {
    const script = readFileSync(join(inside, 'dist', 'src', 'weights', 'export', 'browser', name), 'utf8');
    expect(script).not.toMatch(/\bexports\b|\brequire\(/);
  }
});

const program = `
import { drawDigits, evaluate, train, useBackend, zoo } from 'cnn-lineage';

async function main(): Promise<void> {
  const { backend } = await useBackend('wasm');
  const { recipe, build } = zoo.lenet5;
  const data = drawDigits({ seed: 1, train: 320, test: 50 });
  const model = build({ classes: 10, seed: 1 });
  const losses: number[] = [];
  for await (const { loss } of train({ model, recipe: { ...recipe, epochs: 2 }, data: data.train, seed: 1 })) losses.push(loss);
  const { images, error } = await evaluate({ model, recipe, data: data.test });
  console.log(JSON.stringify({ backend, losses, images, error }));
}
main();
`;

it('is used from TypeScript with its types, and trains', async () => {
  writeFileSync(join(empty, 'program.ts'), program);
  const options = [
    '--strict',
    '--target',
    'es2022',
    '--module',
    'node20',
    '--skipLibCheck',
    '--types',
    'node',
  ];
  expect(await run('npx', ['tsc', ...options, 'program.ts'])).toMatchObject({ code: 0, stdout: '' });
  const { code, stdout } = await run(process.execPath, ['program.js']);
  expect(code).toBe(0);
  const found = JSON.parse(stdout.trimEnd().split('\n').at(-1)!) as {
    backend: string;
    losses: number[];
    images: number;
  };
  expect(found).toMatchObject({ backend: 'wasm', images: 50 });
  expect(found.losses).toHaveLength(20);
  expect(found.losses.at(-1)!).toBeLessThan(found.losses[0]!);
});

it('is imported by name from an ES module too', async () => {
  writeFileSync(
    join(empty, 'program.mjs'),
    "import { zoo, networkNames } from 'cnn-lineage';\nconsole.log(networkNames.length, zoo.lenet5.paper.year);\n",
  );
  expect(await run(process.execPath, ['program.mjs'])).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^\d+ 1998\n$/) as string,
  });
});

it('has its command, which sets TensorFlow up in the user’s cache where npm dropped tfjs-node', async () => {
  const { code, stdout } = await run('npx', ['cnn-lineage', 'describe', 'lenet5', '--json']);
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ parameters: 60_000 });
  expect(await run('npx', ['cnn-lineage', 'setup'])).toMatchObject({ code: 0 });
  const doctor = await run('npx', ['cnn-lineage', 'doctor', '--json']);
  expect(JSON.parse(doctor.stdout)).toMatchObject({ backend: (await useBackend()).backend });
});
