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
