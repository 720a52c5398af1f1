/** Sets native TensorFlow up for this user and this checkout. */
import { createConnection } from 'node:net';
import { makeFolder } from '../../core/io/files';
import { UserError } from '../../core/errors';
import { buildBinding, downloadBinding } from './binding';
import { cacheFolder } from '../cache';
import { withLock } from './lock';
import { builtIn, packageFolders, packageToBuildIn, type Built } from '../native/node-package';
import { Obstacle, obstacle } from './obstacle';
import { namedTensorFlow, tensorFlowIn, type TensorFlow } from './tensorflow';
import { tensorFlowFromWheel } from './wheel';

import { sweep } from '../../core/io/temporary-folder';

/** Which TensorFlow is set up, and who is told. */
export interface SetUpOptions {
  /** TensorFlow with CUDA, for `tensorflow-gpu`. */
  readonly gpu?: boolean;
  readonly environment?: NodeJS.ProcessEnv;
  /** Is called with one line for each step. */
  readonly report?: (line: string) => void;
}

/** What a set-up came to. */
export interface SetUpReport {
  /** TensorFlow's version, or null if it could not be set up and the wasm backend will be used. */
  readonly tensorflow: string | null;
  /** Whether the set-up was already complete. */
  readonly alreadyDone: boolean;
  /** The obstacles in the order in which they occurred. */
  readonly obstacles: readonly { readonly why: string; readonly fix: string }[];
  readonly seconds: number;
}

/**
 * Sets native TensorFlow up for this user and this checkout: from `LINEAGE_TENSORFLOW`, otherwise from the official
 * wheel, otherwise by the package's own download. It can be interrupted at any moment, and two set-ups can run at once.
 *
 * @throws UserError when `LINEAGE_TENSORFLOW` names a folder without TensorFlow
 */
export async function setUp(options: SetUpOptions = {}): Promise<SetUpReport> {
  const { gpu = false, environment = process.env, report = () => {} } = options;
  const started = performance.now();
  const done = (
    built: Built | null,
    alreadyDone: boolean,
    obstacles: readonly Obstacle[] = [],
  ): SetUpReport => ({
    tensorflow: built?.tensorflow ?? null,
    alreadyDone,
    obstacles: obstacles.map(({ why, fix }) => ({ why, fix })),
    seconds: (performance.now() - started) / 1000,
  });
  const named = namedTensorFlow(environment);
  const cache = cacheFolder(environment);
  const before = finished(gpu, cache, named);
  if (before) return done(before, true);
  const obstacles: Obstacle[] = [];
  try {
    await makeFolder(cache).catch((error: Error) => {
      // The user does not have to fix this first: the wasm backend works without a cache.
      throw obstacle(error.cause ?? error, 'the set-up', cache);
    });
    const onWait = (holder: string) => report(`another set-up is running (${holder}); waiting for it`);
    const built = await withLock(cache, onWait, async () => {
      return (
        finished(gpu, cache, named) ?? (await build({ gpu, cache, environment, named, report, obstacles }))
      );
    });
    return done(built, false, obstacles);
  } catch (error) {
    if (error instanceof UserError) throw error;
    return done(null, false, [...obstacles, obstacle(error, 'the set-up', cache)]);
  }
}

/** The finished set-up that meets the request, if there is one. */
function finished(gpu: boolean, cache: string, named: TensorFlow | null): Built | null {
  for (const folder of packageFolders(gpu, cache)) {
    const built = builtIn(folder);
    if (built && built !== 'by the package itself' && (!named || named.folder === built.from)) return built;
  }
  return null;
}

interface Task {
  readonly gpu: boolean;
  readonly cache: string;
  readonly environment: NodeJS.ProcessEnv;
  readonly named: TensorFlow | null;
  readonly report: (line: string) => void;
  /** Grows with each attempt that fails. */
  readonly obstacles: Obstacle[];
}

async function build(task: Task): Promise<Built | null> {
  const { gpu, cache, environment, named, report, obstacles } = task;
  await sweep(cache);
  const step = (what: string, seconds: number) => report(`${what} (${seconds.toFixed(1)} s)`);
  const timed = async <T>(what: string, work: () => Promise<T>): Promise<T> => {
    const started = performance.now();
    const result = await work();
    step(what, (performance.now() - started) / 1000);
    return result;
  };
  const folder = await packageToBuildIn(gpu, cache, environment);
  await sweep(folder);
  try {
    const tensorflow = named ?? (await fromWheel(task, step));
    return await timed('binding compiled', () => buildBinding(folder, tensorflow, environment));
  } catch (error) {
    obstacles.push(obstacle(error, 'setting TensorFlow up', cache));
  }
  if (named) return null;
  try {
    await checkDownload(environment);
    return await timed("the package's own TensorFlow downloaded", () =>
      downloadBinding(folder, gpu, environment),
    );
  } catch (error) {
    const met = obstacle(error, "the package's own download", cache);
    if (!obstacles.some(({ why }) => why === met.why)) obstacles.push(met);
    return null;
  }
}

async function fromWheel(task: Task, onStep: (what: string, seconds: number) => void): Promise<TensorFlow> {
  const processors = task.gpu ? ['x64'] : ['x64', 'arm64'];
  if (process.platform !== 'linux' || !processors.includes(process.arch)) {
    throw new Obstacle(
      `TensorFlow's wheel serves Linux on ${processors.join(' and ')}, this is ${process.platform} on ${process.arch}`,
      'name a TensorFlow with LINEAGE_TENSORFLOW',
    );
  }
  checkLibc();
  const folder = await tensorFlowFromWheel({ ...task, onStep });
  const tensorflow = tensorFlowIn(folder);
  if (!tensorflow) throw new Error(`expected TensorFlow's libraries and headers in ${folder}, found none`);
  return tensorflow;
}

function checkLibc(): void {
  const { header } = process.report.getReport() as { header: { glibcVersionRuntime?: string } };
  if (header.glibcVersionRuntime) return;
  throw new Obstacle(
    'TensorFlow needs glibc, and this system (Alpine, say) has musl',
    'use a system with glibc (Debian, Ubuntu, Fedora), or the wasm backend',
  );
}

/** Checks the download server first, because the package's own installation hangs forever if it does not answer. */
async function checkDownload(environment: NodeJS.ProcessEnv): Promise<void> {
  if (process.platform === 'linux') checkLibc();
  const { TFJS_NODE_CDN_STORAGE, CDN_STORAGE, TFJS_NODE_BASE_URI, HTTPS_PROXY, https_proxy } = environment;
  if (TFJS_NODE_CDN_STORAGE || CDN_STORAGE || TFJS_NODE_BASE_URI || HTTPS_PROXY || https_proxy) return;
  const host = 'storage.googleapis.com';
  await new Promise<void>((resolve, reject) => {
    const unreachable = () => {
      socket.destroy();
      reject(new Obstacle(`the package's own download is out of reach (${host})`, 'check the network'));
    };
    const socket = createConnection({ host, port: 443, timeout: 10_000 }, () => {
      socket.destroy();
      resolve();
    });
    socket.on('error', unreachable).on('timeout', unreachable);
  });
}

/** The command for the set-up: npm's script in a checkout, otherwise the installed program. */
export function setUpCommand(gpu: boolean): string {
  const installed = /[\\/]node_modules[\\/]/.test(__dirname);
  if (installed) return `npx cnn-lineage setup${gpu ? ' --gpu' : ''}`;
  return `npm run setup${gpu ? ' -- --gpu' : ''}`;
}
