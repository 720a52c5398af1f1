/**
 * What `cnn-lineage` exports to code: the zoo of networks, and what is done with them. Every command calls one of these
 * functions, so that code can do what a command does. Parts have entry points of their own: `/networks`, `/layers`,
 * `/data`, `/weights`, `/report` and `/browser`.
 * @module
 */
export { networkNames, zoo, type NetworkName } from './models/registry';
export type { BuildOptions, ImageShape, Network, Paper, Recipe } from './src/core/network';
export { UserError } from './src/core/errors';
export { tf } from './src/core/tf';

// The machine.
export { backendNames, useBackend, type BackendName, type Runtime } from './src/runtime/backend';
export { diagnose, type Diagnosis } from './src/runtime/doctor';
export { setUp, type SetUpOptions, type SetUpReport } from './src/runtime/setup/setup';
export { setUpAsked } from './src/runtime/setup/asked';

// Data.
export {
  openData,
  openFinetuneData,
  openTestData,
  type OpenDataOptions,
} from './src/workflows/data/open-data';
export type { Dataset, ImageFiles, ImageSet, Splits } from './src/data/dataset';
export { downloadData, type DownloadDataOptions } from './src/workflows/data/open-data';

// A model that the caller holds.
export { evaluate, predict, train } from './src/workflows/trained/in-memory';
export type { TrainOptions, Update } from './src/train/train';
export type { EvaluateOptions, Evaluation } from './src/evaluate/evaluate';
export type { Prediction, PredictOptions } from './src/evaluate/scores/predict';
export { accuracyFor, lossFor, probabilitiesFor, type CompiledLoss } from './src/train/compile-and-fit';
export { fitRecipe, type FittedRecipe } from './src/data/preprocess/fit';
export { overridden } from './src/core/recipe/overrides';
export { importWeights, type Imported, type ImportOptions } from './src/weights/import/import-weights';

// Folders of runs and models.
export * from './verbs';
export { expectRunOf, type ResumeRunOptions } from './src/workflows/train/resume-run';
export type { Provenance, WorkflowEvent, WorkflowOptions, Zoo } from './src/workflows/context';
export type { TrainRunOptions } from './src/workflows/train/train-run';
export type { Interrupted, RunOutcome, RunReport } from './src/workflows/train/finish-run';
export type { FinetuneOptions, FinetuneReport } from './src/workflows/finetune/finetune';
export type {
  EvaluatedFolder,
  EvaluateFolderOptions,
  ModelReport,
} from './src/workflows/evaluate/evaluate-folder';
export type { AskOptions, EncodedImage, OpenTrainedOptions, Trained } from './src/workflows/trained/trained';
export type { Classified, ClassifyFilesOptions, ClassifyOptions } from './src/workflows/trained/classify';
export type { CompareOptions, Comparison, ServeComparisonOptions } from './src/workflows/compare/compare';
export type { ImportedModel, ImportModelOptions } from './src/workflows/weights/import-model';
export type { ExportedModel, ExportModelOptions } from './src/workflows/weights/export-model';
export type { Reproduced, ReproduceOptions } from './src/workflows/reproduce/reproduce';
export type { Experiment } from './src/workflows/reproduce/experiment';
export type { BenchOptions } from './src/workflows/measure/bench-network';
export type { BenchDataOptions, BenchedData } from './src/workflows/measure/bench-data';
export type {
  AugmentedSheet,
  CheckGradientsOptions,
  DrawAugmentedOptions,
} from './src/workflows/measure/describe';
export type { DescribeOptions, NetworkDescription } from './src/describe/describe-network';

// Results as text for a terminal.
export {
  benchedDataText,
  evaluatedText,
  exportedText,
  finetuneText,
  importedText,
  runText,
} from './src/workflows/result-texts';
export { benchText } from './src/report/bench/bench';
export { classificationText } from './src/evaluate/scores/classify';
export { comparedText } from './src/report/compare-text';
export { describedText } from './src/describe/describe-text';
export { diagnosisText } from './src/runtime/doctor';
export { diffText } from './src/describe/diff-text';
export { evaluationText } from './src/evaluate/evaluation-text';
export { gradientsText } from './src/describe/gradients/check-gradients';
export { overviewText } from './src/report/overview';
export { publishedWeightsText } from './src/report/published-weights';
export { searchText } from './src/workflows/reproduce/search';
export { summaryText } from './src/workflows/reproduce/summary';
