/** Finds the GPU that WebGPU computes on, through Dawn, which the optional package `webgpu` brings to Node. */
import { createRequire } from 'node:module';
import { koffi } from '../../core/tensorflow/koffi';
import { messageOf } from '../../core/errors';
import { described, requestDevice, type Gpu, type WebgpuAdapter } from './device';
import type { Device } from './guarded-backend';

export type { WebgpuAdapter };

/** Why there is no adapter, and what would mend it. */
export interface MissingAdapter {
  readonly why: string;
  readonly fix: string;
}

/** An adapter that was found. */
export interface Found {
  readonly adapter: WebgpuAdapter;
  /** Asks for the device with all that tfjs's kernels can use; possible once. */
  readonly device: () => Promise<Device>;
  /** The entry point of WebGPU, `navigator.gpu` in a browser. */
  readonly gpu: object;
}

/** The optional package that holds Dawn. */
const dawn = 'webgpu';

/** What installs it. */
export const installWebgpu = `npm install ${dawn}`;

const fromHere = createRequire(__filename);

interface DawnPackage {
  readonly globals: object;
  create(options: readonly string[]): Gpu;
}

/** Whether the optional package can be found, without loading it. */
export function webgpuInstalled(): boolean {
  try {
    fromHere.resolve(dawn);
    return true;
  } catch {
    return false;
  }
}

/** Looks for an adapter, the fastest one first. */
export async function findAdapter(): Promise<Found | MissingAdapter> {
  if (!webgpuInstalled()) return { why: `the optional package ${dawn} is not there`, fix: installWebgpu };
  const loader = vulkanLoader();
  if (loader) return loader;
  let gpu: Gpu;
  try {
    const { create, globals } = await loadDawn();
    // tfjs's kernels take `GPUBuffer` and the like from the globals, as in a browser.
    Object.assign(globalThis, globals);
    gpu = create([]);
  } catch (error) {
    return { why: `the package webgpu cannot be loaded (${firstLine(error)})`, fix: installWebgpu };
  }
  const found = await gpu.requestAdapter({ powerPreference: 'high-performance' });
  if (!found)
    return {
      why: 'Dawn finds no adapter',
      fix: `install the GPU’s driver${process.platform === 'linux' ? ' for Vulkan' : ''}`,
    };
  return { adapter: described(found), device: () => requestDevice(found), gpu };
}

/**
 * On Linux Dawn reaches GPUs through Vulkan's loader; where that is missing Dawn prints two lines by itself, so it is
 * looked for first.
 */
function vulkanLoader(): MissingAdapter | undefined {
  if (process.platform !== 'linux') return undefined;
  try {
    koffi().load('libvulkan.so.1');
    return undefined;
  } catch {
    return {
      why: 'Vulkan’s loader, libvulkan.so.1, is not there',
      fix: 'install it (Debian: libvulkan1) and the GPU’s driver for Vulkan',
    };
  }
}

async function loadDawn(): Promise<DawnPackage> {
  const name: string = dawn; // not a literal, so that compiling does not need the package's types
  return (await import(name)) as DawnPackage;
}

function firstLine(error: unknown): string {
  return messageOf(error).split('\n', 1)[0] ?? '';
}
