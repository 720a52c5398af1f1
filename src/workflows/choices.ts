/** The values and defaults of options that workflows take, for those who only list them. */

/** The formats that `exportModel` writes. */
export const exportFormats = ['tfjs', 'onnx', 'safetensors', 'keras', 'page'] as const;
export type ExportFormat = (typeof exportFormats)[number];

/** How a fine-tuning learns: it solves a linear head, descends gradients, or solves where that can be done. */
export const finetuneMethods = ['auto', 'solve', 'descend'] as const;
export type FinetuneMethodName = (typeof finetuneMethods)[number];

/** The rules by which a fine-tuning may descend gradients. */
export const finetuneOptimisers = ['momentum', 'adam', 'adamw'] as const;
export type FinetuneOptimiser = (typeof finetuneOptimisers)[number];

/** Whether each class counts the same in the loss; `auto`: where one has over twice as many images as another. */
export const classWeightings = ['auto', 'balanced', 'none'] as const;
export type ClassWeights = (typeof classWeightings)[number];

export const defaults = {
  /** The seed of a run. */
  seed: 1,
  /** Updates between checkpoints. */
  checkpointEvery: 1000,
  /** The share of each class that a fine-tuning splits off for each part that is missing. */
  validationSplit: 0.15,
  /** How many classes of an image are named. */
  ranks: 5,
  /** Updates and passes that `bench` times. */
  benchSteps: 100,
  /** Entries of each tensor that `checkGradients` compares. */
  gradientEntries: 8,
  /** Distorted samples of an image. */
  samples: 14,
  /** Maps that are drawn of each layer. */
  maps: 12,
  /** Images that excite a unit most. */
  strongest: 12,
} as const;
