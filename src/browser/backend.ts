/** Chooses what computes in a page: the graphics card by WebGPU or WebGL, WebAssembly, or plain JavaScript. */
import type { MathBackendWebGL as WebglBackend } from '@tensorflow/tfjs-backend-webgl';
import { UserError, messageOf } from '../core/errors';
import { didYouMean } from '../core/text/did-you-mean';
import { expectOptions } from '../core/given/options';
import { tf } from '../core/tf';
import { registerWasmTrainingKernels } from '../runtime/wasm/kernels';
import { described, requestDevice, type Gpu } from '../runtime/webgpu/device';
import { guardedBackend, type BaseClass } from '../runtime/webgpu/guarded-backend';

/** The backends of a page, best first. */
export const pageBackends = ['webgpu', 'webgl', 'wasm', 'cpu'] as const;

/** One of `pageBackends`. */
export type PageBackend = (typeof pageBackends)[number];

/** A better backend that is not in use, and why. */
export interface PagePassedOver {
  readonly backend: PageBackend;
  readonly why: string;
}

/** What computes in this page. */
export interface PageRuntime {
  readonly backend: PageBackend;
  /** What the browser says of the graphics card; null for WebAssembly and JavaScript, or where it says nothing. */
  readonly device: string | null;
  /** Whether the graphics card is imitated by the processor, which is slower than WebAssembly. */
  readonly software: boolean;
  /** Better backends; empty if the caller chose this one. */
  readonly passedOver: readonly PagePassedOver[];
}

/** How a backend is started. */
export interface PageBackendOptions {
  /**
   * Where the wasm backend's `.wasm` files lie: a folder's address with a slash at its end, or an address for each file,
   * as `setWasmPaths` of `@tensorflow/tfjs-backend-wasm` takes them. Default: the one that is part of the bundle, which
   * has SIMD and no threads.
   */
  readonly wasmPaths?: string | Readonly<Record<string, string>> | undefined;
}

interface Device extends Omit<PageRuntime, 'passedOver'> {
  /** Whether the device, and all that lay on it, is gone. */
  readonly lost: () => boolean;
  /** Called when it is, by those that wait for it; null of a device that stays. */
  readonly waiting: Set<() => void> | null;
}

/** What the processor computes on stays. */
const lasting = { device: null, software: false, lost: () => false, waiting: null } as const;

let inUse: { readonly device: Device; readonly runtime: PageRuntime } | undefined;

/**
 * Selects the backend: `wanted`, otherwise the best one that this browser has. A graphics card that is imitated by
 * software, or computes in half precision only, is passed over unless it is asked for. May be called again, also after
 * a device was lost, which then starts afresh: models that lay on it have to be built or opened again.
 * @throws UserError when a chosen backend has an unknown name or is not available; the message says why
 */
export async function useBackend(
  wanted?: PageBackend,
  options: PageBackendOptions = {},
): Promise<PageRuntime> {
  if (wanted !== undefined && !pageBackends.includes(wanted))
    throw new UserError(
      `useBackend: expected a backend of ${pageBackends.join(', ')}, found ${String(wanted)}${didYouMean(String(wanted), pageBackends)}`,
    );
  expectOptions('useBackend', options, { wasmPaths: 'optional' });
  if (inUse && !inUse.device.lost() && (wanted ?? inUse.runtime.backend) === inUse.runtime.backend)
    return wanted === undefined ? inUse.runtime : { ...inUse.runtime, passedOver: [] };
  const passedOver: PagePassedOver[] = [];
  for (const backend of wanted === undefined ? pageBackends : [wanted]) {
    const started = await start(backend, wanted !== undefined, options);
    if ('why' in started) {
      passedOver.push(started);
      continue;
    }
    const { lost: _, waiting: __, ...facts } = started;
    inUse = { device: started, runtime: { ...facts, passedOver } };
    return inUse.runtime;
  }
  const reasons = passedOver.map(({ backend, why }) => `${backend}: ${why}`).join('; ');
  throw new UserError(`useBackend: expected a backend that this browser has, found none (${reasons})`);
}

/** The backend that `useBackend` selected; if it did not yet, the best one. */
export async function backendInUse(): Promise<PageRuntime> {
  return inUse?.runtime ?? useBackend();
}

/** Whether the device that computes is gone, and the numbers on it with it. */
export function isDeviceLost(): boolean {
  return inUse?.device.lost() ?? false;
}

/**
 * The work's result, or undefined if the device is lost first: reads from it then never end. Not by `Promise.race` with
 * a promise of the loss, which would keep each result as long as the device.
 */
export async function unlessLost<T>(work: Promise<T>): Promise<T | undefined> {
  const { waiting, lost } = inUse?.device ?? lasting;
  if (waiting === null) return work;
  return new Promise((resolve, reject) => {
    const giveUp = () => resolve(undefined);
    waiting.add(giveUp);
    work.then(resolve, reject).finally(() => waiting.delete(giveUp));
    if (lost()) giveUp();
  });
}

/** What a generator yields, until it or the device ends. */
export async function* whileThere<T>(work: AsyncGenerator<T, void>): AsyncGenerator<T, void> {
  try {
    for (let next = await unlessLost(work.next()); next?.done === false;) {
      yield next.value;
      next = await unlessLost(work.next());
    }
  } finally {
    if (!isDeviceLost()) await work.return();
  }
}

/** The name of the backend that computes, for messages. */
export function backendName(): string {
  return inUse?.runtime.backend ?? tf.getBackend();
}

