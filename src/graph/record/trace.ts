/** Runs a computation once, records it as a graph, and checks that it comes out the same a second time. */
import { tf } from '../../core/tf';
import type { NativeBackend } from '../../core/tensorflow/native';
import { GraphBuilder } from '../session/builder';
import { Recorder } from './recorder';

/**
 * Runs a computation eagerly and records it. What it makes is disposed of. Numbers that come from JavaScript become
 * constants. Where there are any, the computation is run a second time: numbers that differ then would differ in each
 * step, and are refused.
 * @param inputs become placeholders, in this order
 * @param asBytes those of the inputs whose values are fed as bytes
 * @param resourceOf names a variable's resource
 * @param record is called with the trace while its tensors are alive, to add what the computation does not do itself
 * @throws Untraceable when a value is read in JavaScript, or changing numbers come from it
 */
export function traced<T, R>(
  backend: NativeBackend,
  builder: GraphBuilder,
  inputs: readonly tf.Tensor[],
  asBytes: ReadonlySet<tf.Tensor>,
  resourceOf: (variable: tf.Variable) => string,
  computation: () => T,
  record: (result: T, recorder: Recorder) => R,
): R {
  const recorder = new Recorder(backend, builder, inputs, resourceOf, asBytes);
  const recorded = inTidy(() => record(recorder.watch(computation), recorder));
  if (recorder.made.length > 0) {
    const again = new Recorder(
      backend,
      new GraphBuilder('again'),
      inputs,
      resourceOf,
      asBytes,
      recorder.made,
    );
    inTidy(() => void again.watch(computation));
  }
  return recorded;
}

/** `tf.tidy` for results that are not tensors. */
function inTidy<R>(work: () => R): R {
  let result: R | undefined;
  tf.tidy(() => {
    result = work();
  });
  return result as R;
}
