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

// What is done with networks, data and folders.
export * from './verbs';

// The machine.
export { backendNames, useBackend, type BackendName, type Runtime } from './src/runtime/backend';
export type { Diagnosis, WebgpuDiagnosis } from './src/runtime/doctor';
export type { MissingAdapter, WebgpuAdapter } from './src/runtime/webgpu/adapter';
export type { KernelCheck, KernelError } from './src/runtime/webgpu/kernel-check';
export type { SetUpOptions, SetUpReport } from './src/runtime/setup/setup';

// Many processes.
export {
  openCommunicator,
  type OpenCommunicator,
  type OpenCommunicatorOptions,
} from './src/runtime/mpi/started-ranks';
export type { MpiDiagnosis } from './src/runtime/mpi/diagnose-mpi';
export type { Communicator } from './src/core/io/process/communicator';

// Data.
export type {
  AlikeImages,
  FewImages,
  InspectDataOptions,
  InspectedData,
  InspectedFile,
  UnreadableImage,
} from './src/workflows/data/inspect-data';
export type {
  DownloadDataOptions,
  OpenDataOptions,
  OpenFinetuneDataOptions,
} from './src/workflows/data/open-data';
export type { Dataset, ImageFiles, ImageSet, Splits } from './src/data/dataset';

// A model that the caller holds.
export type { TrainOptions, Update } from './src/train/train';
export type { EvaluateOptions, Evaluation } from './src/evaluate/evaluate';
export type { Prediction, PredictOptions } from './src/evaluate/scores/predict';
export { accuracyFor, lossFor, probabilitiesFor, type CompiledLoss } from './src/train/compile-and-fit';
export type { FittedRecipe } from './src/data/preprocess/fit';
export type { Imported, ImportOptions } from './src/weights/import/import-weights';

// Folders of runs and models.
export type { ResumeRunOptions } from './src/workflows/train/resume-run';
export type { Provenance, WorkflowEvent, WorkflowOptions, Zoo } from './src/workflows/context';
export type { TrainRunOptions } from './src/workflows/train/train-run';
export type { Interrupted, RunOutcome, RunReport } from './src/workflows/train/finish-run';
export type { FinetuneOptions, FinetuneReport } from './src/workflows/finetune/finetune';
export type { FindRateOptions, FindRateReport } from './src/workflows/finetune/find-rate';
export type { FoundRate, RangePoint } from './src/train/find-rate';
export type {
  EvaluatedFolder,
  EvaluateFolderOptions,
  ModelReport,
} from './src/workflows/evaluate/evaluate-folder';
export type { AskOptions, EncodedImage, OpenTrainedOptions, Trained } from './src/workflows/trained/trained';
export type { TrainedName } from './src/weights/trained-names';
export type {
  FeatureBatch,
  FeaturesOptions,
  WriteFeaturesOptions,
  WrittenFeatures,
} from './src/workflows/trained/features/features';
export type { Classified, ClassifyFilesOptions, ClassifyOptions } from './src/workflows/trained/classify';
export type { ClassActivation } from './src/describe/inspect/class-activation';
export type { Occluder, Occlusion, OcclusionOptions } from './src/describe/inspect/occlusion';
export type { GradCam, InputGradient, Scored } from './src/describe/inspect/score-gradients';
export type { ShownImage } from './src/describe/inspect/shown-image';
export type { StrongestOptions, StrongImage } from './src/describe/inspect/strongest-images';
export type { InspectedImage } from './src/describe/inspect/inspect-image';
export type { Inspected, InspectOptions } from './src/workflows/trained/inspect';
export type { CompareOptions, Comparison, ServeComparisonOptions } from './src/workflows/compare/compare';
export type { ImportedModel, ImportModelOptions } from './src/workflows/weights/import-model';
export type { ExportedModel, ExportModelOptions } from './src/workflows/weights/export-model';
export type {
  ServePlaygroundOptions,
  WritePlaygroundOptions,
  WrittenPlayground,
} from './src/workflows/weights/playground/playground';
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
