/** The three classifiers of GoogLeNet: the one at its end, and the two auxiliary heads. */
import { tf } from '../../src/core/tf';
import { AdaptiveAveragePool } from '../../src/layers/adaptive-average-pool';
import { fullyConnected } from '../../src/layers/fully-connected';
import { SeededDropout } from '../../src/layers/seeded-dropout';
import { convolution, through, type Plan } from './convolution';

/** Windows of the last pooling, Table 1, and of the heads', §5. */
export const lastWindow = 7;
export const head = { window: 5, stride: 3, side: 4, maps: 128, units: 1024, dropout: 0.7 } as const;

/** The last rows of Table 1: average pooling, dropout, linear. */
export function scores(
  features: tf.SymbolicTensor,
  { classes, convolutional, variant }: Plan,
): tf.SymbolicTensor {
  const pooled = through(
    features,
    convolutional
      ? tf.layers.averagePooling2d({ name: 'pool5', poolSize: lastWindow, strides: 1 })
      : tf.layers.globalAveragePooling2d({ name: 'pool5' }),
  );
  const dropped = through(pooled, new SeededDropout({ name: 'dropout', rate: variant.dropout }));
  return fullyConnected(dropped, {
    name: 'loss3/classifier',
    units: classes,
    ...(convolutional && { window: [1, 1] }),
  });
}

/** §5: average pooling, 1×1 convolution, full layer, dropout, linear. */
export function headScores(below: tf.SymbolicTensor, name: 'loss1' | 'loss2', plan: Plan): tf.SymbolicTensor {
  const { classes, convolutional, variant } = plan;
  const pooling =
    variant.headPooling === 'windows'
      ? tf.layers.averagePooling2d({ name: `${name}/pool`, poolSize: head.window, strides: head.stride })
      : new AdaptiveAveragePool({ name: `${name}/pool`, size: head.side });
  const pooled = through(below, pooling); //                                                          4×4
  const reduced = convolution(pooled, { name: `${name}/conv`, kernel: 1, stride: 1, maps: head.maps }, plan);
  const hidden = fullyConnected(reduced, {
    name: `${name}/fc`,
    units: head.units,
    activation: 'relu',
    ...(convolutional && { window: [head.side, head.side] }),
  });
  const dropped = through(hidden, new SeededDropout({ name: `${name}/dropout`, rate: head.dropout }));
  return fullyConnected(dropped, {
    name: `${name}/classifier`,
    units: classes,
    ...(convolutional && { window: [1, 1] }),
  });
}
