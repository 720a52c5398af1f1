/** Chooses the backend that computes: native TensorFlow, WebGPU, wasm or plain JavaScript. */
import { UserError, messageOf } from '../core/errors';
import { didYouMean } from '../core/text/did-you-mean';
import { tf } from '../core/tf';
import { backendNames, type BackendName } from './backend-names';
import { hasGpu } from './gpu';
import { isSetUp, loadNative } from './native/native';
import { setUpCommand } from './setup/setup';
import { registerWasmTrainingKernels } from './wasm/kernels';
import type { WebgpuAdapter } from './webgpu/adapter';
import { checkWebgpuKernels } from './webgpu/kernel-check';
import { registerWebgpu } from './webgpu/start';

export { backendNames, type BackendName };

/** A better backend that is not in use, and what would make it available. */
export interface PassedOver {
  readonly backend: BackendName;
  readonly why: string;
  readonly fix: string;
}

/** The backend that is in use in this process. */
export interface Runtime {
  readonly backend: BackendName;
  /** The version of native TensorFlow; null on the other backends. */
  readonly tensorflow: string | null;
  /** What webgpu computes on; undefined on the other backends. */
  readonly adapter?: WebgpuAdapter;
  /** Better backends that this machine could use; empty if the user chose the backend. */
  readonly passedOver: readonly PassedOver[];
  /** What the user should know of a backend that was chosen by name. */
  readonly remark?: string;
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

/**
 * The backend that `useBackend` selected before; if there was none, the best one available. What tfjs starts by itself
 * when a model is built, its JavaScript backend, is no choice: an update of AlexNet takes minutes on it.
 */
export async function backendInUse(): Promise<Runtime> {
  if (inUse) return inUse;
  return useBackend(tf.getBackend() === 'wasm' ? 'wasm' : undefined);
}

/**
 * For what builds models only to count them: the backend in use, or tfjs's JavaScript backend, which starts without
 * delay. It does not count as a choice: what computes later selects its own.
 */
export async function backendForCounting(): Promise<Runtime> {
  if (inUse) return inUse;
  if (!tf.getBackend()) await activate('cpu');
  return { backend: 'cpu', tensorflow: null, passedOver: [] };
}

async function chosenBackend(name: string): Promise<Runtime> {
  const backend = backendNames.find((known) => known === name);
  if (!backend)
    throw new UserError(
      `expected a backend of ${backendNames.join(', ')}; found '${name}'${didYouMean(name, backendNames)}`,
    );
  const started = await start(backend);
  if (!('why' in started)) {
    const { adapter } = started;
    return { ...started, passedOver: [], ...(adapter?.software && { remark: onSoftware(adapter) }) };
  }
  throw new UserError(`expected backend ${backend}, found that ${started.why}; to mend it: ${started.fix}`);
}

async function bestBackend(): Promise<Runtime> {
  const passedOver: PassedOver[] = [];
  for (const backend of backendNames) {
    // Without a GPU there is no fallback to report.
    if (backend === 'tensorflow-gpu' && !hasGpu()) continue;
    const started = (backend === 'webgpu' && (await unfitWebgpu())) || (await start(backend));
    if (!('why' in started)) return { ...started, passedOver };
    passedOver.push(started);
  }
  throw new Error(`no backend could be started: ${passedOver.map(({ why }) => why).join('; ')}`);
}

export const noGpu = {
  why: 'there is no NVIDIA GPU with a driver',
  fix: 'install the NVIDIA driver, or use another backend',
};

/**
 * Why WebGPU is not taken where nobody asked for it: it takes a real GPU whose kernels were checked. How fast that is is
 * not known, so native TensorFlow goes before it.
 */
async function unfitWebgpu(): Promise<PassedOver | undefined> {
  const adapter = await registerWebgpu().catch(() => undefined);
  if (!adapter || 'why' in adapter) return undefined; // `start` says why
  const backend = 'webgpu';
  if (adapter.software)
    return { backend, why: onSoftware(adapter), fix: 'LINEAGE_BACKEND=webgpu takes it all the same' };
  const { agrees, worst } = await checkWebgpuKernels();
  if (agrees) return undefined;
  return {
    backend,
    why: `${adapter.description} computes the ${worst.kernel} wrongly`,
    fix: 'install the GPU’s newest driver',
  };
}

/** One line for who computes on an adapter of which a GPU is the wish. */
function onSoftware({ description }: WebgpuAdapter): string {
  return `webgpu computes on ${description}, a program on the processor, which is slower than wasm`;
}

type Started = Omit<Runtime, 'passedOver'> | PassedOver;

/** Starts one backend, or returns why it is not available. */
async function start(backend: BackendName): Promise<Started> {
  switch (backend) {
    case 'tensorflow-gpu':
    case 'tensorflow':
      return startNative(backend);
    case 'webgpu':
      return startWebgpu();
    case 'wasm':
      return startWasm();
    case 'cpu':
      await activate('cpu');
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

async function startWebgpu(): Promise<Started> {
  try {
    const adapter = await registerWebgpu();
    if ('why' in adapter) return { backend: 'webgpu', ...adapter };
    await activate('webgpu');
    return { backend: 'webgpu', tensorflow: null, adapter };
  } catch (error) {
    return {
      backend: 'webgpu',
      why: `it cannot be started (${firstLine(error)})`,
      fix: 'install the GPU’s newest driver, or use another backend',
    };
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

function firstLine(error: unknown): string {
  return messageOf(error).split('\n', 1)[0] ?? '';
}
