/** Finds or sets up the Python that has Keras and PyTorch, in the user’s cache. */
import { existsSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { UserError, messageOf } from '../../../../src/core/errors';
import { cacheFolder, replaceFolder } from '../../../../src/runtime/cache';
import { runProgram } from '../../../../src/runtime/setup/run-program';
import { temporaryFolder } from '../../../../src/core/io/temporary-folder';

const requirements = join(__dirname, 'requirements.txt');

/**
 * The Python that has Keras and PyTorch: one in the user's cache, created by the first call (some gigabytes).
 * @throws UserError when it cannot be created
 */
export async function peersPython(onProgress: (line: string) => void): Promise<string> {
  const wanted = createHash('sha256')
    .update(await readFile(requirements))
    .digest('hex');
  const cache = cacheFolder();
  const folder = join(cache, `peers-${wanted.slice(0, 12)}`);
  const python = join(folder, 'bin', 'python');
  if (existsSync(join(folder, 'ready'))) return python;
  onProgress(`setting Keras and PyTorch up in ${folder}: this downloads some gigabytes, once`);
  const environment = process.env;
  await mkdir(cache, { recursive: true });
  const old = await temporaryFolder(cache);
  try {
    await rm(folder, { recursive: true, force: true });
    // A virtual environment contains its own path, so it is created in its final place and marked when it is complete.
    await runProgram('python3', ['-m', 'venv', folder], { environment });
    await runProgram(python, ['-m', 'pip', 'install', '--quiet', '-r', requirements], { environment });
    await runProgram(python, ['-c', 'import keras, torch, safetensors'], { environment });
    const mark = join(old, 'ready');
    await mkdir(mark);
    await replaceFolder(mark, join(folder, 'ready'), old);
    return python;
  } catch (error) {
    throw new UserError(
      `--peers: expected a Python 3 with venv and pip that can install ${requirements}, found: ${messageOf(error)}; --python names one that has them`,
    );
  } finally {
    await rm(old, { recursive: true, force: true });
  }
}
