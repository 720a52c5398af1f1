/** LeNet-1, LeNet-5 and three variants as tables, a row a layer, with the papers’ maps of connections. */
import { codeLength } from './codes';

/** The side of kernels, whose stride is 1. */
export const kernelSize = 5;
/** The side and the stride of windows. */
export const window = 2;

export type Row =
  | VariantRow
  | { readonly name: string; readonly kind: 'convolution'; readonly maps: number }
  /** Output map i reads the input maps of `reads[i]`. */
  | { readonly name: string; readonly kind: 'subsetConvolution'; readonly reads: MapTable }
  | { readonly name: string; readonly kind: 'subsampling' | 'averagePooling' }
  | { readonly name: string; readonly kind: 'full'; readonly units: number }
  | { readonly name: string; readonly kind: 'relu' }
  /** One unit a class: fully connected, or the distance from the class's code. */
  | { readonly name: string; readonly kind: 'classes' | 'logits' | 'codes' };

/** A row that only variants have; `variant-layers.ts` makes its layer. */
export type VariantRow =
  | { readonly name: string; readonly kind: 'learnedCombination'; readonly maps: number }
  | { readonly name: string; readonly kind: 'maxPooling' };

export type MapTable = readonly (readonly number[])[];

export interface Table {
  readonly rows: readonly Row[];
  /**
   * What follows the sums of every row with weights of its own, but for logits and codes:
   * 1.7159 tanh(2a/3), or nothing where the rows themselves say it.
   */
  readonly squash: 'scaledTanh' | 'none';
  /** The only side of a square input that leaves the rows as they are; else any side that leaves them a position. */
  readonly side?: number;
}

/** Which maps of H2 each map of H3 reads. Le Cun et al. 1989, Table 1. */
// prettier-ignore
const h3Reads: MapTable = [[0], [0, 1], [0, 1], [1], [0, 1], [0, 1], [2], [2, 3], [2, 3], [3], [2, 3], [2, 3]];

/** Le Cun et al., NIPS 1989, pp. 400–402. */
// prettier-ignore
export const lenet1: Table = { squash: 'scaledTanh', rows: [
  //                                                                        28×28×1
  { name: 'H1',     kind: 'convolution',       maps: 4 },             //    24×24×4
  { name: 'H2',     kind: 'subsampling' },                            //    12×12×4
  { name: 'H3',     kind: 'subsetConvolution', reads: h3Reads },      //    8×8×12
  { name: 'H4',     kind: 'subsampling' },                            //    4×4×12
  { name: 'output', kind: 'classes' },                                //    10
] };

/** Which maps of S2 each map of C3 reads. LeCun et al. 1998, Table I. */
const c3Reads: MapTable = [
  [0, 1, 2],
  [1, 2, 3],
  [2, 3, 4],
  [3, 4, 5],
  [0, 4, 5],
  [0, 1, 5],
  [0, 1, 2, 3],
  [1, 2, 3, 4],
  [2, 3, 4, 5],
  [0, 3, 4, 5],
  [0, 1, 4, 5],
  [0, 1, 2, 5],
  [0, 1, 3, 4],
  [1, 2, 4, 5],
  [0, 2, 3, 5],
  [0, 1, 2, 3, 4, 5],
];

/** LeCun et al. 1998, §II.B. */
// prettier-ignore
export const lenet5: Table = { squash: 'scaledTanh', side: 32, rows: [
  //                                                                        32×32×1
  { name: 'C1',     kind: 'convolution',       maps: 6 },             //    28×28×6
  { name: 'S2',     kind: 'subsampling' },                            //    14×14×6
  { name: 'C3',     kind: 'subsetConvolution', reads: c3Reads },      //    10×10×16
  { name: 'S4',     kind: 'subsampling' },                            //    5×5×16
  { name: 'C5',     kind: 'convolution',       maps: 120 },           //    1×1×120
  { name: 'F6',     kind: 'full',              units: codeLength },   //    84
  { name: 'output', kind: 'codes' },                                  //    10
] };

/** What is often called LeNet-5 today: no subsets, no weights in the pooling, logits. */
// prettier-ignore
export const lenet5Modern: Table = { squash: 'scaledTanh', side: 32, rows: [
  //                                                                        32×32×1
  { name: 'C1',     kind: 'convolution',       maps: 6 },             //    28×28×6
  { name: 'S2',     kind: 'averagePooling' },                         //    14×14×6
  { name: 'C3',     kind: 'convolution',       maps: 16 },            //    10×10×16
  { name: 'S4',     kind: 'averagePooling' },                         //    5×5×16
  { name: 'C5',     kind: 'convolution',       maps: 120 },           //    1×1×120
  { name: 'F6',     kind: 'full',              units: 84 },           //    84
  { name: 'output', kind: 'logits' },                                 //    10
] };

/** Caffe, examples/mnist/lenet_train_test.prototxt. */
// prettier-ignore
export const lenetCaffe: Table = { squash: 'none', rows: [
  //                                                                        28×28×1
  { name: 'conv1',  kind: 'convolution',       maps: 20 },            //    24×24×20
  { name: 'pool1',  kind: 'maxPooling' },                             //    12×12×20
  { name: 'conv2',  kind: 'convolution',       maps: 50 },            //    8×8×50
  { name: 'pool2',  kind: 'maxPooling' },                             //    4×4×50
  { name: 'ip1',    kind: 'full',              units: 500 },          //    500
  { name: 'relu1',  kind: 'relu' },                                   //    500
  { name: 'ip2',    kind: 'logits' },                                 //    10
] };

/** The layers of Bouvrie 2006, §3; their number and widths are ours. */
// prettier-ignore
export const lenetBouvrie: Table = { squash: 'scaledTanh', rows: [
  //                                                                        28×28×1
  { name: 'C1',     kind: 'convolution',        maps: 6 },            //    24×24×6
  { name: 'S2',     kind: 'subsampling' },                            //    12×12×6
  { name: 'C3',     kind: 'learnedCombination', maps: 12 },           //    8×8×12
  { name: 'S4',     kind: 'subsampling' },                            //    4×4×12
  { name: 'output', kind: 'classes' },                                //    10
] };
