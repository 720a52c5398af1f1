/** The NVIDIA GPUs of this machine. */
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { runProgram } from './setup/run-program';

/** The folder in which the driver's kernel module lists the GPUs, one subfolder for each. */
const driversList = '/proc/driver/nvidia/gpus';

/** Whether this machine has an NVIDIA GPU with its driver loaded. Cheap: only reads the file system. */
export function hasGpu(): boolean {
  if (process.platform === 'win32') return existsSync('C:\\Windows\\System32\\nvcuda.dll');
  try {
    if (readdirSync(driversList).length > 0) return true;
  } catch {
    // There is no driver, or a container hides this folder.
  }
  return existsSync('/dev/nvidia0') || existsSync('/usr/lib/wsl/lib/libcuda.so.1');
}

/** Names of the NVIDIA GPUs as reported by the driver's kernel module; empty if it reports none (as outside Linux). */
export function gpuNames(): string[] {
  try {
    return readdirSync(driversList).flatMap((gpu) => {
      const facts = readFileSync(join(driversList, gpu, 'information'), 'utf8');
      return /^Model:\s*(.+?)\s*$/m.exec(facts)?.[1] ?? [];
    });
  } catch {
    return [];
  }
}

export interface Gpu {
  readonly name: string;
  readonly driver: string;
  readonly memoryBytes: number;
}

/** The NVIDIA GPUs that the driver's own program lists; empty if there is no such program. */
export async function listGpus(): Promise<Gpu[]> {
  const query = ['--query-gpu=name,driver_version,memory.total', '--format=csv,noheader,nounits'];
  const table = await runProgram('nvidia-smi', query, { environment: process.env, minutes: 0.5 }).catch(
    () => '',
  );
  return table
    .split('\n')
    .filter(Boolean)
    .map((line) => {
      const [name = '', driver = '', mebibytes = '0'] = line.split(',').map((cell) => cell.trim());
      return { name, driver, memoryBytes: Number(mebibytes) * 2 ** 20 };
    });
}

/** The latest CUDA version that the installed driver supports, or null if there is no driver. */
export async function cudaVersion(): Promise<string | null> {
  const text = await runProgram('nvidia-smi', [], { environment: process.env, minutes: 0.5 }).catch(() => '');
  return /CUDA Version: *([\d.]+)/.exec(text)?.[1] ?? null;
}
