/** Network in Network for each data set as a table, a row a layer, from the authors’ own files. */

/**
 * One layer as the authors' files name it. `cccp`, "cascaded cross channel parametric pooling", is a 1×1 convolution;
 * pooling takes 3×3 windows every 2, as many as touch the map; the last one averages each class's map, of `size`×`size`
 * for the authors' images.
 */
export type Row =
  | {
      readonly kind: 'convolution';
      readonly name: string;
      readonly kernel: number;
      readonly stride: number;
      /** Zeros on each side. */
      readonly pad: number;
      readonly maps: number;
    }
  | { readonly kind: 'cccp'; readonly name: string; readonly maps: number | 'classes' }
  | { readonly kind: 'pooling'; readonly name: string; readonly of: 'max' | 'average' }
  | { readonly kind: 'dropout'; readonly name: string }
  | { readonly kind: 'globalAverage'; readonly name: string; readonly size: number };

/** The authors' model for ImageNet in Caffe's model zoo, "nin_imagenet": train_val.prototxt. */
// prettier-ignore
export const ninImagenet: readonly Row[] = [
  //                                                                                        224×224×3
  { kind: 'convolution', name: 'conv1', kernel: 11, stride: 4, pad: 0, maps: 96 }, //       54×54×96
  { kind: 'cccp', name: 'cccp1', maps: 96 }, //                                             54×54×96
  { kind: 'cccp', name: 'cccp2', maps: 96 }, //                                             54×54×96
  { kind: 'pooling', name: 'pool0', of: 'max' }, //                                         27×27×96
  { kind: 'convolution', name: 'conv2', kernel: 5, stride: 1, pad: 2, maps: 256 }, //       27×27×256
  { kind: 'cccp', name: 'cccp3', maps: 256 }, //                                            27×27×256
  { kind: 'cccp', name: 'cccp4', maps: 256 }, //                                            27×27×256
  { kind: 'pooling', name: 'pool2', of: 'max' }, //                                         13×13×256
  { kind: 'convolution', name: 'conv3', kernel: 3, stride: 1, pad: 1, maps: 384 }, //       13×13×384
  { kind: 'cccp', name: 'cccp5', maps: 384 }, //                                            13×13×384
  { kind: 'cccp', name: 'cccp6', maps: 384 }, //                                            13×13×384
  { kind: 'pooling', name: 'pool3', of: 'max' }, //                                         6×6×384
  { kind: 'dropout', name: 'drop' },
  { kind: 'convolution', name: 'conv4-1024', kernel: 3, stride: 1, pad: 1, maps: 1024 }, // 6×6×1024
  { kind: 'cccp', name: 'cccp7-1024', maps: 1024 }, //                                      6×6×1024
  { kind: 'cccp', name: 'cccp8-1024', maps: 'classes' }, //                                 6×6×classes
  { kind: 'globalAverage', name: 'pool4', size: 6 }, //                                     classes
];

/** The authors' NIN/cifar-10_def for cuda-convnet; cifar-100_def differs in the number of classes only. */
// prettier-ignore
const cifar = (secondPooling: 'max' | 'average'): readonly Row[] => [
  //                                                                                        32×32×3
  { kind: 'convolution', name: 'conv1', kernel: 5, stride: 1, pad: 2, maps: 192 }, //       32×32×192
  { kind: 'cccp', name: 'cccp1', maps: 160 }, //                                            32×32×160
  { kind: 'cccp', name: 'cccp2', maps: 96 }, //                                             32×32×96
  { kind: 'pooling', name: 'pool1', of: 'max' }, //                                         16×16×96
  { kind: 'dropout', name: 'dropout1' },
  { kind: 'convolution', name: 'conv2', kernel: 5, stride: 1, pad: 2, maps: 192 }, //       16×16×192
  { kind: 'cccp', name: 'cccp3', maps: 192 }, //                                            16×16×192
  { kind: 'cccp', name: 'cccp4', maps: 192 }, //                                            16×16×192
  { kind: 'pooling', name: 'pool2', of: secondPooling }, //                                 8×8×192
  { kind: 'dropout', name: 'dropout2' },
  { kind: 'convolution', name: 'conv3', kernel: 3, stride: 1, pad: 1, maps: 192 }, //       8×8×192
  { kind: 'cccp', name: 'cccp5', maps: 192 }, //                                            8×8×192
  { kind: 'cccp', name: 'cccp6', maps: 'classes' }, //                                      8×8×classes
  { kind: 'globalAverage', name: 'poolg', size: 8 }, //                                     classes
];

