/** The parts of a data set, by the words that tools call their folders and shards. */
export type Part = 'train' | 'validation' | 'test';

/**
 * The words that Hugging Face's `datasets` knows (documentation, "Structure your repository"); among them Keras's and
 * PyTorch's `train`, `val` and `test`, and the `valid` of Roboflow and fast.ai.
 */
const words: Readonly<Record<Part, readonly string[]>> = {
  train: ['train', 'training'],
  validation: ['validation', 'val', 'valid', 'dev'],
  test: ['test', 'testing', 'eval', 'evaluation'],
};

export const parts = Object.keys(words) as readonly Part[];

/** What stands around the word in well-known sets: `training_set`, `seg_train`, `ILSVRC2012_img_val`, `train2017`. */
const around = {
  before: /^(?:(?:seg|ilsvrc\d*|img|images?)[-_ ])+/,
  after: /[-_ ]?(?:set|split|data|images?|\d{4})$/,
};

/** The part that a folder of this name, in any case of letters, is likely to be. */
export function partOfName(name: string): Part | undefined {
  const word = name.toLowerCase().replace(around.before, '').replace(around.after, '');
  return parts.find((part) => words[part].includes(word));
}

/**
 * The part of a folder whose name has a number before the word, as `1_train` and `02-test` have; it may be a class's as
 * well, where not all beside it are parts.
 */
export function numberedPartOfName(name: string): Part | undefined {
  const word = name.replace(/^\d+[-_. ]+/, '');
  return word === name ? undefined : partOfName(word);
}

/** As it was told before more words were known; runs that began then are opened so. */
export function formerPartOfName(name: string): Part | undefined {
  return name === 'val' ? 'validation' : parts.find((part) => part === name);
}

/** For people: the usual spellings before the others. */
export function byUsualSpelling(one: string, other: string): number {
  const rank = (name: string) => {
    const at = parts.flatMap((part) => words[part]).indexOf(name);
    return at < 0 ? Infinity : at;
  };
  return rank(one) === rank(other) ? (one < other ? -1 : 1) : rank(one) - rank(other);
}

/** Folders of images that have no class by their name. */
export function isUnlabelled(name: string): boolean {
  return /^(?:unsup(?:ervised)?|unlabell?ed)(?:[-_ ]?(?:set|data|images?))?$/i.test(name);
}

/** Folders of images whose classes a network is to predict: known only beside the parts. */
export function isPrediction(name: string): boolean {
  return /^(?:seg[-_])?(?:pred|predict|predictions?|inference)$/i.test(name);
}
