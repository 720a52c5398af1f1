/** The names of all networks, for those who need no more: the command line lists them without loading a builder. */
export const networkNames = [
  'neocognitron',
  'lecun1989',
  'lenet1',
  'lenet5',
  'lenet5-modern',
  'lenet-caffe',
  'lenet-bouvrie',
  'alexnet',
  'alexnet-ungrouped',
  'alexnet-bvlc',
  'caffenet',
  'alexnet-torchvision',
  'vgg-a',
  'vgg-a-lrn',
  'vgg-b',
  'vgg-c',
  'vgg-d',
  'vgg-e',
  'nin-imagenet',
  'nin-cifar10',
  'nin-cifar10-caffe',
  'nin-cifar100',
  'nin-mnist',
  'nin-svhn',
  'googlenet',
  'googlenet-torchvision',
] as const;

/** One of `networkNames`. */
export type NetworkName = (typeof networkNames)[number];

/**
 * Other names in wide use that mean one of the networks and no other. How a name is written does not matter: case,
 * dashes, underscores, dots and blanks are passed over, so that `VGG-16` is `vgg16`.
 */
export const networkAliases = {
  // LeCun et al. 1998, §II and III, call them so.
  'lenet-1': 'lenet1',
  'lenet-5': 'lenet5',
  // By the layers with weights of each column of Simonyan and Zisserman's Table 1, as torchvision, Keras and the authors'
  // own files count them. C has 16 too, but is called so by nobody.
  vgg11: 'vgg-a',
  vgg13: 'vgg-b',
  vgg16: 'vgg-d',
  vgg19: 'vgg-e',
  // Szegedy et al. 2016 (arXiv:1602.07261), §1: GoogLeNet, "here named Inception-v1".
  'inception-v1': 'googlenet',
  // The folders of BVLC/caffe's models.
  'bvlc-alexnet': 'alexnet-bvlc',
  'bvlc-reference-caffenet': 'caffenet',
} as const satisfies Readonly<Record<string, NetworkName>>;

/** One of the keys of `networkAliases`. */
export type NetworkAlias = keyof typeof networkAliases;

/** What else is called by a network's name, where that is another network. */
export const otherMeanings: { readonly [name in NetworkName]?: string } = {
  alexnet:
    'torchvision’s alexnet is alexnet-torchvision, the single column of Krizhevsky 2014 (arXiv:1404.5997)',
  googlenet: 'torchvision’s googlenet is googlenet-torchvision, which normalises batches',
};

const byPlainName: ReadonlyMap<string, NetworkName> = new Map([
  ...networkNames.map((name) => [plain(name), name] as const),
  ...Object.entries(networkAliases).map(([alias, name]) => [plain(alias), name] as const),
]);

/** The name in the zoo of the network that is meant; the word itself if none is. */
export function networkNamed(word: string): string {
  if (typeof word !== 'string') return word;
  return byPlainName.get(plain(word)) ?? word;
}

/** The other names that are accepted for a network. */
export function aliasesOf(name: string): readonly string[] {
  return Object.entries(networkAliases).flatMap(([alias, meant]) => (meant === name ? [alias] : []));
}

function plain(name: string): string {
  return name.toLowerCase().replaceAll(/[\s._-]+/g, '');
}
