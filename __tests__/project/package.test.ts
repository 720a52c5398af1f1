import { cpSync, existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { Script } from 'node:vm';
import { gunzipSync } from 'node:zlib';
import { build } from 'esbuild';
import sharp from 'sharp';
import { drawDigits } from '../../src/data/formats/digits/digits';
import { useBackend } from '../../src/runtime/backend';
import { trainedNames } from '../../src/weights/trained-names';
import { projectRoot } from '../support/places';
import type { Ended } from '../support/fixtures';
import { installedPackage, runWithoutSettings } from '../support/installed-package';

let tarball: string;
let empty: string;
let inside: string;

function run(program: string, words: readonly string[], cwd = empty): Promise<Ended> {
  return runWithoutSettings(program, words, cwd);
}

beforeAll(async () => {
  ({ tarball, somebody: empty, inside } = await installedPackage());
}, 400_000);

it('holds the program, the guides and the sources to which its maps lead, and nothing of this checkout’s tools', () => {
  const entries = ['browser', 'data', 'index', 'layers', 'networks', 'report', 'verbs', 'weights'];
  expect(readdirSync(inside).sort()).toEqual(
    [
      ...[
        'CHANGELOG.md',
        'LICENSE',
        'README.md',
        'README.zh-CN.md',
        'dist',
        'docs',
        'models',
        'package.json',
        'src',
        'trained',
      ],
      ...entries.map((entry) => `${entry}.ts`),
    ].sort(),
  );
  expect(readdirSync(join(inside, 'dist')).filter((name) => !name.includes('.'))).toEqual([
    'models',
    'page',
    'scripts',
    'src',
  ]);
  const files = readdirSync(inside, { recursive: true, encoding: 'utf8' });
  expect(files.filter((name) => /__tests__|fuzz|options-table|\.tsbuildinfo/.test(name))).toEqual([]);
  expect(files.filter((name) => name.endsWith('.safetensors')).sort()).toEqual(
    trainedNames.map((name) => `trained/${name}/weights.safetensors`).sort(),
  );
  expect(files.filter((name) => name.endsWith('.py')).sort()).toEqual(
    ['keras_peer', 'peer', 'torch_data', 'torch_peer'].map(
      (name) => `dist/scripts/peers/bench/python/${name}.py`,
    ),
  );
  // What runs in a browser is a script there, and no module of Node's; packages in it have an `exports` of their own.
  for (const name of ['classify.js', 'page.js']) {
    const script = readFileSync(join(inside, 'dist', 'page', 'exported', name), 'utf8');
    expect(script).not.toMatch(/^(?:Object\.defineProperty\()?exports\b|^module\.exports|\brequire\(/m);
  }
});

it('has declarations whose maps lead to sources that are there', () => {
  const maps = readdirSync(join(inside, 'dist'), { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.d.ts.map'),
  );
  expect(maps.length).toBeGreaterThan(300);
  const sources = maps.flatMap((map) => {
    const path = join(inside, 'dist', map);
    const { sources: named } = JSON.parse(readFileSync(path, 'utf8')) as { sources: string[] };
    return named.map((source) => resolve(dirname(path), source));
  });
  expect(sources.filter((source) => !existsSync(source))).toEqual([]);
});

it('has a README whose links lead to files of the package or to the web', () => {
  const text = readFileSync(join(inside, 'README.md'), 'utf8');
  const links = [...text.matchAll(/\]\((?!https?:|#)([^)#\s]+)/g)].map(([, path]) => path!);
  // On npm's site other relative links lead to the repository that package.json names; those of guides lie here.
  const guides = links.filter((path) => path.startsWith('docs/'));
  expect(guides.length).toBeGreaterThan(0);
  expect(guides.filter((path) => !existsSync(join(inside, path)))).toEqual([]);
  expect(links.filter((path) => !existsSync(join(projectRoot, path)))).toEqual([]);
});

it('names nothing in a shape that publint or attw find wrong', async () => {
  const bin = (name: string) => join(projectRoot, 'node_modules', '.bin', name);
  expect(await run(bin('publint'), ['--strict', tarball], projectRoot)).toMatchObject({ code: 0 });
  expect(await run(bin('attw'), [tarball], projectRoot)).toMatchObject({ code: 0 });
});

it('asks for neither tfjs-node nor the union of TensorFlow.js', () => {
  // tar 6 came with tfjs-node, and audits name it; the union holds what its parts hold once more.
  expect(readdirSync(join(empty, 'node_modules')).filter((name) => name === 'tar')).toEqual([]);
  expect(existsSync(join(empty, 'node_modules', '@tensorflow', 'tfjs'))).toBe(false);
  expect(existsSync(join(empty, 'node_modules', '@tensorflow', 'tfjs-node'))).toBe(false);
});

const program = `
import { evaluate, train, useBackend, zoo } from 'cnn-lineage';
import { drawDigits } from 'cnn-lineage/data';

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

/** Uses each entry point, as a person would who has TypeScript check it. */
const everyEntry = `
import { evaluate, tf as own, zoo as main } from 'cnn-lineage';
import { networkNames, zoo, type Recipe } from 'cnn-lineage/networks';
import { Lrn, tf } from 'cnn-lineage/layers';
import { drawDigits, type Dataset } from 'cnn-lineage/data';
import { importWeights, type NamedArray } from 'cnn-lineage/weights';
import { drawNetwork } from 'cnn-lineage/report';
import { eagerStep, predict, train } from 'cnn-lineage/browser';

const { recipe, paper }: { recipe: Recipe; paper: { year: number } } = zoo.lenet5;
const data: Dataset = drawDigits({ seed: 1, train: 8, test: 2 }).train;
const arrays: NamedArray[] = [];
const sum: tf.Tensor = tf.scalar(1).add(2);
const functions = [evaluate, importWeights, drawNetwork, eagerStep, predict, train].every((one) => typeof one === 'function');
console.log([paper.year, recipe.epochs, data.labels.length, arrays.length, sum.dataSync()[0]].join(' '));
// Each thing exists once, by whichever entry point and module system it is reached.
console.log(functions, main === zoo, own === tf, networkNames.length > 10, Lrn.className);
`;
const itsOutput = '1998 20 8 0 3\ntrue true true true Lrn\n';

const resolutions: readonly (readonly [string, readonly string[], readonly string[]])[] = [
  ['node16', ['mts', 'cts'], ['--module', 'node16']],
  ['nodenext', ['mts', 'cts'], ['--module', 'nodenext']],
  ['bundler', ['mts'], ['--module', 'esnext', '--moduleResolution', 'bundler']],
];

it.each(resolutions)('is used from TypeScript by every entry point: %s (%j)', async (_, endings, options) => {
  const files = endings.map((ending) => `every.${ending}`);
  for (const file of files) writeFileSync(join(empty, file), everyEntry);
  const words = ['--strict', '--skipDefaultLibCheck', '--target', 'es2022', '--types', 'node', ...options];
  const { stdout } = await run('npx', ['tsc', ...words, ...files]);
  // Libraries are checked too. TensorFlow.js's own declarations do not pass that; all others must.
  const complaints = stdout.split('\n').filter((line) => /error TS\d+/.test(line));
  expect(complaints.filter((line) => !line.startsWith('node_modules/@tensorflow/'))).toEqual([]);
  for (const file of files) {
    const ran = await run(process.execPath, [file.replace(/ts$/, 'js')]);
    expect(ran).toMatchObject({ code: 0, stdout: itsOutput });
  }
});

it('gives a bundler of pages modules without anything of Node, and the same names', async () => {
  for (const entry of ['networks', 'layers', 'browser']) {
    const { metafile } = await build({
      stdin: { contents: `export * from 'cnn-lineage/${entry}';`, resolveDir: empty },
      bundle: true,
      write: false,
      metafile: true,
      format: 'esm',
      logLevel: 'silent',
      outfile: 'out.js',
    });
    const used = Object.keys(metafile.inputs).filter((name) => name.includes('cnn-lineage/dist'));
    expect(used.length).toBeGreaterThan(0);
    expect(used.filter((name) => !name.includes('/dist/page/'))).toEqual([]);
    const [bundle] = Object.values(metafile.outputs);
    const inNode = await run(process.execPath, [
      '-p',
      `Object.keys(require('cnn-lineage/${entry}')).sort().join()`,
    ]);
    expect(inNode.stdout.trim()).toBe([...bundle!.exports].sort().join());
  }
});

it('works without the native parts of packages, and says what is missing where one is needed', async () => {
  // What is installed, from which npm takes the native parts: beside it, where its package.json finds the tarball.
  const place = join(dirname(empty), 'without-natives');
  for (const name of ['package.json', 'package-lock.json', 'node_modules'])
    cpSync(join(empty, name), join(place, name), { recursive: true });
  const words = ['install', '--omit=optional', '--no-audit', '--no-fund'];
  expect(await run('npm', words, place)).toMatchObject({ code: 0 });
  writeFileSync(
    join(place, 'program.cjs'),
    `
const { train, useBackend, zoo } = require('cnn-lineage');
const { drawDigits, openImage } = require('cnn-lineage/data');
(async () => {
  await useBackend('wasm');
  const data = drawDigits({ seed: 1, train: 64, test: 10 });
  const model = zoo.lenet5.build({ classes: 10, seed: 1 });
  const losses = [];
  for await (const { loss } of train({ model, recipe: { ...zoo.lenet5.recipe, epochs: 1 }, data: data.train, seed: 1 })) losses.push(loss);
  console.log(losses.length, losses.every(Number.isFinite));
  const image = await openImage({ file: process.argv[2] }, 3);
  await image.decode().catch((error) => console.log(error.name + ': ' + error.message));
})();
`,
  );
  const photo = join(projectRoot, '__tests__/fixtures/images/stored/baseline.jpg');
  const { code, stdout } = await run(process.execPath, ['program.cjs', photo], place);
  expect(code).toBe(0);
  const [trained, refused] = stdout.split('\n');
  expect(trained).toBe('2 true');
  expect(refused).toMatch(
    /^UserError: decoding and drawing images: expected the package sharp, found that it cannot be loaded \(.+\); npm install --include=optional sharp mends it$/,
  );
}, 240_000);

it('names digits by the weights that it brings, without a set-up, a download or a training', async () => {
  const { pixels, labels } = drawDigits({ seed: 5, train: 10, test: 10 }).test;
  const image = { raw: { width: 28, height: 28, channels: 1 } } as const;
  await sharp(await pixels(Int32Array.of(0)), image).toFile(join(empty, 'digit.png'));
  const words = ['cnn-lineage', 'classify', 'digit.png', '--model', 'lenet5', '--backend', 'wasm', '--json'];
  const { code, stdout } = await run('npx', words);
  expect(code).toBe(0);
  const [found] = JSON.parse(stdout) as [{ readonly predictions: readonly { readonly label: string }[] }];
  expect(found.predictions[0]!.label).toBe(String(labels[0]));
  writeFileSync(
    join(empty, 'pretrained.mjs'),
    `import { loadPretrained, useBackend } from 'cnn-lineage';
    await useBackend('wasm');
    const trained = await loadPretrained('lenet1');
    console.log((await trained.classify('digit.png'))[0].label);`,
  );
  expect((await run(process.execPath, ['pretrained.mjs'])).stdout).toBe(`${labels[0]}\n`);
});

it('writes its playground, whose program it brings, without a bundler', async () => {
  const words = ['cnn-lineage', 'playground', '--out', 'playground.html', '--backend', 'wasm', '--json'];
  const { code, stdout } = await run('npx', words);
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ models: ['lenet5', 'lenet1', 'lecun1989'] });
  const page = readFileSync(join(empty, 'playground.html'), 'utf8');
  const [, packed] = /<script type="text\/plain" id="program">([^<]+)</.exec(page)!;
  const program = gunzipSync(Buffer.from(packed!, 'base64')).toString('utf8');
  expect(program).toContain('WebAssembly');
  expect(() => new Script(program)).not.toThrow();
});

it('has its command, which sets TensorFlow up in the user’s cache, for tfjs-node is not there', async () => {
  const { code, stdout } = await run('npx', ['cnn-lineage', 'describe', 'lenet5', '--json']);
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ parameters: 60_000 });
  expect(await run('npx', ['cnn-lineage', 'setup'])).toMatchObject({ code: 0 });
  const doctor = await run('npx', ['cnn-lineage', 'doctor', '--json']);
  expect(JSON.parse(doctor.stdout)).toMatchObject({ backend: (await useBackend()).backend });
});