async function start(
  backend: PageBackend,
  asked: boolean,
  options: PageBackendOptions,
): Promise<Device | PagePassedOver> {
  try {
    switch (backend) {
      case 'webgpu':
        return await startWebgpu(asked);
      case 'webgl':
        return await startWebgl(asked);
      case 'wasm':
        return await startWasm(options);
      case 'cpu':
        await activate('cpu');
        return { backend, ...lasting };
      default:
        return backend satisfies never;
    }
  } catch (error) {
    return { backend, why: `it cannot be started (${messageOf(error).split('\n', 1)[0]})` };
  }
}

async function startWebgpu(asked: boolean): Promise<Device | PagePassedOver> {
  const backend = 'webgpu';
  const { gpu } = navigator as unknown as { readonly gpu?: Gpu };
  if (!gpu) return { backend, why: noWebgpu() };
  const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' });
  if (!adapter) return { backend, why: 'the browser offers no graphics card to it' };
  const { vendor, architecture, description, software } = described(adapter);
  const device = `${description} (${vendor}, ${architecture})`;
  if (software && !asked) return { backend, why: `${device} is software, slower than WebAssembly` };
  const { WebGPUBackend } = await import('@tensorflow/tfjs-backend-webgpu');
  const own = await requestDevice(adapter);
  let gone = false;
  const waiting = new Set<() => void>();
  void own.lost.then(() => {
    gone = true;
    waiting.forEach((giveUp) => giveUp());
  });
  const guarded = guardedBackend(WebGPUBackend as unknown as BaseClass, own, adapter.info);
  // tfjs's own factory makes a backend that goes on with zeros after an error of the graphics card.
  forget(backend);
  tf.registerBackend(backend, () => guarded);
  await activate(backend);
  return { backend, device, software, lost: () => gone, waiting };
}

function noWebgpu(): string {
  if (!globalThis.isSecureContext) return 'browsers have it on pages by https or from localhost only';
  return 'this browser does not have it, or has it turned off';
}

async function startWebgl(asked: boolean): Promise<Device | PagePassedOver> {
  const backend = 'webgl';
  const { GPGPUContext, MathBackendWebGL } = await import('@tensorflow/tfjs-backend-webgl');
  // By default tfjs takes no context that software imitates.
  if (asked) tf.env().set('SOFTWARE_WEBGL_ENABLED', true);
  if (tf.env().getNumber('WEBGL_VERSION') < 2)
    return { backend, why: 'the browser has no WebGL 2, or only by software' };
  if (inUse?.runtime.backend === backend && inUse.device.lost()) {
    forget(backend);
    // With a context of its own it compiles all programs anew; without, it would take those of the lost one.
    tf.registerBackend(backend, () => new MathBackendWebGL(new GPGPUContext()));
  }
  await activate(backend);
  const { gl } = (tf.backend() as unknown as WebglBackend).gpgpu;
  const naming = gl.getExtension('WEBGL_debug_renderer_info');
  const device = String(gl.getParameter(naming?.UNMASKED_RENDERER_WEBGL ?? gl.RENDERER));
  const software = isSoftware(device);
  if (software && !asked) return { backend, why: `${device} is software, slower than WebAssembly` };
  if (!tf.env().getBool('WEBGL_RENDER_FLOAT32_ENABLED'))
    return { backend, why: `${device} computes in half precision only` };
  const waiting = new Set<() => void>();
  gl.canvas.addEventListener('webglcontextlost', () => waiting.forEach((giveUp) => giveUp()), { once: true });
  return { backend, device, software, lost: () => gl.isContextLost(), waiting };
}

function isSoftware(device: string): boolean {
  return /swiftshader|llvmpipe|lavapipe|software|basic render/i.test(device);
}

/** The WebAssembly of tfjs with SIMD and without threads, as part of the bundle, so that no bundler is told of a file. */
async function wasmBinary(): Promise<Uint8Array<ArrayBuffer>> {
  const module = await import('@tensorflow/tfjs-backend-wasm/wasm-out/tfjs-backend-wasm-simd.wasm');
  return module.default;
}

async function startWasm({ wasmPaths }: PageBackendOptions): Promise<Device | PagePassedOver> {
  const backend = 'wasm';
  const { setWasmPaths } = await import('@tensorflow/tfjs-backend-wasm');
  if (!(await tf.env().getAsync('WASM_HAS_SIMD_SUPPORT')))
    return { backend, why: 'the browser has no SIMD for WebAssembly' };
  if (wasmPaths !== undefined) {
    setWasmPaths(wasmPaths);
    await activate(backend);
  } else {
    tf.env().set('WASM_HAS_MULTITHREAD_SUPPORT', false);
    const binary = new Blob([await wasmBinary()], { type: 'application/wasm' });
    const url = URL.createObjectURL(binary);
    try {
      const names = ['tfjs-backend-wasm.wasm', 'tfjs-backend-wasm-simd.wasm'] as const;
      const threaded = 'tfjs-backend-wasm-threaded-simd.wasm';
      setWasmPaths(Object.fromEntries([...names, threaded].map((name) => [name, url])));
      await activate(backend);
    } finally {
      URL.revokeObjectURL(url);
    }
  }
  registerWasmTrainingKernels();
  return { backend, ...lasting };
}

async function activate(name: PageBackend): Promise<void> {
  if (tf.getBackend() !== name && !(await tf.setBackend(name)))
    throw new Error(`TensorFlow.js does not start it`);
  await tf.ready();
}

/** Takes a backend out of tfjs's registry, if it is there. */
function forget(name: PageBackend): void {
  // Its instance is left alone: what is freed on a device that is gone only raises errors.
  Reflect.deleteProperty(tf.engine().registry, name);
  tf.removeBackend(name);
}
