/**
 * Compiles the package into an empty `dist`: CommonJS, which is the program; thin ES modules for Node, which hand on
 * the CommonJS exports, so that classes and state exist once; and true ES modules for bundlers of pages.
 */
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { execFileSync } from 'node:child_process';
import { build } from 'esbuild';

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

async function buildForPages(): Promise<void> {
  await build({
    absWorkingDir: root,
    entryPoints: forPages.map((entry) => `${entry}.ts`),
    outdir: join(dist, 'page'),
    outExtension: { '.js': '.mjs' },
    bundle: true,
    splitting: true,
    packages: 'external',
    platform: 'browser',
    format: 'esm',
    target: 'es2022',
    logLevel: 'warning',
  });
}

async function main(): Promise<void> {
  compile();
  copyPrograms();
  entries.forEach(writeModule);
  await buildForPages();
}

void main();
