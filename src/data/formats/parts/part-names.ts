/** The parts of a data set, by the words that tools call their folders and shards. */
export type Part = 'train' | 'validation' | 'test';

/**
 * The words that Hugging Face's `datasets` recognises (documentation, "Structure your repository"); among them Keras's
 * and PyTorch's `train`, `val` and `test`, and the `valid` of Roboflow and fast.ai.
 */
const words: Readonly<Record<Part, readonly string[]>> = {
  train: ['train', 'training'],
  validation: ['validation', 'val', 'valid', 'dev'],
  test: ['test', 'testing', 'eval', 'evaluation'],
};

export const parts = Object.keys(words) as readonly Part[];

/**
 * What comes before or after the word in well-known data sets: `training_set`, `seg_train`, `ILSVRC2012_img_val`,
 * `train2017`.
 */
const around = {
  before: /^(?:(?:seg|ilsvrc\d*|img|images?)[-_ ])+/,
  after: /[-_ ]?(?:set|split|data|images?|\d{4})$/,
};

/** The part that a folder of this name most likely holds; upper and lower case are the same. */
export function partOfName(name: string): Part | undefined {
  const word = name.toLowerCase().replace(around.before, '').replace(around.after, '');
  return parts.find((part) => words[part].includes(word));
}

/**
 * The part of a folder whose name has a number before the word, such as `1_train` and `02-test`. It may also be a
 * class, unless all folders beside it are parts.
 */
export function numberedPartOfName(name: string): Part | undefined {
  const word = name.replace(/^\d+[-_. ]+/, '');
  return word === name ? undefined : partOfName(word);
}

/** The part as earlier releases recognised it, with fewer words; runs that they began use this. */
export function formerPartOfName(name: string): Part | undefined {
  return name === 'val' ? 'validation' : parts.find((part) => part === name);
}

/** Sorts names for messages: usual spellings before others. */
export function byUsualSpelling(one: string, other: string): number {
  const rank = (name: string) => {
    const at = parts.flatMap((part) => words[part]).indexOf(name);
    return at < 0 ? Infinity : at;
  };
  return rank(one) === rank(other) ? (one < other ? -1 : 1) : rank(one) - rank(other);
}

/** Whether a folder's name says that its images are unlabelled. */
export function isUnlabelled(name: string): boolean {
  return /^(?:unsup(?:ervised)?|unlabell?ed)(?:[-_ ]?(?:set|data|images?))?$/i.test(name);
}

/** Whether a folder's name says that a network is to predict its images' classes; recognised only beside the parts. */
export function isPrediction(name: string): boolean {
  return /^(?:seg[-_])?(?:pred|predict|predictions?|inference)$/i.test(name);
}
