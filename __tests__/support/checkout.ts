import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  realpathSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { cacheFolder } from '../../src/runtime/cache';
import { builtIn, packageFolders, packageName } from '../../src/runtime/native/node-package';
import { ended, type Ended } from './fixtures';
import { projectRoot } from './places';

const root = projectRoot;
const ownPackages = ['tfjs-node', 'tfjs-node-gpu'];

/**
 * A checkout of this source whose Node packages are its own and not set up, as a user has them who installed them
 * beside this one; all else in its node_modules is linked. Without `packages` they are missing, as npm leaves them.
 */
export function checkout(folder: string, { packages = true } = {}): string {
  const files = ['index.ts', 'report.ts', 'verbs.ts', 'package.json', 'tsconfig.json'];
  for (const name of ['src', 'scripts', 'models', 'experiments', 'trained', ...files])
    cpSync(join(root, name), join(folder, name), { recursive: true });
  const modules = join(folder, 'node_modules');
  mkdirSync(modules, { recursive: true });
  link(join(root, 'node_modules'), modules);
  if (!packages) return folder;
  for (const gpu of [false, true]) {
    const [original] = packageFolders(gpu, cacheFolder());
    if (original === undefined) continue;
    link(join(original, '..', '..'), modules); // what it depends on
    copyWithoutSetUp(original, join(modules, packageName(gpu)));
  }
  return folder;
}

/** Links to what a folder of modules holds, but for the Node packages and what is there already. */
function link(from: string, to: string): void {
  for (const name of readdirSync(from)) {
    const [original, copy] = [join(from, name), join(to, name)];
    if (name.startsWith('@')) {
      mkdirSync(copy, { recursive: true });
      link(original, copy);
    } else if (!ownPackages.includes(name) && !existsSync(copy)) symlinkSync(original, copy);
  }
}

function copyWithoutSetUp(original: string, copy: string): void {
  mkdirSync(copy);
  for (const name of readdirSync(original)) {
    if (!['deps', 'lib'].includes(name) && !name.startsWith('.making')) {
      cpSync(join(original, name), join(copy, name), { recursive: true });
    }
  }
}

export interface Running {
  readonly process: ChildProcess;
  readonly ended: Promise<Ended>;
}

/** This machine's settings without any of this program's, and without a way to the package's own download. */
export function plainEnvironment(changes: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !/^(LINEAGE_|TF_|npm_)/.test(name));
  return { ...Object.fromEntries(kept), TFJS_NODE_BASE_URI: 'http://127.0.0.1:9/', ...changes };
}

/** Starts a command of a checkout as a user would; `before` are words to put before `node`. */
export function startCommand(
  folder: string,
  words: readonly string[],
  changes: NodeJS.ProcessEnv = {},
  before: readonly string[] = [],
): Running {
  const line = [...before, process.execPath, '--import', 'tsx', 'scripts/cnn-lineage.ts', ...words];
  const child = spawn(line[0]!, line.slice(1), {
    cwd: folder,
    env: plainEnvironment(changes),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  return { process: child, ended: ended(child) };
}

export async function runCommand(...parameters: Parameters<typeof startCommand>): Promise<Ended> {
  return startCommand(...parameters).ended;
}

/** What `doctor --json` says in a checkout. */
export async function doctorIn(
  folder: string,
  changes: NodeJS.ProcessEnv = {},
): Promise<Record<string, unknown>> {
  const { stdout, stderr } = await runCommand(folder, ['doctor', '--json'], changes);
  if (!stdout) throw new Error(stderr);
  return JSON.parse(stdout) as Record<string, unknown>;
}

/** A folder for `PATH` that holds these programs and nothing else. */
export function pathWith(folder: string, programs: readonly string[]): string {
  mkdirSync(folder, { recursive: true });
  for (const name of programs) symlinkSync(programFile(name), join(folder, name));
  return folder;
}

/** A program's own file: behind a Python version manager's wrapper lies the real one. */
export function programFile(name: string): string {
  const [program, words] =
    name === 'python3' ? [name, ['-c', 'import sys; print(sys.executable)']] : ['which', [name]];
  return realpathSync(execFileSync(program, words, { encoding: 'utf8' }).trim());
}

/** A program of that name, written in the shell's language. */
export function fakeProgram(folder: string, name: string, script: string): void {
  writeFileSync(join(folder, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
}

/** The TensorFlow that this checkout was set up with, for set-ups that need not fetch one. */
export function ownTensorFlow(): string {
  for (const folder of packageFolders(false, cacheFolder())) {
    const built = builtIn(folder);
    if (built && built !== 'by the package itself') return built.from;
  }
  throw new Error('expected this checkout to be set up (npm run setup), found that it is not');
}

/** Makes a cache that holds a finished TensorFlow, so that a set-up there compiles and fetches nothing. */
export function cacheWithTensorFlow(cache: string): string {
  mkdirSync(cache);
  symlinkSync(dirname(ownTensorFlow()), join(cache, `tensorflow-cpu-2.21.0-${process.arch}`));
  return cache;
}

/** Waits until something is true. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await sleep(5);
}

/** Whether a set-up under way has begun to unpack TensorFlow's library. */
export function isUnpacking(cache: string): boolean {
  if (!existsSync(cache)) return false;
  const library = join('unpacked', 'tensorflow', 'libtensorflow_cc.so.2');
  const makings = readdirSync(cache).filter((name) => name.startsWith('.making-'));
  return makings.some((name) => existsSync(join(cache, name, library)));
}
