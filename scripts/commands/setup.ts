/** The command `setup`: installs native TensorFlow for this user. */
import { command } from '../cli/command';
import { library } from '../cli/library';
import { json } from '../cli/options/shared-options';
import { note, print } from '../cli/terminal/output';

export const setup = command(
  (argv) =>
    argv
      .option('gpu', { type: 'boolean', default: false, describe: 'TensorFlow with CUDA, for NVIDIA GPUs' })
      .option('json', json)
      .epilogue(
        'Exit code 0 also when TensorFlow cannot be set up and wasm remains; 2 when --gpu or LINEAGE_BACKEND asked for it.',
      ),
  async (given) => setUpHere(given.gpu, given.json),
);

/**
 * Sets up native TensorFlow, and reports the result.
 * @throws UserError when it was requested but cannot be set up
 */
export async function setUpHere(gpu: boolean, asJson = false): Promise<void> {
  const { setUpAsked } = library();
  const say = (line: string) => note(`setup: ${line}`);
  const { done, failure } = await setUpAsked(gpu, say);
  if (asJson) print(true, done, '');
  if (failure) throw failure;
}
