/**
 * What `cnn-lineage/networks` exports: the zoo's networks with their builders, recipes and papers, all as `zoo` and each
 * by a name of its own. Runs in browsers too, where a bundle holds only the networks that a page names.
 * @module
 */
export * from './models/named';
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
