/**
 * What `cnn-lineage/browser` exports: what a page, or a worker of one, needs to build, train, fine-tune and use networks,
 * without anything of Node.
 * @module
 */
export * from './networks';
export { tf } from './src/core/tf';
export { UserError } from './src/core/errors';
export { seededRandom, type Random } from './src/core/random';
export {
  backendInUse,
  pageBackends,
  useBackend,
  type PageBackend,
  type PageBackendOptions,
  type PagePassedOver,
  type PageRuntime,
} from './src/browser/backend';
export { DeviceLost, type KeptTraining } from './src/browser/device-lost';
export {
  finetune,
  type FinetuneEvent,
  type PageFinetuned,
  type PageFinetuneOptions,
} from './src/browser/finetune';
export { openIdxFiles } from './src/browser/images/idx';
export {
  labelledImages,
  openPageImage,
  pageImage,
  type ImagesByClass,
  type ImageSource,
  type PageImage,
} from './src/browser/images/images';
export { pageLoader } from './src/browser/images/loader';
export {
  modelFolder,
  openModelFiles,
  trainedModel,
  type Networks,
  type PageTraining,
  type ReadFile,
} from './src/browser/models/model-files';
export {
  openModel,
  openSafetensors,
  openSavedModel,
  removeSavedModel,
  savedModels,
  saveModel,
  type OpenModelOptions,
} from './src/browser/models/open-model';
export { loadPretrained } from './src/browser/models/pretrained';
export { trainedNames, type TrainedName } from './src/weights/trained-names';
export {
  pageTrained,
  type PageAnswer,
  type PageClassifyOptions,
  type PageTrained,
} from './src/browser/models/trained';
export {
  evaluate,
  predict,
  train,
  type Cancellable,
  type PageEvaluateOptions,
  type PageTrainOptions,
} from './src/browser/training';
export { cropKinds, type CropKind } from './src/data/augment/crop-kinds';
export { cropsFor, type CropProtocol } from './src/data/augment/evaluation-crops';
export { datasetInMemory, subset, type Dataset, type Splits } from './src/data/dataset';
export { drawDigits } from './src/data/formats/digits/digits';
export { BadImageError } from './src/data/image/image-error';
export { memoryLoader } from './src/data/loader/memory-loader';
export { fitRecipe, needsFitting, type FittedRecipe } from './src/data/preprocess/fit';
export { preprocess, type FittedPreprocess } from './src/data/preprocess/preprocess';
export { drawNetwork } from './src/describe/draw/draw';
export { classActivationMap, type ClassActivation } from './src/describe/inspect/class-activation';
export {
  lossByPixel,
  occlusion,
  type Occluder,
  type Occlusion,
  type OcclusionOptions,
} from './src/describe/inspect/occlusion';
export {
  gradCam,
  inputGradient,
  type GradCam,
  type InputGradient,
} from './src/describe/inspect/score-gradients';
export { shownImages, type ShownImage } from './src/describe/inspect/shown-image';
export {
  strongestImages,
  type StrongestOptions,
  type StrongImage,
} from './src/describe/inspect/strongest-images';
export type { Evaluation } from './src/evaluate/evaluate';
export type { RankedClass } from './src/evaluate/scores/classify';
export { convolutionalForm } from './src/evaluate/scores/convolutional-form';
export type { Prediction, PredictOptions } from './src/evaluate/scores/predict';
export { bestClasses } from './src/evaluate/scores/ranking';
export { freeze, layersLike } from './src/finetune/freeze';
export { withNewHead, type NewHeadOptions } from './src/finetune/new-head';
export { stepFor } from './src/train/step/choose-step';
export { eagerStep } from './src/train/step/eager-step';
export type { Step } from './src/train/step/step';
export { accuracyFor, lossFor, probabilitiesFor, type CompiledLoss } from './src/train/compile-and-fit';
export type { TrainOptions, Update } from './src/train/train';
export { safetensorsFile } from './src/weights/export/safetensors';
