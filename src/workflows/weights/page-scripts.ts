/** The scripts of an exported model's page: TensorFlow.js, and ours of `src/browser/exported`. */
import type * as Esbuild from 'esbuild';
import { readFile } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { loadedWhenUsed } from '../../core/io/process/optional-package';
import { packageFolder } from '../data/found-path';

/** Bundles from the sources of a checkout; the package brings what it made of them. */
const esbuild = loadedWhenUsed<typeof Esbuild>('esbuild', 'bundling the scripts of a page');

/** The names of our scripts. */
export const ownScripts = ['classify', 'page'] as const;

/** Where the package has them. */
export const scriptsFolder = join('dist', 'page', 'exported');

/** The texts of all scripts, by their names beside the page. */
export async function pageScripts(): Promise<Readonly<Record<string, string>>> {
  const own = await Promise.all(
    ownScripts.map(async (name) => [`${name}.js`, await scriptOf(name)] as const),
  );
  return { 'tf.min.js': await tensorflow(), ...Object.fromEntries(own) };
}

async function scriptOf(name: (typeof ownScripts)[number]): Promise<string> {
  return builtOr(join(scriptsFolder, `${name}.js`), (home) => bundledScript(home, name));
}

/**
 * A script that the package brings bundled; in a checkout it is bundled of the sources.
 * @param file where the package has it
 * @param bundle makes it of the sources, in the checkout's folder
 */
export async function builtOr(file: string, bundle: (home: string) => Promise<string>): Promise<string> {
  const home = packageFolder();
  const isBuilt = __dirname.startsWith(join(home, 'dist') + sep);
  return isBuilt ? readFile(join(home, file), 'utf8') : bundle(home);
}

/** A script of the page, of its source and all that it imports; what it exports becomes global. */
export async function bundledScript(home: string, name: (typeof ownScripts)[number]): Promise<string> {
  const { outputFiles } = await esbuild().build({
    absWorkingDir: home,
    entryPoints: [join('src', 'browser', 'exported', `${name}.ts`)],
    bundle: true,
    write: false,
    platform: 'browser',
    format: 'iife',
    globalName: `${name}Script`,
    footer: { js: `Object.assign(globalThis, ${name}Script);` },
    target: 'es2022',
    logLevel: 'warning',
  });
  return outputFiles[0]!.text;
}

/** TensorFlow.js, of the parts that run a graph in a browser and add to each other's `tf`. */
async function tensorflow(): Promise<string> {
  const parts = ['core', 'converter', 'backend-cpu', 'backend-webgl'].map((part) =>
    readFile(require.resolve(`@tensorflow/tfjs-${part}/dist/tf-${part}.min.js`), 'utf8'),
  );
  return (await Promise.all(parts)).map(withoutSourceMap).join('\n');
}

/** The maps that it names are not beside the page. */
function withoutSourceMap(script: string): string {
  return script.replace(/\/\/# sourceMappingURL=\S+\s*$/, '');
}
