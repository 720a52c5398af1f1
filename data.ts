/**
 * What `cnn-lineage/data` exports: data sets, their formats, crops, distortions and loaders.
 * @module
 */
export { UserError } from './src/core/errors';
export { augmentPixels } from './src/data/augment/augment';
export { cropKinds, type CropKind } from './src/data/augment/crop-kinds';
export { cropsFor, type CropProtocol } from './src/data/augment/evaluation-crops';
export { packImages, type PackOptions } from './src/data/cache/pack-images';
export {
  datasetInMemory,
  subset,
  type Dataset,
  type ImageFile,
  type ImageFiles,
  type ImageSet,
  type Labelled,
  type Splits,
} from './src/data/dataset';
export { dataNames, datasets, type DatasetName, type PublishedDataset } from './src/data/datasets/catalogue';
export { downloadDataset, type Downloaded, type DownloadOptions } from './src/data/datasets/download';
export { drawDigits } from './src/data/formats/digits/digits';
export { openIdx } from './src/data/formats/idx/idx-folder';
export { BadImageError, type BadImage, type BadImagePolicy } from './src/data/image/image-error';
export { openImage } from './src/data/image/open-image';
export type { OpenImage } from './src/data/image/opened-image';
export { inspectImages, type Inspected, type InspectOptions } from './src/data/inspect/inspect-images';
export {
  batches,
  batchesInOrder,
  type AnyBatch,
  type Batch,
  type ByteBatch,
  type SkippedImage,
} from './src/data/loader/batches';
export { openLoader, type Loader, type LoaderOptions } from './src/data/loader/loader';
export { memoryLoader } from './src/data/loader/memory-loader';
export {
  openData,
  openFinetuneData,
  openTestData,
  type OpenDataOptions,
  type OpenFinetuneDataOptions,
} from './src/workflows/data/open-data';
export { fitRecipe, needsFitting, type FittedRecipe } from './src/data/preprocess/fit';
export { preprocess, type FittedPreprocess } from './src/data/preprocess/preprocess';
export { holdOut, stratifiedSplit, type Split } from './src/data/splits';
