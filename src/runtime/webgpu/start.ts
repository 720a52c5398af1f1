/** Starts tfjs's WebGPU backend on the adapter that Dawn finds. */
import { tf } from '../../core/tf';
import { findAdapter, type WebgpuAdapter, type Found, type MissingAdapter } from './adapter';
import { guardedBackend, type BaseClass } from './guarded-backend';

let found: Promise<Found | MissingAdapter> | undefined;
let registered: Promise<void> | undefined;

/** The adapter, looked for once in a process. */
export async function webgpuAdapter(): Promise<WebgpuAdapter | MissingAdapter> {
  const one = await (found ??= findAdapter());
  return 'adapter' in one ? one.adapter : one;
}

/**
 * Registers the backend `webgpu` with tfjs, once in a process; `tf.setBackend` then makes it the one in use.
 * @returns the adapter, or why there is none
 */
export async function registerWebgpu(): Promise<WebgpuAdapter | MissingAdapter> {
  const one = await (found ??= findAdapter());
  if (!('adapter' in one)) return one;
  await (registered ??= register(one));
  return one.adapter;
}

async function register({ adapter, device, gpu }: Found): Promise<void> {
  const { WebGPUBackend } = await import('@tensorflow/tfjs-backend-webgpu');
  const backend = asInBrowser(gpu, await device(), (opened) =>
    guardedBackend(WebGPUBackend as unknown as BaseClass, opened, adapter),
  );
  tf.registerBackend('webgpu', () => backend, 0);
}

/**
 * Runs `work` while `navigator.gpu` is there, for which tfjs's backend looks when it is made, and only then: other parts
 * of a program take a `navigator` for a sign of a browser.
 */
function asInBrowser<Given, Made>(gpu: object, given: Given, work: (given: Given) => Made): Made {
  const before = Object.getOwnPropertyDescriptor(globalThis, 'navigator');
  Object.defineProperty(globalThis, 'navigator', { value: { gpu }, configurable: true });
  try {
    return work(given);
  } finally {
    if (before) Object.defineProperty(globalThis, 'navigator', before);
    else Reflect.deleteProperty(globalThis, 'navigator');
  }
}
