/** Records a computation as a graph for TensorFlow.js, so that a browser runs it without code of ours. */
import { tf } from '../../core/tf';
import { tfjsKernels } from './tfjs-kernels';
import { type TfjsRule, TfjsRecorder, type RecordTfjsOptions, type TfjsGraph } from './tfjs-recorder';
import { Untraceable } from '../record/untraceable';

const backendName = 'tfjs-recorder';

/**
 * Records a computation as a graph that TensorFlow.js runs without any code of ours. Nothing else may compute until the
 * promise resolves, for the backend is replaced.
 * @throws Untraceable when something in it has no operation there, reads values, or depends on the number of images
 */
export async function recordTfjs(options: RecordTfjsOptions): Promise<TfjsGraph> {
  const before = tf.getBackend();
  const recorder = new TfjsRecorder(options.named);
  tf.registerBackend(backendName, () => recorder);
  const kernelNames = tf.getKernelsForBackend(before).map(({ kernelName }) => kernelName);
  for (const kernelName of new Set([...kernelNames, ...Object.keys(tfjsKernels)])) {
    const rule = tfjsKernels[kernelName] ?? refusing(kernelName);
    tf.registerKernel({
      kernelName,
      backendName,
      kernelFunc: ({ inputs, attrs = {} }) => rule(recorder, inputs as Record<string, tf.TensorInfo>, attrs),
    });
  }
  try {
    await tf.setBackend(backendName);
    return recorder.record(options);
  } finally {
    await tf.setBackend(before);
    for (const { kernelName } of tf.getKernelsForBackend(backendName))
      tf.unregisterKernel(kernelName, backendName);
    tf.removeBackend(backendName);
  }
}

function refusing(kernelName: string): TfjsRule {
  return () => {
    throw new Untraceable(`expected operations that an exported graph knows, found ${kernelName}`);
  };
}
