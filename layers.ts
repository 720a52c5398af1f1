/**
 * What `cnn-lineage/layers` exports: the layers that TensorFlow.js lacks, and how they get their first weights.
 * @module
 */
export { AdaptiveAveragePool, type AdaptiveAveragePoolOptions } from './src/layers/adaptive-average-pool';
export { CeilPool, type CeilPoolOptions } from './src/layers/ceil-pool';
export type { Cost, CountedLayer } from './src/layers/cost';
export { fullyConnected, shareWeights, type FullyConnectedOptions } from './src/layers/fully-connected';
export { GroupedConv2D, type GroupedConv2DOptions } from './src/layers/grouped-conv';
export { initialise, withoutDrawing, type FanInLayer } from './src/layers/initialise/initialise';
export { computingLayers, inputsOf, mainPathOf, outputOf } from './src/layers/layer-walk';
export { LearnedCombination, type LearnedCombinationOptions } from './src/layers/learned-combination';
export { Lrn, type LrnOptions } from './src/layers/lrn';
export { CCells, type CCellsOptions } from './src/layers/neocognitron/c-cells';
export { ClassVotes, type ClassVotesOptions } from './src/layers/neocognitron/class-votes';
export { SCells, type SCellsOptions } from './src/layers/neocognitron/s-cells';
export { Rbf, type RbfOptions } from './src/layers/rbf';
export { ScaledTanh } from './src/layers/scaled-tanh';
export { SeededDropout, prepareDropout, type SeededDropoutOptions } from './src/layers/seeded-dropout';
export { Subsample, type SubsampleOptions } from './src/layers/subsample';
export { SubsetConv2D, type SubsetConv2DOptions } from './src/layers/subset-conv';
export { tf } from './src/core/tf';
