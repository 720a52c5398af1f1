/** Loads the Node package that connects TensorFlow.js to native TensorFlow. */
import { existsSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { koffi } from '../../core/tensorflow/koffi';
import { UserError } from '../../core/errors';
import { setNativeLibrary } from '../../core/tensorflow/native';
import { tf } from '../../core/tf';
import { cacheFolder } from '../cache';
import { registerSingleOpGradients } from './gradients';
import { patchNodeKernels } from './kernel-patches';
import { muted } from './mute';
import { bindingFile, builtIn, packageFolders, packageName, sharedTfjs } from './node-package';

/** A Node package that has been loaded into this process. */
export interface Native {
  /** Whether it is the package for GPUs. */
  readonly gpuPackage: boolean;
  /** Whether TensorFlow computes on a GPU. */
  readonly onGpu: boolean;
  readonly tensorflow: string;
  /** Where the package is: in node_modules, or the copy in the user's cache. */
  readonly folder: string;
}

let loaded: Native | undefined;

/** Whether a suitable package is loaded, or a finished set-up of one is on this machine. */
export function isSetUp(gpu: boolean): boolean {
  return (loaded && serves(loaded, gpu)) || folderToLoad(gpu) !== undefined;
}

/** Whether a package is suitable: without a GPU, the GPU package computes like the plain one. */
function serves({ gpuPackage, onGpu }: Native, gpu: boolean): boolean {
  return gpuPackage === gpu || (!gpu && !onGpu);
}

function folderToLoad(gpu: boolean): string | undefined {
  return packageFolders(gpu, cacheFolder()).find((folder) => builtIn(folder) !== null);
}

/**
 * Loads a Node package into this process, where it joins the engine of `src/core/tf.ts` as backend `tensorflow`.
 * Both packages use that name and have libraries of the same names, so a process can load only one of them.
 *
 * @throws UserError when the other one is already loaded
 * @throws Error when its libraries cannot be loaded
 */
export function loadNative(gpu: boolean): Native {
  if (loaded) {
    if (serves(loaded, gpu)) return loaded;
    throw new UserError(
      `expected ${packageName(gpu)}, found ${packageName(!gpu)} already loaded: ` +
        'one process can hold only one of them; choose the backend before the first use',
    );
  }
  // TensorFlow disables oneDNN on processors without AVX-512, and some users disable it everywhere because of its
  // start-up message. Then an update takes up to three times as long, and neither grouped convolutions nor dilated
  // depthwise ones work at all.
  process.env.TF_ENABLE_ONEDNN_OPTS = '1';
  // tfjs-node has no setting for this, and would reserve nearly all of a GPU's memory at start-up.
  process.env.TF_FORCE_GPU_ALLOW_GROWTH ??= 'true';
  const { folder, binding } = loadPlainPackage(gpu);
  patchNodeKernels();
  registerSingleOpGradients();
  const onGpu = binding.isUsingGpuDevice();
  const [cudaRuntime] = onGpu ? nvidiaLibraries(folder, 'cuda_runtime') : [];
  setNativeLibrary(join(folder, 'deps', 'lib', 'libtensorflow.so'), cudaRuntime);
  loaded = { gpuPackage: gpu, onGpu, tensorflow: binding.TF_Version, folder };
  return loaded;
}

/**
 * Loads a Node package as published, without this program's fixes and gradients.
 * @throws Error when it is not set up, or its libraries cannot be loaded
 */
export function loadPlainPackage(gpu: boolean): { readonly folder: string; readonly binding: Binding } {
  const folder = folderToLoad(gpu);
  if (!folder) throw new Error(`${packageName(gpu)} is not set up`);
  const load = createRequire(__filename);
  restoreRemovedUtilities();
  // TensorFlow 2.21 loads it by name from a library whose search path does not contain it, and then runs without a GPU.
  if (gpu) for (const library of nvidiaLibraries(folder, 'cusolver')) koffi().load(library);
  Object.assign(globalThis, { [sharedTfjs]: tf });
  const binding = muted(folder, load, () => {
    process.env.TF_CPP_MIN_LOG_LEVEL ??= '2'; // errors only
    return load(join(folder, bindingFile)) as Binding;
  });
  load(folder);
  return { folder, binding };
}

/** The libraries of one of NVIDIA's wheels, next to a package that was set up from wheels; otherwise none. */
function nvidiaLibraries(folder: string, wheel: string): string[] {
  const lib = join(folder, 'deps', 'nvidia', wheel, 'lib');
  if (!existsSync(lib)) return [];
  const names = readdirSync(lib).filter((name) => /^lib(cusolver|cudart)\.so/.test(name));
  return names.map((name) => join(lib, name));
}

interface Binding {
  readonly TF_Version: string;
  isUsingGpuDevice(): boolean;
}

/** tfjs-node calls functions of `util` that Node 23 removed, or for which later releases print a warning. */
function restoreRemovedUtilities(): void {
  const utilities = createRequire(__filename)('node:util') as Record<string, unknown>;
  utilities.isNullOrUndefined = (value: unknown) => value === null || value === undefined;
  utilities.isArray = Array.isArray;
}
