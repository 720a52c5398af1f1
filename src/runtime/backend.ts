/** Chooses the backend that computes: native TensorFlow, wasm or plain JavaScript. */
import { UserError, messageOf } from '../core/errors';
import { tf } from '../core/tf';
import { hasGpu } from './gpu';
import { isSetUp, loadNative } from './native/native';
import { setUpCommand } from './setup/setup';
import { registerWasmTrainingKernels } from './wasm/kernels';

/** The names by which users choose the backends, best first. */
export const backendNames = ['tensorflow-gpu', 'tensorflow', 'wasm', 'cpu'] as const;
/** The name of a backend. */
export type BackendName = (typeof backendNames)[number];

/** A better backend that is not in use, and what would make it available. */
export interface PassedOver {
  readonly backend: BackendName;
  readonly why: string;
  readonly fix: string;
}

/** The backend that is in use in this process. */
export interface Runtime {
  readonly backend: BackendName;
  /** The version of native TensorFlow; null on wasm and cpu. */
  readonly tensorflow: string | null;
  /** Better backends that this machine could use; empty if the user chose the backend. */
  readonly passedOver: readonly PassedOver[];
}

let inUse: Promise<Runtime> | undefined;
let askedFor: string | undefined;

/**
 * Selects the backend: `wanted`, otherwise the one that `LINEAGE_BACKEND` names, otherwise the best one available.
 * Costs nothing if it is already in use; may be called again with another name.
 *
 * @throws UserError when a chosen backend has an unknown name or is not available; the message says what to do
 */
export async function useBackend(wanted?: BackendName): Promise<Runtime> {
  const name = wanted ?? (process.env.LINEAGE_BACKEND || 'best');
  if (!inUse || askedFor !== name) {
    askedFor = name;
    inUse = name === 'best' ? bestBackend() : chosenBackend(name);
    inUse.catch(() => {
      inUse = undefined;
    });
  }
  return inUse;
}

async function chosenBackend(name: string): Promise<Runtime> {
  const backend = backendNames.find((known) => known === name);
  if (!backend) throw new UserError(`expected a backend of ${backendNames.join(', ')}; found '${name}'`);
  const started = await start(backend);
  if (!('why' in started)) return { ...started, passedOver: [] };
  throw new UserError(`expected backend ${backend}, found that ${started.why}; to mend it: ${started.fix}`);
}

async function bestBackend(): Promise<Runtime> {
  const passedOver: PassedOver[] = [];
  for (const backend of backendNames) {
    // Without a GPU there is no fallback to report.
    if (backend === 'tensorflow-gpu' && !hasGpu()) continue;
    const started = await start(backend);
    if (!('why' in started)) return { ...started, passedOver };
    passedOver.push(started);
  }
  throw new Error(`no backend could be started: ${passedOver.map(({ why }) => why).join('; ')}`);
}

export const noGpu = {
  why: 'there is no NVIDIA GPU with a driver',
  fix: 'install the NVIDIA driver, or use another backend',
};

type Started = Omit<Runtime, 'passedOver'> | PassedOver;

/** Starts one backend, or returns why it is not available. */
async function start(backend: BackendName): Promise<Started> {
  switch (backend) {
    case 'tensorflow-gpu':
    case 'tensorflow':
      return startNative(backend);
    case 'wasm':
      return startWasm();
    case 'cpu':
      await activate('cpu');
      hushHint();
      return { backend, tensorflow: null };
    default:
      return backend satisfies never;
  }
}

async function startNative(backend: 'tensorflow-gpu' | 'tensorflow'): Promise<Started> {
  const gpu = backend === 'tensorflow-gpu';
  const command = setUpCommand(gpu);
  if (gpu && !hasGpu()) return { backend, ...noGpu };
  if (!isSetUp(gpu)) return { backend, why: 'it is not set up', fix: command };
  try {
    const { tensorflow, onGpu } = loadNative(gpu);
    if (gpu && !onGpu) {
      return {
        backend,
        why: 'TensorFlow finds no GPU it can use',
        fix: 'TF_CPP_MIN_LOG_LEVEL=0 shows what it lacks',
      };
    }
    await activate('tensorflow');
    return { backend, tensorflow };
  } catch (error) {
    if (error instanceof UserError) return { backend, why: error.message, fix: 'start a new process' };
    return { backend, why: `it cannot be loaded (${firstLine(error)})`, fix: command };
  }
}

async function startWasm(): Promise<Started> {
  try {
    await import('@tensorflow/tfjs-backend-wasm');
    await activate('wasm');
    registerWasmTrainingKernels();
    return { backend: 'wasm', tensorflow: null };
  } catch (error) {
    return {
      backend: 'wasm',
      why: `it cannot be started (${firstLine(error)})`,
      fix: 'install the package again',
    };
  }
}

async function activate(name: string): Promise<void> {
  if (tf.getBackend() !== name && !(await tf.setBackend(name))) throw new Error(`${name} did not start`);
  await tf.ready();
}

/** The cpu backend, when first used in Node, recommends installing another one; here that choice is already made. */
function hushHint(): void {
  (tf.findBackend('cpu') as { firstUse?: boolean }).firstUse = false;
}

function firstLine(error: unknown): string {
  return messageOf(error).split('\n', 1)[0] ?? '';
}
