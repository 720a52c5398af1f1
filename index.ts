/** What `cnn-lineage` exports to code: the zoo of networks, and all that trains, evaluates and describes them. */
export { networkNames, zoo, type NetworkName } from './models/registry';
export type { BuildOptions, ImageShape, Network, Paper, Recipe } from './src/core/network';
export { UserError } from './src/core/errors';
export { tf } from './src/core/tf';
export { backendNames, useBackend, type BackendName, type Runtime } from './src/runtime/backend';
export { cropKinds, cropsFor } from './src/data/augment/evaluation-crops';
export type { CropProtocol } from './src/data/augment/evaluation-crops';
export { openLoader, type Loader } from './src/data/loader/loader';
export { dataNames, openData, openTestData, openFinetuneData } from './src/data/open';
export { datasetInMemory, type Dataset, type Splits } from './src/data/dataset';
export { drawDigits } from './src/data/formats/digits/digits';
export { openIdx } from './src/data/formats/idx/idx-folder';
export { CCells } from './src/layers/neocognitron/c-cells';
export { CeilPool } from './src/layers/ceil-pool';
export { GroupedConv2D } from './src/layers/grouped-conv';
export { LearnedCombination } from './src/layers/learned-combination';
export { Lrn } from './src/layers/lrn';
export { Rbf } from './src/layers/rbf';
export { ScaledTanh } from './src/layers/scaled-tanh';
export { SCells } from './src/layers/neocognitron/s-cells';
export { SeededDropout } from './src/layers/seeded-dropout';
export { Subsample } from './src/layers/subsample';
export { SubsetConv2D } from './src/layers/subset-conv';
export { convolutionalForm } from './src/evaluate/scores/convolutional-form';
export { classifications, type Classification } from './src/evaluate/scores/classify';
export { featureLoader, type FeaturesOptions } from './src/finetune/feature-cache';
export { freeze, layersLike } from './src/finetune/freeze';
export { splitAboveFrozen, type SplitModel } from './src/finetune/split-model';
export { predict, type Prediction, type PredictOptions } from './src/evaluate/scores/predict';
export { importWeights, type Imported, type ImportOptions } from './src/weights/import/import-weights';
export {
  loadModelFolder,
  openModelFolder,
  writeModelFolder,
  type ModelRecord,
} from './src/weights/model-folder';
export { withNewHead, type NewHeadOptions } from './src/finetune/new-head';
export { overridden } from './src/core/recipe/overrides';
export { createRun, openRun, type RunRecord } from './src/train/run/run-record';
export { trainRun } from './src/train/run/run';
export { train, type TrainOptions, type Update } from './src/train/train';
export type { Step } from './src/train/step/step';
export { stepFor } from './src/train/step/choose-step';
export { balancedWeights, finetuneRecipe, type FinetuneChoices } from './src/finetune/finetune-recipe';
export { describeModel, type Description } from './src/describe/describe-model';
export { describeNetwork } from './src/describe/describe-network';
export { diffNetworks } from './src/describe/diff';
export { drawNetwork } from './src/describe/draw/draw';
export type { Answer } from './src/evaluate/metrics/answers';
export { evaluate, type EvaluateOptions, type Evaluation } from './src/evaluate/evaluate';
export { evaluationText } from './src/evaluate/evaluation-text';
export { mainPathOf } from './src/layers/layer-walk';
export { type StepChoice } from './src/graph/precision';
