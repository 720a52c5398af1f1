/**
 * What `cnn-lineage/browser` exports: what a page needs to build, train and use networks, without anything of Node.
 * @module
 */
export * from './layers';
export * from './networks';
export { UserError } from './src/core/errors';
export { seededRandom, type Random } from './src/core/random';
export { cropKinds, type CropKind } from './src/data/augment/crop-kinds';
export { cropsFor, type CropProtocol } from './src/data/augment/evaluation-crops';
export { datasetInMemory, subset, type Dataset, type Splits } from './src/data/dataset';
export { drawDigits } from './src/data/formats/digits/digits';
export { memoryLoader } from './src/data/loader/memory-loader';
export { fitRecipe, needsFitting, type FittedRecipe } from './src/data/preprocess/fit';
export { preprocess, type FittedPreprocess } from './src/data/preprocess/preprocess';
export { drawNetwork } from './src/describe/draw/draw';
export { convolutionalForm } from './src/evaluate/scores/convolutional-form';
export { predict, type Prediction, type PredictOptions } from './src/evaluate/scores/predict';
export { bestClasses } from './src/evaluate/scores/ranking';
export { freeze, layersLike } from './src/finetune/freeze';
export { withNewHead, type NewHeadOptions } from './src/finetune/new-head';
export { stepFor } from './src/train/step/choose-step';
export { eagerStep } from './src/train/step/eager-step';
export type { Step } from './src/train/step/step';
export { train, type TrainOptions, type Update } from './src/train/train';
