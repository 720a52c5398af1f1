/** Corrects two kernels of tfjs-node that fail with later releases of TensorFlow. */
import { tf } from '../../core/tf';

interface NodeBackend {
  readonly binding: {
    readonly TF_ATTR_INT: number;
    readonly TF_ATTR_TYPE: number;
    readonly TF_INT32: number;
  };
  getDTypeInteger(dtype: string): number;
  executeSingleOutput(name: string, attributes: object[], inputs: tf.TensorInfo[]): tf.TensorInfo;
}

type Kernel = (backend: NodeBackend, inputs: tf.NamedTensorInfoMap) => tf.TensorInfo;

/**
 * Fixes two kernels of tfjs-node 4.22 that fail with later releases of TensorFlow: rounding an int32 tensor
 * returns zeros, and concatenating scalars throws, which affects the TensorBoard callback.
 */
export function patchNodeKernels(): void {
  replaceWhere(
    'Round',
    (inputs) => inputs.x?.dtype === 'int32',
    (backend, { x }) => {
      const attributes = [typeAttribute(backend, 'int32')];
      return backend.executeSingleOutput('Identity', attributes, [x as tf.TensorInfo]);
    },
  );
  replaceWhere(
    'Concat',
    (inputs) => list(inputs).every(({ shape }) => shape.length === 0),
    (backend, inputs) => {
      const scalars = list(inputs);
      const attributes = [
        { name: 'N', type: backend.binding.TF_ATTR_INT, value: scalars.length },
        { name: 'axis', type: backend.binding.TF_ATTR_INT, value: 0 },
        typeAttribute(backend, scalars[0]?.dtype ?? 'float32'),
      ];
      return backend.executeSingleOutput('Pack', attributes, scalars);
    },
  );
}

/** Concat's inputs are passed as a list instead of a map. */
function list(inputs: tf.NamedTensorInfoMap): tf.TensorInfo[] {
  return Object.values(inputs) as tf.TensorInfo[];
}

function typeAttribute(backend: NodeBackend, dtype: string) {
  return { name: 'T', type: backend.binding.TF_ATTR_TYPE, value: backend.getDTypeInteger(dtype) };
}

/** Replaces a kernel of the `tensorflow` backend for the inputs for which `applies` is true. */
function replaceWhere(
  kernelName: string,
  applies: (inputs: tf.NamedTensorInfoMap) => boolean,
  kernel: Kernel,
): void {
  const original = tf.getKernel(kernelName, 'tensorflow');
  tf.unregisterKernel(kernelName, 'tensorflow');
  tf.registerKernel({
    ...original,
    kernelFunc: (parameters) =>
      applies(parameters.inputs)
        ? kernel(parameters.backend as NodeBackend, parameters.inputs)
        : original.kernelFunc(parameters),
  });
}
