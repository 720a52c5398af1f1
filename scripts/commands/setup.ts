/** The command `setup`: installs native TensorFlow for this user. */
import { UserError } from '../../src/core/errors';
import { backendNames } from '../../src/runtime/backend';
import { setUp } from '../../src/runtime/setup/setup';
import { note, print, type Command } from '../cli/output';

interface Arguments {
  gpu: boolean;
  json: boolean;
}

export const setup: Command<Arguments> = {
  command: 'setup',
  describe: 'set up native TensorFlow for this user (nothing to do when done)',
  builder: (argv) =>
    argv
      .option('gpu', { type: 'boolean', default: false, describe: 'TensorFlow with CUDA, for NVIDIA GPUs' })
      .option('json', { type: 'boolean', default: false, describe: 'print one JSON object and nothing else' })
      .epilogue(
        'Exit code 0 also when TensorFlow cannot be set up and wasm remains; 2 when --gpu or LINEAGE_BACKEND asked for it.',
      ),
  async handler({ gpu, json }) {
    expectSameBackend(gpu);
    await setUpHere(gpu, json);
  },
};

/**
 * Sets up native TensorFlow, and reports the result.
 * @throws UserError when it was requested but cannot be set up
 */
export async function setUpHere(gpu: boolean, json = false): Promise<void> {
  const forced = process.env.LINEAGE_BACKEND;
  const withGpu = gpu || forced === 'tensorflow-gpu';
  const done = await setUp({ gpu: withGpu, report: (line) => note(`setup: ${line}`) });
  if (json) print(true, done, '');
  const reasons = done.obstacles.map(({ why, fix }) => `${why} (${fix})`);
  if (done.tensorflow) {
    for (const reason of reasons) note(`setup: ${reason}`);
    note(
      `setup: TensorFlow ${done.tensorflow} ${done.alreadyDone ? 'is' : 'was'} set up (${done.seconds.toFixed(2)} s)`,
    );
    return;
  }
  if (withGpu || forced === 'tensorflow') {
    throw new UserError(`expected to set TensorFlow up, but ${reasons.join('; ')}`);
  }
  for (const reason of reasons) note(`setup: ${reason}`);
  note(`setup: no native TensorFlow; the wasm backend is used instead (${done.seconds.toFixed(2)} s)`);
}

/**
 * @throws UserError if LINEAGE_BACKEND is not a backend's name, or prevents the backend that --gpu sets up from being
 *   used
 */
function expectSameBackend(gpu: boolean): void {
  const forced = process.env.LINEAGE_BACKEND;
  if (!forced) return;
  if (!backendNames.some((name) => name === forced))
    throw new UserError(`LINEAGE_BACKEND: expected one of ${backendNames.join(', ')}, found ${forced}`);
  if (gpu && forced !== 'tensorflow-gpu')
    throw new UserError(`--gpu: expected LINEAGE_BACKEND to be tensorflow-gpu, or not set, found ${forced}`);
}
