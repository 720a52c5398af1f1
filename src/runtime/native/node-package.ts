/** Finds the Node packages of TensorFlow.js, and what was built in them. */
import { accessSync, constants, existsSync, readFileSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { replaceFolder } from '../cache';
import { haveSizes, type FileSizes } from '../setup/file-sizes';
import { Obstacle, obstacle } from '../setup/obstacle';
import { ProgramFailed, runProgram } from '../setup/run-program';
import { temporaryFolder } from '../../core/io/temporary-folder';
import { tf } from '../../core/tf';

const fromHere = createRequire(__filename);

/** The release of TensorFlow.js that this program uses; its Node packages have the same version number. */
export const tfjsVersion = tf.version_core;

/** The symbol under which a package copy in the cache finds the TensorFlow.js of the program that loads it. */
export const sharedTfjs = Symbol.for('cnn-lineage.tfjs');

export function packageName(gpu: boolean): string {
  return gpu ? '@tensorflow/tfjs-node-gpu' : '@tensorflow/tfjs-node';
}

/** The note that a finished set-up leaves next to the binding. */
export interface Built {
  readonly tensorflow: string;
  /** The folder whose libraries the binding is linked to. */
  readonly from: string;
  readonly sizes: FileSizes;
}

export const bindingFile = join('lib', 'napi-v8', 'tfjs_binding.node');
export const builtFile = join('lib', 'napi-v8', 'cnn-lineage.json');

/** The package's folders, best first: in node_modules, then the copy in the user's cache. */
export function packageFolders(gpu: boolean, cache: string): string[] {
  const cached = join(cachedPackage(gpu, cache), 'node_modules', packageName(gpu));
  return [installedPackage(gpu), existsSync(cached) ? cached : null].filter((folder) => folder !== null);
}

function installedPackage(gpu: boolean): string | null {
  try {
    return dirname(fromHere.resolve(`${packageName(gpu)}/package.json`));
  } catch {
    return null;
  }
}

function cachedPackage(gpu: boolean, cache: string): string {
  return join(cache, `${gpu ? 'tfjs-node-gpu' : 'tfjs-node'}-${tfjsVersion}`);
}

/**
 * The note that the set-up left in a package's folder, or null if it is missing or files are no longer complete. A
 * binding without such a note comes from the package's own installation, whose TensorFlow version is known only when
 * it runs.
 */
export function builtIn(folder: string): Built | 'by the package itself' | null {
  if (!existsSync(join(folder, bindingFile))) return null;
  if (!existsSync(join(folder, builtFile))) return 'by the package itself';
  try {
    const built = JSON.parse(readFileSync(join(folder, builtFile), 'utf8')) as Built;
    return haveSizes(folder, built.sizes) ? built : null;
  } catch {
    return null;
  }
}

/** The package in which to build: in node_modules if it is writable, otherwise a copy in the user's cache. */
export async function packageToBuildIn(
  gpu: boolean,
  cache: string,
  environment: NodeJS.ProcessEnv,
): Promise<string> {
  const installed = installedPackage(gpu);
  if (installed && isWritable(installed)) return installed;
  const folder = cachedPackage(gpu, cache);
  const inside = join(folder, 'node_modules', packageName(gpu));
  if (!existsSync(inside)) await fetchPackage(gpu, cache, folder, environment);
  return inside;
}

function isWritable(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

/**
 * Installs the package into the cache without running its scripts. Its TensorFlow.js is replaced by a stand-in that
 * returns the running program's: a second copy would register every kernel again, with other classes.
 */
async function fetchPackage(gpu: boolean, cache: string, folder: string, environment: NodeJS.ProcessEnv) {
  const temporary = await temporaryFolder(cache);
  try {
    const made = join(temporary, 'package');
    const dependencies: Record<string, string> = { [packageName(gpu)]: tfjsVersion };
    for (const name of ['tfjs', 'tfjs-core']) {
      const standIn = join(made, name);
      await mkdir(standIn, { recursive: true });
      const description = { name: `@tensorflow/${name}`, version: tfjsVersion, main: 'index.js' };
      await writeFile(join(standIn, 'package.json'), JSON.stringify(description));
      const program = `module.exports = globalThis[Symbol.for('${sharedTfjs.description}')];\n`;
      await writeFile(join(standIn, 'index.js'), program);
      dependencies[description.name] = `file:./${name}`;
    }
    await writeFile(join(made, 'package.json'), JSON.stringify({ private: true, dependencies }));
    const flags = '--ignore-scripts --no-audit --no-fund --no-package-lock --omit=dev --loglevel=error'.split(
      ' ',
    );
    await runProgram('npm', ['install', ...flags], { folder: made, environment });
    await replaceFolder(made, folder, temporary);
  } catch (error) {
    if (error instanceof ProgramFailed && error.missing) {
      throw new Obstacle('npm is not there', 'install npm, which comes with Node.js');
    }
    throw obstacle(error, `fetching ${packageName(gpu)} with npm`, cache);
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}
