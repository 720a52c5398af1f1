import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import ts from 'typescript';
import * as library from '../../index';
import { commands } from '../../scripts/commands';
import { projectRoot } from '../support/places';
import { command, ended, temporaryFolder, testOnRealData, type Ended } from '../support/fixtures';

const folder = temporaryFolder();
const guides = [
  'in-code',
  'compile-and-fit',
  'finetune',
  'evaluate',
  'train',
  'features',
  'many-machines',
].map((name) => `${name}.md`);

interface Program {
  readonly guide: string;
  readonly heading: string;
  readonly text: string;
}

/** The programs of a guide, each with the heading that it stands under. */
function programsOf(guide: string): readonly Program[] {
  const text = readFileSync(join(projectRoot, 'docs', guide), 'utf8');
  const sections = text.split(/^(?=#+ )/m);
  return sections.flatMap((section) => {
    const heading = /^#+ (.*)/.exec(section)?.[1] ?? '';
    return [...section.matchAll(/```ts\n([^]*?)```/g)].map(([, program]) => ({
      guide,
      heading,
      text: program!,
    }));
  });
}

const programs = guides.flatMap(programsOf);

/** Runs an ES module in the folder, where `cnn-lineage` is this project as it is compiled for tests. */
function run(text: string): Promise<Ended> {
  const { outputText } = ts.transpileModule(text, {
    compilerOptions: { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2023 },
  });
  writeFileSync(join(folder, 'program.mjs'), outputText);
  return ended(spawn(process.execPath, ['program.mjs'], { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] }));
}

beforeAll(async () => {
  const own = join(folder, 'node_modules', 'cnn-lineage');
  mkdirSync(own, { recursive: true });
  writeFileSync(join(own, 'package.json'), '{"name": "cnn-lineage", "main": "index.js"}');
  const compiled = join(projectRoot, 'dist-for-tests', 'index.js');
  writeFileSync(join(own, 'index.js'), `module.exports = require(${JSON.stringify(compiled)});\n`);
  for (const [place, centre] of [
    ['photos', 20],
    ['more', 17],
    ['new', 23],
  ] as const)
    for (const shape of ['circles', 'squares'] as const)
      await drawShapes(join(folder, place, shape), shape, centre);
});

/** Twelve sizes of a shape. */
async function drawShapes(place: string, shape: 'circles' | 'squares', centre: number): Promise<void> {
  mkdirSync(place, { recursive: true });
  for (let number = 1; number <= 12; number++) {
    const side = 8 + number;
    const corner = centre - side / 2;
    const drawn =
      shape === 'circles'
        ? `<circle cx="${centre}" cy="${centre}" r="${side / 2}" fill="white"/>`
        : `<rect x="${corner}" y="${corner}" width="${side}" height="${side}" fill="white"/>`;
    const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="40" height="40"><rect width="40" height="40"/>${drawn}</svg>`;
    await sharp(Buffer.from(svg))
      .png()
      .toFile(join(place, `${number}.png`));
  }
}

it('has programs that are strictly typed', () => {
  const sources = programs.map(({ text }, number) => {
    const file = join(folder, `program-${number}.mts`);
    writeFileSync(file, text);
    return file;
  });
  const program = ts.createProgram(sources, {
    ...{ strict: true, noEmit: true, skipLibCheck: true, exactOptionalPropertyTypes: true },
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    target: ts.ScriptTarget.ES2023,
    lib: ['lib.es2023.d.ts'],
    typeRoots: [join(projectRoot, 'node_modules', '@types')],
    types: ['node'],
    paths: { 'cnn-lineage': [join(projectRoot, 'index.ts')] },
  });
  // The library's sources are checked by `npm run lint`.
  const found = sources.flatMap((file) =>
    ts
      .getPreEmitDiagnostics(program, program.getSourceFile(file))
      .map(({ messageText }) => `${file}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`),
  );
  expect(found).toEqual([]);
  expect(sources.length).toBeGreaterThan(12);
});

it('tells of every command', () => {
  const text = readFileSync(join(projectRoot, 'docs', 'in-code.md'), 'utf8');
  const headings = [...text.matchAll(/^## (.*)/gm)].flatMap(([, names]) => names!.split(', '));
  const missing = commands.map(({ command: words }) => words.split(' ')[0]!);
  expect(missing.filter((name) => !headings.includes(name))).toEqual([]);
});

it('calls every function of the library in some program', () => {
  const functions = Object.entries(library).flatMap(([name, value]) =>
    typeof value === 'function' && name !== 'UserError' ? [name] : [],
  );
  expect(functions.length).toBeGreaterThan(30);
  const called = (name: string) => programs.some(({ text }) => new RegExp(`\\b${name}\\(`).test(text));
  expect(functions.filter((name) => !called(name))).toEqual([]);
});

const offline = programs.filter(({ heading }) => heading !== 'download');
test.each(
  offline.map((program, at) => [`${at + 1}: ${program.guide}, ${program.heading}`, program] as const),
)('runs program %s', async (_, { text, guide }) => {
  // The guide of fine-tuning names folders that the first guide has made already.
  const anew = guide === 'finetune.md' ? text.replaceAll('runs/flowers', 'runs/flowers-2') : text;
  const { code, stdout, stderr } = await run(anew);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).not.toMatch(/undefined|NaN/);
});

test('the guide of features shows the program that was run in Python', () => {
  const guide = readFileSync(join(projectRoot, 'docs', 'features.md'), 'utf8');
  const file = join(projectRoot, 'scripts', 'peers', 'features', 'search_and_classify.py');
  expect(/```python\n([^]*?)```/.exec(guide)?.[1]).toBe(readFileSync(file, 'utf8'));
});

test('the programs left what they say', () => {
  const has = (path: string) => existsSync(join(folder, path));
  const report = JSON.parse(readFileSync(join(folder, 'runs/digits/report.json'), 'utf8')) as {
    epochs: number;
    command: string;
  };
  expect(report).toMatchObject({ epochs: 2, command: expect.stringMatching(/^trainRun\(\{/) as string });
  expect(
    [
      'runs/shapes/network.json',
      'comparison/compare.html',
      'shapes.safetensors',
      'models/shapes',
      'sheet.png',
    ].filter((path) => !has(path)),
  ).toEqual([]);
  expect(readdirSync(join(folder, 'runs/few-digits'))).toContain('summary.json');
});

test('fine-tuning by the call and by the command gives the same weights', async () => {
  const out = join(folder, 'runs', 'by-command');
  const words = ['--weights', join(folder, 'runs/digits'), '--data', join(folder, 'photos'), '--out', out];
  expect(await command(['finetune', 'lenet5-modern', ...words])).toMatchObject({ code: 0 });
  const weights = (run: string) => readFileSync(join(folder, 'runs', run, 'weights.safetensors'));
  expect(weights('by-command').equals(weights('shapes'))).toBe(true);
});

testOnRealData('downloads what is not there', async (root) => {
  const [{ text }] = programs.filter(({ heading }) => heading === 'download') as [Program];
  const before = process.env['LINEAGE_DATA'];
  process.env['LINEAGE_DATA'] = root;
  try {
    expect(await run(text)).toMatchObject({ code: 0, stdout: '4 60000 10000\n' });
  } finally {
    process.env['LINEAGE_DATA'] = before;
  }
});
