/**
 * What `cnn-lineage/networks` exports: the zoo's networks with their builders, recipes and papers. Runs in browsers too.
 * @module
 */
export { networkNames, zoo, type NetworkName } from './models/registry';
export { describeModel, type Description, type LayerDescription } from './src/describe/describe-model';
export {
  describeNetwork,
  type DescribeOptions,
  type NetworkDescription,
} from './src/describe/describe-network';
export { diffNetworks, type NetworkDiff } from './src/describe/diff';
export type {
  Augment,
  Averaging,
  BuildOptions,
  Departure,
  Distribution,
  ImageShape,
  Initialiser,
  Lineage,
  Loss,
  Multiplier,
  Network,
  Optimiser,
  Paper,
  Preprocess,
  PublishedResult,
  PublishedWeights,
  Recipe,
  Schedule,
  Where,
} from './src/core/network';
