/** The Python that has ONNX, onnxruntime and the exporters of PyTorch and Keras, and what runs in it. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { UserError } from '../../../../src/core/errors';
import { note } from '../../../cli/terminal/output';
import { peersPython } from '../../bench/python/python';

/** Runs a script beside this one; what it prints goes to the terminal. Set up in the user's cache at its first use. */
export async function runInPython(script: string, words: readonly string[]): Promise<void> {
  const python =
    process.env['LINEAGE_ONNX_PYTHON'] ??
    (await peersPython(note, {
      what: 'ONNX, onnxruntime, PyTorch and Keras',
      requirements: join(__dirname, 'requirements-onnx.txt'),
      modules: ['onnx', 'onnxruntime', 'torchvision', 'keras', 'tf2onnx'],
      option: 'LINEAGE_ONNX_PYTHON',
    }));
  const { status } = spawnSync(python, [join(__dirname, script), ...words], {
    stdio: 'inherit',
    env: { ...process.env, TF_CPP_MIN_LOG_LEVEL: '3', KERAS_BACKEND: 'tensorflow' },
  });
  if (status !== 0) throw new UserError(`${script}: expected it to end well, found exit code ${status}`);
}