export const ninCifar10 = cifar('max');
export const ninCifar10Caffe = cifar('average');
export const ninCifar100 = cifar('max');

/** The authors' NIN/mnist_def for cuda-convnet. */
// prettier-ignore
export const ninMnist: readonly Row[] = [
  //                                                                                        28×28×1
  { kind: 'convolution', name: 'conv1', kernel: 5, stride: 1, pad: 2, maps: 96 }, //        28×28×96
  { kind: 'cccp', name: 'cccp1', maps: 64 }, //                                             28×28×64
  { kind: 'cccp', name: 'cccp2', maps: 48 }, //                                             28×28×48
  { kind: 'pooling', name: 'pool1', of: 'max' }, //                                         14×14×48
  { kind: 'dropout', name: 'dropout1' },
  { kind: 'convolution', name: 'conv2', kernel: 5, stride: 1, pad: 2, maps: 128 }, //       14×14×128
  { kind: 'cccp', name: 'cccp3', maps: 96 }, //                                             14×14×96
  { kind: 'cccp', name: 'cccp4', maps: 48 }, //                                             14×14×48
  { kind: 'pooling', name: 'pool2', of: 'max' }, //                                         7×7×48
  { kind: 'dropout', name: 'dropout2' },
  { kind: 'convolution', name: 'conv3', kernel: 5, stride: 1, pad: 2, maps: 128 }, //       7×7×128
  { kind: 'cccp', name: 'cccp5', maps: 96 }, //                                             7×7×96
  { kind: 'cccp', name: 'cccp6', maps: 'classes' }, //                                      7×7×classes
  { kind: 'globalAverage', name: 'poolg', size: 7 }, //                                     classes
];

/** The authors' NIN/svhn_def for cuda-convnet. */
// prettier-ignore
export const ninSvhn: readonly Row[] = [
  //                                                                                        32×32×3
  { kind: 'convolution', name: 'conv1', kernel: 5, stride: 1, pad: 2, maps: 128 }, //       32×32×128
  { kind: 'cccp', name: 'cccp1', maps: 96 }, //                                             32×32×96
  { kind: 'cccp', name: 'cccp2', maps: 64 }, //                                             32×32×64
  { kind: 'pooling', name: 'pool1', of: 'max' }, //                                         16×16×64
  { kind: 'dropout', name: 'dropout1' },
  { kind: 'convolution', name: 'conv2', kernel: 5, stride: 1, pad: 2, maps: 320 }, //       16×16×320
  { kind: 'cccp', name: 'cccp3', maps: 256 }, //                                            16×16×256
  { kind: 'cccp', name: 'cccp4', maps: 128 }, //                                            16×16×128
  { kind: 'pooling', name: 'pool2', of: 'max' }, //                                         8×8×128
  { kind: 'dropout', name: 'dropout2' },
  { kind: 'convolution', name: 'conv3', kernel: 5, stride: 1, pad: 2, maps: 384 }, //       8×8×384
  { kind: 'cccp', name: 'cccp5', maps: 256 }, //                                            8×8×256
  { kind: 'cccp', name: 'cccp6', maps: 'classes' }, //                                      8×8×classes
  { kind: 'globalAverage', name: 'poolg', size: 8 }, //                                     classes
];
