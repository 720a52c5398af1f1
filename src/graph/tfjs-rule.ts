import type { tf } from '../tf';
import type { TfjsRecorder } from './tfjs-recorder';

/** How a kernel of TensorFlow.js is written down as operations. */
export type TfjsRule = (
  to: TfjsRecorder,
  inputs: Readonly<Record<string, tf.TensorInfo>>,
  attributes: Readonly<Record<string, unknown>>,
) => tf.TensorInfo | tf.TensorInfo[];
