/** GoogLeNet as a table: the rows of Szegedy et al. 2015, Table 1, and what variants change. */

/** One line of the paper's table: what one unit of the reader in build.ts makes. */
export type Row =
  | {
      readonly kind: 'convolution';
      readonly name: string;
      readonly kernel: number;
      readonly stride: number;
      readonly maps: number;
    }
  | { readonly kind: 'pooling'; readonly name: string; readonly size: number }
  | { readonly kind: 'normalisation'; readonly name: string }
  | InceptionRow;

/** Maps of each branch: 1×1; 1×1 then 3×3; 1×1 then 5×5; 3×3 pooling then 1×1. */
export interface InceptionRow {
  readonly kind: 'inception';
  readonly name: string;
  readonly one: number;
  readonly threeReduce: number;
  readonly three: number;
  readonly fiveReduce: number;
  readonly five: number;
  readonly project: number;
}

/** What differs between the paper's network and other people's. */
export interface Variant {
  /** Local response normalisation around conv2, or batch normalisation in the place of every convolution's bias. */
  readonly normalisation: 'response' | 'batch';
  /** The kernel of the branch called 5×5. */
  readonly five: 5 | 3;
  /** The window of the fourth pooling. */
  readonly pool4: 3 | 2;
  /** The share of values dropped before the classifier. */
  readonly dropout: number;
  /** How the heads come to 4×4: windows of 5×5 every 3, which needs maps of 14×14, or as many as maps of any size need. */
  readonly headPooling: 'windows' | 'adaptive';
}

export const variants = {
  googlenet: {
    normalisation: 'response',
    five: 5,
    pool4: 3,
    dropout: 0.4, // Table 1
    headPooling: 'windows', // §5
  },
  // pytorch/vision, torchvision/models/googlenet.py
  'googlenet-torchvision': {
    normalisation: 'batch',
    five: 3,
    pool4: 2,
    dropout: 0.2,
    headPooling: 'adaptive',
  },
} as const satisfies Record<string, Variant>;

export type GooglenetName = keyof typeof variants;

/** Szegedy et al. 2015, Table 1, up to the average pooling; poolings go in steps of 2. */
// prettier-ignore
export const table = ({ pool4 }: Variant): readonly Row[] => [
  //                                                                                                                      224×224×3
  { kind: 'convolution', name: 'conv1', kernel: 7, stride: 2, maps: 64 }, //                                              112×112×64
  { kind: 'pooling', name: 'pool1', size: 3 }, //                                                                         56×56×64
  { kind: 'normalisation', name: 'norm1' },
  { kind: 'convolution', name: 'conv2_reduce', kernel: 1, stride: 1, maps: 64 }, //                                       56×56×64
  { kind: 'convolution', name: 'conv2', kernel: 3, stride: 1, maps: 192 }, //                                             56×56×192
  { kind: 'normalisation', name: 'norm2' },
  { kind: 'pooling', name: 'pool2', size: 3 }, //                                                                         28×28×192
  { kind: 'inception', name: '3a', one: 64,  threeReduce: 96,  three: 128, fiveReduce: 16, five: 32,  project: 32  }, //  28×28×256
  { kind: 'inception', name: '3b', one: 128, threeReduce: 128, three: 192, fiveReduce: 32, five: 96,  project: 64  }, //  28×28×480
  { kind: 'pooling', name: 'pool3', size: 3 }, //                                                                         14×14×480
  { kind: 'inception', name: '4a', one: 192, threeReduce: 96,  three: 208, fiveReduce: 16, five: 48,  project: 64  }, //  14×14×512
  { kind: 'inception', name: '4b', one: 160, threeReduce: 112, three: 224, fiveReduce: 24, five: 64,  project: 64  }, //  14×14×512
  { kind: 'inception', name: '4c', one: 128, threeReduce: 128, three: 256, fiveReduce: 24, five: 64,  project: 64  }, //  14×14×512
  { kind: 'inception', name: '4d', one: 112, threeReduce: 144, three: 288, fiveReduce: 32, five: 64,  project: 64  }, //  14×14×528
  { kind: 'inception', name: '4e', one: 256, threeReduce: 160, three: 320, fiveReduce: 32, five: 128, project: 128 }, //  14×14×832
  { kind: 'pooling', name: 'pool4', size: pool4 }, //                                                                     7×7×832
  { kind: 'inception', name: '5a', one: 256, threeReduce: 160, three: 320, fiveReduce: 32, five: 128, project: 128 }, //  7×7×832
  { kind: 'inception', name: '5b', one: 384, threeReduce: 192, three: 384, fiveReduce: 48, five: 128, project: 128 }, //  7×7×1024
];

/** The auxiliary classifiers, by the module whose output they see. §5. */
export const heads: Readonly<Record<string, 'loss1' | 'loss2'>> = { '4a': 'loss1', '4d': 'loss2' };
