export { networkNames, zoo, type NetworkName } from './models/registry';
export type { BuildOptions, ImageShape, Network, Paper, Recipe } from './src/network';
export { UserError } from './src/errors';
export { tf } from './src/tf';
export { backendNames, useBackend, type BackendName, type Runtime } from './src/runtime/backend';
export { cropKinds, cropsFor } from './src/data/crops-for';
export type { CropProtocol } from './src/data/evaluation-crops';
export { openFeed, type Feed } from './src/data/feed';
export { dataNames, openData, openTestData, openTuningData } from './src/data/open';
export { datasetInMemory, type Dataset, type Splits } from './src/data/dataset';
export { drawDigits } from './src/data/digits';
export { openIdx } from './src/data/idx-folder';
export { CCells } from './src/layers/c-cells';
export { CeilPool } from './src/layers/ceil-pool';
export { GroupedConv2D } from './src/layers/grouped-conv';
export { LearnedCombination } from './src/layers/learned-combination';
export { Lrn } from './src/layers/lrn';
export { Rbf } from './src/layers/rbf';
export { ScaledTanh } from './src/layers/scaled-tanh';
export { SCells } from './src/layers/s-cells';
export { SeededDropout } from './src/layers/seeded-dropout';
export { Subsample } from './src/layers/subsample';
export { SubsetConv2D } from './src/layers/subset-conv';
export { convolutionalForm } from './src/train/convolutional-form';
export { classifications, type Classification } from './src/train/classifications';
export { featureFeed, type FeaturesOptions } from './src/train/features';
export { freeze, layersLike } from './src/train/freeze';
export { mainPathOf, partedAboveFrozen, type Parts } from './src/train/frozen-trunk';
export { imageScores, type ImageScores, type PredictOptions } from './src/train/image-scores';
export { importWeights, type Imported, type ImportOptions } from './src/train/import-weights';
export {
  loadModelFolder,
  openModelFolder,
  writeModelFolder,
  type ModelRecord,
} from './src/train/model-folder';
export { withNewHead, type NewHeadOptions } from './src/train/new-head';
export { overridden } from './src/train/overrides';
export { createRun, openRun, type RunRecord } from './src/train/run-record';
export { trainRun } from './src/train/run';
export { train, type TrainOptions, type Update } from './src/train/train';
export type { Step } from './src/train/step';
export { stepFor, type StepChoice } from './src/train/step-for';
export { balancedWeights, tuningRecipe, type TuningChoices } from './src/train/tuning-recipe';
export { describeModel, type Description } from './src/report/describe';
export { describeNetwork } from './src/report/describe-network';
export { diffNetworks } from './src/report/diff';
export { drawNetwork } from './src/report/draw';
export type { Answer } from './src/report/answers';
export { evaluate, type EvaluateOptions, type Evaluation } from './src/report/evaluate';
export { evaluationText } from './src/report/evaluation-text';
