/**
 * Compiles the package into an empty `dist`: CommonJS, which is the program; thin ES modules for Node, which hand on
 * the CommonJS exports, so that classes and state exist once; and true ES modules for bundlers of pages.
 */
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, join } from 'node:path';
import { execFileSync } from 'node:child_process';
import { build, type Plugin } from 'esbuild';
import { bundledScript, ownScripts, scriptsFolder } from '../../src/workflows/weights/page-scripts';
import { bundledProgram, programFile } from '../../src/workflows/weights/playground/program';
import ts from 'typescript';
import { trainedNames } from '../../src/weights/trained-names';

const root = join(__dirname, '..', '..');
const dist = join(root, 'dist');
const load = createRequire(__filename);

/** The entry points, by their files; those for pages import nothing of Node. */
const entries = ['index', 'networks', 'layers', 'data', 'weights', 'report', 'browser'];
const forPages = ['networks', 'layers', 'browser'];

function compile(): void {
  rmSync(dist, { recursive: true, force: true });
  execFileSync(process.execPath, [load.resolve('typescript/bin/tsc'), '-p', 'tsconfig.build.json'], {
    cwd: root,
    stdio: 'inherit',
  });
  // The compiler copies what pages import as JSON; the package has the whole folder beside dist.
  rmSync(join(dist, 'trained'), { recursive: true, force: true });
}

/** What `bench --peers` runs in Python lies beside what starts it. */
function copyPrograms(): void {
  const python = join('scripts', 'peers', 'bench', 'python');
  const files = ['keras_peer.py', 'torch_peer.py', 'torch_data.py', 'peer.py', 'requirements.txt'];
  mkdirSync(join(dist, python), { recursive: true });
  for (const file of files) cpSync(join(root, python, file), join(dist, python, file));
}

/** An entry point as an ES module in Node: names that tools can see, values of the CommonJS module. */
function writeModule(entry: string): void {
  const says = /^\/\*\*[^]*?\*\//.exec(readFileSync(join(root, `${entry}.ts`), 'utf8'))![0];
  const names = Object.keys(load(join(dist, `${entry}.js`)) as object).filter(
    (name) => name !== '__esModule',
  );
  const lines = names.sort().map((name) => `export const ${name} = entry.${name};`);
  writeFileSync(
    join(dist, `${entry}.mjs`),
    [says, `import entry from './${entry}.js';`, ...lines, ''].join('\n'),
  );
  writeFileSync(join(dist, `${entry}.d.mts`), `${says}\nexport * from './${entry}.js';\n`);
}

/** Files of bytes that become modules of pages, so that no bundler has to be told of them: from where, and where to. */
const wasm = '@tensorflow/tfjs-backend-wasm/wasm-out/tfjs-backend-wasm-simd.wasm';
const bytes = [
  { in: load.resolve(wasm), out: join('src', 'browser', basename(wasm)) },
  ...trainedNames.flatMap((name) =>
    ['network.json', 'weights.safetensors'].map((file) => {
      const path = join('trained', name, file);
      return { in: path, out: path };
    }),
  ),
];

/**
 * True ES modules, one for each source file, so that a bundler leaves out what a page does not use; packages are left to
 * the bundler.
 */
async function buildForPages(): Promise<void> {
  const options = {
    absWorkingDir: root,
    outdir: join(dist, 'page'),
    outExtension: { '.js': '.mjs' },
    bundle: true,
    platform: 'browser',
    format: 'esm',
    target: 'es2022',
    logLevel: 'warning',
  } as const;
  await build({ ...options, entryPoints: await sourcesForPages(), outbase: root, plugins: [modulesApart] });
  await build({ ...options, entryPoints: bytes, loader: { '.wasm': 'binary', '.safetensors': 'binary' } });
}

/** The source files on which the entry points for pages depend. */
async function sourcesForPages(): Promise<string[]> {
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: forPages.map((entry) => `${entry}.ts`),
    bundle: true,
    write: false,
    metafile: true,
    packages: 'external',
    external: ['*.safetensors', '*.json'],
    outdir: dist,
    format: 'esm',
  });
  return Object.keys(metafile.inputs);
}

/**
 * A module of the networks whose constants bundlers drop where a page does not use them. By itself none does so with a
 * spread, a call or a property that is read, which might have an effect for all it knows.
 */
function droppable(path: string): string {
  const text = readFileSync(path, 'utf8');
  const { statements } = ts.createSourceFile(path, text, ts.ScriptTarget.Latest);
  const initialisers = statements
    .filter(ts.isVariableStatement)
    .flatMap(({ declarationList }) => declarationList.declarations)
    .flatMap(({ initializer: made }) =>
      made && !ts.isArrowFunction(made) && !ts.isLiteralExpression(made) ? [made] : [],
    );
  return initialisers.reduceRight(
    (left, { pos, end }) =>
      `${left.slice(0, pos)} /* @__PURE__ */ (() => (${left.slice(pos, end)}))()${left.slice(end)}`,
    text,
  );
}

/** Leaves imports as they are, by the names of the modules that sources and files of bytes become. */
const modulesApart: Plugin = {
  name: 'modules apart',
  setup: ({ onLoad, onResolve }) => {
    onLoad({ filter: /\/models\/.*\.ts$/ }, ({ path }) => ({ contents: droppable(path), loader: 'ts' }));
    onResolve({ filter: /./ }, ({ path, kind, resolveDir }) => {
      if (kind === 'entry-point') return undefined;
      if (path === wasm) return { path: `./${basename(wasm)}.mjs`, external: true };
      if (!path.startsWith('.')) return { path, external: true };
      const isFolder = existsSync(join(resolveDir, path, 'index.ts'));
      return { path: `${path}${isFolder ? '/index' : ''}.mjs`, external: true };
    });
  },
};

/** The scripts of an exported model's page and of the playground, which an installed package cannot bundle. */
async function buildPageScripts(): Promise<void> {
  mkdirSync(join(root, scriptsFolder), { recursive: true });
  for (const name of ownScripts)
    writeFileSync(join(root, scriptsFolder, `${name}.js`), await bundledScript(root, name));
  writeFileSync(join(root, programFile), await bundledProgram(root));
}

async function main(): Promise<void> {
  compile();
  copyPrograms();
  entries.forEach(writeModule);
  await buildForPages();
  await buildPageScripts();
}

void main();
