/** What options of other toolkits are called here, for messages: none of them is taken. */
import { networkNamed, networkNames } from '../../../models/names';
import { shellWords } from '../../../src/core/text/shell-words';

/** What may stand for an option of another toolkit, the first that a command has: an option, or a place by its name. */
type Meanings = readonly string[];

/**
 * By the names in the scripts of torchvision, timm, Caffe, Keras, Ultralytics and scikit-learn. What follows the name of
 * an option is its value; after `=` the value that was typed follows.
 */
const meanings: readonly (readonly [names: readonly string[], Meanings])[] = [
  [
    ['lr', 'lr0', 'learning-rate', 'base-lr'],
    ['rate', 'set schedule.from='],
  ],
  [['wd', 'weight-decay'], ['set weightDecay=']],
  [['momentum'], ['set optimiser.momentum=']],
  [
    ['optimizer', 'optim', 'opt'],
    ['optimiser', 'set optimiser='],
  ],
  [['batch-size', 'bs', 'b'], ['batch']],
  [['num-epochs', 'n-epochs', 'nb-epoch', 'max-epochs'], ['epochs']],
  [['num-workers', 'threads', 'num-threads', 'jobs', 'j'], ['workers']],
  [
    ['dataset', 'data-dir', 'data-path', 'train-dir', 'image-dir', 'input', 'source', 'data', 'i'],
    ['data', 'images', 'image', 'folder', 'dataset', 'file'],
  ],
  [['output', 'output-dir', 'out-dir', 'save-dir', 'save-path', 'log-dir', 'o'], ['out']],
  [
    ['model', 'arch', 'architecture', 'backbone', 'net', 'network', 'm', 'a'],
    ['network', 'model', 'models', 'recipe', 'train'],
  ],
  [
    ['pretrained', 'checkpoint', 'ckpt', 'weights', 'snapshot', 'load', 'init-from'],
    ['weights', 'start-from', 'model', 'models', 'file'],
  ],
  [
    ['gpu', 'gpus', 'cuda', 'use-cuda'],
    ['backend tensorflow-gpu', 'gpu'],
  ],
  [['device', 'accelerator', 'cpu', 'no-cuda'], ['backend']],
  [
    ['val-split', 'val-ratio', 'validation-fraction', 'val-size', 'test-size'],
    ['validation-split', 'validation'],
  ],
  [['early-stopping'], ['patience']],
  [['grad-clip', 'clip-grad', 'max-grad-norm', 'gradient-clip-val'], ['clip-norm']],
  [['grad-accum', 'grad-accum-steps', 'gradient-accumulation-steps'], ['accumulate']],
  [['save-every', 'save-freq', 'save-interval'], ['checkpoint-every']],
  [
    ['amp', 'fp16', 'bf16', 'half', 'mixed-precision', 'dtype'],
    ['precision', 'weights-as'],
  ],
  [['random-seed', 'random-state', 'manual-seed'], ['seed']],
  [['class-names', 'classes-file', 'label-file'], ['labels']],
  [['k'], ['top']],
  [['to', 'type', 'f'], ['format']],
  [['h'], ['help']],
];

const byName = new Map(
  meanings.flatMap(([names, meant]) => names.map((name) => [bare(name), meant] as const)),
);

/** A recipe's rate lies where its schedule has it; that of most is `from`. */
const rateFields: Readonly<Record<string, string | undefined>> = {
  neocognitron: 'schedule.rate=',
  lecun1989: 'schedule.rate=',
  ...Object.fromEntries(
    networkNames.filter((name) => name.startsWith('nin-')).map((name) => [name, 'schedule.steps=']),
  ),
};

/** Other toolkits' names of optimisers; Adam's constants are those of Kingma and Ba 2014, Algorithm 1. */
const optimisers: Readonly<Record<string, string | undefined>> = {
  adam: '{"kind":"adam","beta1":0.9,"beta2":0.999,"epsilon":1e-8}',
  adamw: '{"kind":"adamw","beta1":0.9,"beta2":0.999,"epsilon":1e-8}',
  sgd: '{"kind":"momentum","momentum":0}',
};

/** Where an option of another toolkit was typed. */
export interface ForeignOption {
  /** Without dashes. */
  readonly name: string;
  /** What may be its value. */
  readonly value: string | undefined;
  /** The network that the command names, if it does. */
  readonly network: string | undefined;
}

/** What is meant here: an option or a place by its name, and the words that follow an option. */
export interface Meant {
  readonly name: string;
  readonly words?: string;
}

/**
 * What an option of another toolkit is called here.
 * @param has whether the command has an option or a place of a name
 */
export function calledHere(
  { name, value, network }: ForeignOption,
  has: (name: string) => boolean,
): Meant | undefined {
  const found = byName.get(bare(name))?.find((meant) => isHere(meant, has));
  if (found === undefined) return undefined;
  const [own, words] = found.split(' ') as [string, string?];
  if (words === undefined) return { name: own };
  return { name: own, words: own === 'set' ? settingOf(words, value, network) : words };
}

/** Only what trains has a recipe whose rate and optimiser count: `augment` sets fields too. */
function isHere(meant: string, has: (name: string) => boolean): boolean {
  const option = meant.split(' ')[0]!;
  return has(option) && (option !== 'set' || has('epochs'));
}

function settingOf(field: string, value: string | undefined, network: string | undefined): string {
  if (field === 'schedule.from=') {
    const own = rateFields[networkNamed(network ?? '')];
    if (own === 'schedule.steps=') return own; // a list of epochs and rates
    if (own !== undefined) return own + (value ?? '');
  }
  if (field === 'optimiser=') return shellWords([field + (optimisers[value?.toLowerCase() ?? ''] ?? '')]);
  return value === undefined ? field : shellWords([field + value]);
}

/** A name without case and separators, which toolkits write differently: `batch_size`, `batchSize`. */
function bare(name: string): string {
  return name.toLowerCase().replaceAll(/[_.-]/g, '');
}
