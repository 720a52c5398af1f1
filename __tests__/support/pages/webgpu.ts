import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ended, type Ended } from '../fixtures';
import { projectRoot } from '../places';

/** Debian's Chromium brings SwiftShader, Vulkan computed on the processor, and Vulkan's loader beside it. */
const driver = process.env['LINEAGE_VULKAN'] ?? '/usr/lib/chromium/vk_swiftshader_icd.json';
const addon = join(projectRoot, 'node_modules', 'webgpu', 'dist', `${process.platform}-${process.arch}`);

/** The settings by which a process finds the software adapter and no other. */
export const softwareAdapter = {
  VK_ICD_FILENAMES: driver,
  VK_DRIVER_FILES: driver,
  LD_LIBRARY_PATH: dirname(driver),
};

/** Settings by which it finds Vulkan's loader and no adapter. */
export const noAdapter = { ...softwareAdapter, VK_ICD_FILENAMES: '/none', VK_DRIVER_FILES: '/none' };

/**
 * A test that computes on a software adapter, in a process of its own: Dawn cannot be loaded into jest's realm, and finds
 * adapters by settings that a process has from its start. Skipped under a name that says why where there is none.
 */
export function testOnWebgpu(name: string, check: () => Promise<void>, milliseconds = 600_000): void {
  const lacking = !existsSync(addon)
    ? 'the package webgpu is not here'
    : !existsSync(driver)
      ? 'no SwiftShader is here, which Debian’s chromium brings; LINEAGE_VULKAN names another driver'
      : undefined;
  if (lacking) return test.skip(`${name} (${lacking})`, () => undefined);
  test(name, check, milliseconds);
}

/** What a script prints as JSON in a process that computes on the software adapter, which has to end by itself. */
export async function computed(script: string): Promise<unknown> {
  const { code, stdout, stderr } = await onSoftware(['-e', script]);
  if (code !== 0) throw new Error(`code ${code}: ${stderr}`);
  return JSON.parse(stdout);
}

/** Runs Node with the words given, from the sources. */
function onSoftware(words: readonly string[]): Promise<Ended> {
  const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=commonjs', ...words], {
    cwd: projectRoot,
    env: { ...process.env, ...softwareAdapter },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  return ended(child);
}
