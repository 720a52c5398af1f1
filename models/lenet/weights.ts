import type { WeightSource } from '../../src/core/network';
import { recipes } from './recipe';

/** Caffe's example trains the network; nobody publishes weights of it. */
export const lenetCaffeWeights: readonly WeightSource[] = [
  {
    toolkit: 'caffe',
    layers: { conv1: 'conv1', conv2: 'conv2', ip1: 'ip1', ip2: 'ip2' }, // examples/mnist/lenet_train_test.prototxt
    preprocess: recipes['lenet-caffe'].input.preprocess,
    files: [],
  },
];
