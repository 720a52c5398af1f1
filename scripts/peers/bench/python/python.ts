/** Finds or sets up a Python that has other toolkits, in the user’s cache. */
import { existsSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { UserError, messageOf } from '../../../../src/core/errors';
import { cacheFolder, replaceFolder } from '../../../../src/runtime/cache';
import { runProgram } from '../../../../src/runtime/setup/run-program';
import { temporaryFolder } from '../../../../src/core/io/temporary-folder';

/** What a Python has to have. */
export interface Toolkits {
  /** In words. */
  readonly what: string;
  /** The file of their versions. */
  readonly requirements: string;
  /** Modules that are imported once, to see that they can be. */
  readonly modules: readonly string[];
  /** The option by which another Python is named, or another word for it. */
  readonly option: string;
}

const benchmarked: Toolkits = {
  what: 'Keras and PyTorch',
  requirements: join(__dirname, 'requirements.txt'),
  modules: ['keras', 'torch', 'safetensors'],
  option: '--python',
};

/**
 * The Python that has some toolkits: one in the user's cache, created by the first call (some gigabytes).
 * @throws UserError when it cannot be created
 */
export async function peersPython(
  onProgress: (line: string) => void,
  { what, requirements, modules, option }: Toolkits = benchmarked,
): Promise<string> {
  const wanted = createHash('sha256')
    .update(await readFile(requirements))
    .digest('hex');
  const cache = cacheFolder();
  const folder = join(cache, `peers-${wanted.slice(0, 12)}`);
  const python = join(folder, 'bin', 'python');
  if (existsSync(join(folder, 'ready'))) return python;
  onProgress(`setting ${what} up in ${folder}: this downloads some gigabytes, once`);
  const environment = process.env;
  await mkdir(cache, { recursive: true });
  const old = await temporaryFolder(cache);
  try {
    await rm(folder, { recursive: true, force: true });
    // A virtual environment contains its own path, so it is created in its final place and marked when it is complete.
    await runProgram('python3', ['-m', 'venv', folder], { environment });
    await runProgram(python, ['-m', 'pip', 'install', '--quiet', '-r', requirements], { environment });
    await runProgram(python, ['-c', `import ${modules.join(', ')}`], { environment });
    const mark = join(old, 'ready');
    await mkdir(mark);
    await replaceFolder(mark, join(folder, 'ready'), old);
    return python;
  } catch (error) {
    throw new UserError(
      `expected a Python 3 with venv and pip that can install ${requirements}, found: ${messageOf(error)}; ${option} names one that has them`,
    );
  } finally {
    await rm(old, { recursive: true, force: true });
  }
}
