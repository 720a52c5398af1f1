/**
 * Bundles a page by each of four bundlers as it comes: for the tests, which start it as a program
 * (`npx tsx scripts/package/bundle.ts JOBS`, a JSON array of `Job`s), and for `sizes.ts`.
 */
import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';

export const bundlers = ['esbuild', 'rollup', 'vite', 'webpack'] as const;

/** What is bundled. */
export interface Job {
  readonly bundler: (typeof bundlers)[number];
  /** A module, or for vite a page. */
  readonly entry: string;
  /** The folder that is written. */
  readonly out: string;
  /** Whether TensorFlow.js is left out. */
  readonly besideTfjs: boolean;
  /** Default: true, but for rollup, which does not. */
  readonly minify?: boolean;
}

/** What became of it. */
export interface Bundled {
  readonly warnings: readonly string[];
  /** The files that are in it. */
  readonly modules: readonly string[];
  /** The files that a page loads at once, as opposed to those that it asks for later; of rollup not minified. */
  readonly first: readonly string[];
}

const tfjs = /^@tensorflow\//;

export async function bundle(job: Job): Promise<Bundled> {
  switch (job.bundler) {
    case 'esbuild':
      return byEsbuild(job);
    case 'rollup':
      return byRollup(job);
    case 'vite':
      return byVite(job);
    case 'webpack':
      return byWebpack(job);
    default:
      return job.bundler satisfies never;
  }
}

async function byEsbuild({ entry, out, besideTfjs, minify = true }: Job): Promise<Bundled> {
  const { build } = await import('esbuild');
  const { metafile, warnings } = await build({
    entryPoints: [entry],
    outdir: out,
    bundle: true,
    splitting: true,
    minify,
    format: 'esm',
    metafile: true,
    logLevel: 'silent',
    ...(besideTfjs && { external: ['@tensorflow/*'] }),
  });
  const written = Object.entries(metafile.outputs);
  const first = new Set(
    written.flatMap(([file, { entryPoint }]) =>
      entryPoint?.endsWith(entry.split('/').at(-1)!) ? [file] : [],
    ),
  );
  for (const file of first)
    for (const { path, kind, external } of metafile.outputs[file]!.imports)
      if (kind === 'import-statement' && !external) first.add(path);
  return {
    warnings: warnings.map(({ text, location }) => `${location?.file ?? ''}: ${text}`),
    modules: Object.keys(metafile.inputs),
    first: [...first],
  };
}

/** With the two plug-ins that packages of npm need. */
async function byRollup({ entry, out, besideTfjs }: Job): Promise<Bundled> {
  const { rollup } = await import('rollup');
  const { nodeResolve } = await import('@rollup/plugin-node-resolve');
  const { default: commonjs } = await import('@rollup/plugin-commonjs');
  const warnings: string[] = [];
  const bundled = await rollup({
    input: entry,
    // Their types are those of ES modules alone.
    plugins: [
      nodeResolve({ browser: true }),
      (commonjs as unknown as () => ReturnType<typeof nodeResolve>)(),
    ],
    onwarn: ({ message, id, loc }) => warnings.push(`${id ?? loc?.file ?? ''}: ${message}`),
    ...(besideTfjs && { external: tfjs }),
  });
  const { output } = await bundled.write({ dir: out, format: 'es' });
  await bundled.close();
  return { warnings, ...chunksOf(output, out) };
}

async function byVite({ entry, out, besideTfjs, minify = true }: Job): Promise<Bundled> {
  const { build, createLogger } = await import('vite');
  const warnings: string[] = [];
  const warn = (text: string) => void warnings.push(text);
  const found = await build({
    root: dirname(entry),
    configFile: false,
    customLogger: { ...createLogger('silent'), warn, warnOnce: warn },
    build: {
      outDir: out,
      emptyOutDir: true,
      minify,
      ...(besideTfjs && {
        modulePreload: false,
        rolldownOptions: { input: entry, external: tfjs, preserveEntrySignatures: 'strict' },
      }),
    },
  });
  const { output } = (Array.isArray(found) ? found[0] : found) as { output: readonly Chunk[] };
  return { warnings, ...chunksOf(output, out) };
}

/** What rollup and vite say of a file that they wrote. */
interface Chunk {
  readonly fileName: string;
  readonly isEntry?: boolean;
  readonly imports?: readonly string[];
  readonly moduleIds?: readonly string[];
}

function chunksOf(output: readonly Chunk[], out: string): Pick<Bundled, 'first' | 'modules'> {
  const chunks = new Map(output.map((chunk) => [chunk.fileName, chunk]));
  const first = new Set(output.flatMap(({ fileName, isEntry }) => (isEntry ? [fileName] : [])));
  for (const name of first)
    for (const imported of chunks.get(name)!.imports ?? []) if (chunks.has(imported)) first.add(imported);
  // What is imported and was not written is a module of Node, or left out.
  const others = output.flatMap(({ imports = [] }) => imports.filter((name) => !chunks.has(name)));
  const modules = output.flatMap(({ moduleIds = [] }) => moduleIds);
  return { first: [...first].map((name) => join(out, name)), modules: [...modules, ...others] };
}

async function byWebpack({ entry, out, besideTfjs, minify = true }: Job): Promise<Bundled> {
  const { default: webpack } = await import('webpack');
  const compiler = webpack({
    mode: 'production',
    context: dirname(entry),
    entry,
    optimization: { minimize: minify },
    output: { path: out, filename: 'main.js', ...(besideTfjs && { library: { type: 'module' } }) },
    ...(besideTfjs && { experiments: { outputModule: true }, externalsType: 'module', externals: [tfjs] }),
  });
  const stats = await new Promise<NonNullable<Parameters<Parameters<typeof compiler.run>[0]>[1]>>(
    (resolve, reject) => compiler.run((error, found) => (found ? resolve(found) : reject(error!))),
  );
  const {
    errors = [],
    warnings = [],
    modules = [],
  } = stats.toJson({
    all: false,
    errors: true,
    warnings: true,
    modules: true,
    nestedModules: true,
    modulesSpace: Infinity,
    nestedModulesSpace: Infinity,
  });
  if (errors.length > 0) throw new Error(errors.map(({ message }) => message).join('\n'));
  await new Promise((resolve) => compiler.close(resolve));
  const names = modules.flatMap(({ name, modules: nested = [] }) => [
    name,
    ...nested.map((each) => each.name),
  ]);
  return {
    warnings: warnings.map(({ message, moduleName }) => `${moduleName ?? ''}: ${message}`),
    modules: names.filter((name) => name !== undefined),
    first: [join(out, 'main.js')],
  };
}

/** Bytes of files, as they are and gzipped. */
export function sizeOf(files: readonly string[]): { readonly bytes: number; readonly gzipped: number } {
  const contents = files.map((file) => readFileSync(file));
  const sum = (numbers: readonly number[]) => numbers.reduce((all, each) => all + each, 0);
  return {
    bytes: sum(contents.map((content) => content.length)),
    gzipped: sum(contents.map((content) => gzipSync(content, { level: 9 }).length)),
  };
}

/** The scripts in a folder. */
export function scriptsIn(folder: string): readonly string[] {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  return names.filter((name) => /\.m?js$/.test(name)).map((name) => join(folder, name));
}

async function main(jobs: readonly Job[]): Promise<void> {
  const found: Bundled[] = [];
  for (const job of jobs) found.push(await bundle(job));
  console.log(JSON.stringify(found));
}

if (require.main === module) void main(JSON.parse(process.argv[2]!) as Job[]);
