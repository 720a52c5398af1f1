/**
 * What `cnn-lineage/weights` exports: reading and writing weights in the formats of all toolkits.
 * @module
 */
export { UserError } from './src/core/errors';
export { kerasFile, type KerasFile } from './src/weights/export/keras/keras';
export { safetensorsFile } from './src/weights/export/safetensors';
export { exportTfjs } from './src/weights/export/tfjs';
export { pageScripts } from './src/workflows/weights/page-scripts';
export { readForeign } from './src/weights/formats/read-weights';
export { readSafetensors } from './src/weights/formats/safetensors/read-safetensors';
export { encodeSafetensors, type Safetensors } from './src/weights/formats/safetensors/safetensors';
export { importWeights, type Imported, type ImportOptions } from './src/weights/import/import-weights';
export {
  loadModelFolder,
  openModelFolder,
  writeModelFolder,
  type ModelRecord,
} from './src/weights/model-folder';
export { arraysOf, setWeights, type NamedArray } from './src/weights/named-array';
export type { TrainedModel } from './src/weights/trained-model';
