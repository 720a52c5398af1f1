/** Starts tfjs's WebGPU backend on the adapter that Dawn finds. */
import { tf } from '../../core/tf';
import { findAdapter, webgpuPackages, type WebgpuAdapter, type Found, type MissingAdapter } from './adapter';
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

/**
 * The program by which tfjs multiplies all matrices here (`MatMulPackedProgram`). Left to choose, tfjs 4.22 takes one that
 * splits long sums for products of few rows or columns: with a transposed second factor its results are wrong, which are
 * the gradients below AlexNet's and VGG's layers of 4,096 units, and it adds in an order that changes from run to run.
 */
const packedProducts = 3;

async function register({ adapter, device, gpu }: Found): Promise<void> {
  const name: string = webgpuPackages[1]; // not a literal, so that compiling does not need the package's types
  const { WebGPUBackend } = (await import(name)) as { readonly WebGPUBackend: BaseClass };
  tf.env().set('WEBGPU_MATMUL_PROGRAM_TYPE', packedProducts);
  const backend = asInBrowser(gpu, await device(), (opened) =>
    guardedBackend(WebGPUBackend, opened, adapter),
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
