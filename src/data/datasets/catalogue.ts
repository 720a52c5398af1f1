/** A data set that can be downloaded as the files its authors published. */
export interface CatalogueEntry {
  /** Its name on the command line, and of its folder under the data root. */
  readonly name: string;
  /** Folders on the web that hold all files, tried in order. */
  readonly mirrors: readonly string[];
  readonly files: readonly PublishedFile[];
}

export interface PublishedFile {
  readonly name: string;
  readonly bytes: number;
  /** As published, in hexadecimal. */
  readonly md5: string;
}

export type DownloadableName = keyof typeof catalogue;

export const catalogue = {
  // Y. LeCun, C. Cortes, C. Burges, "The MNIST database of handwritten digits"
  mnist: {
    name: 'mnist',
    mirrors: [
      'https://ossci-datasets.s3.amazonaws.com/mnist/',
      'https://storage.googleapis.com/cvdf-datasets/mnist/',
    ],
    files: [
      { name: 'train-images-idx3-ubyte.gz', bytes: 9_912_422, md5: 'f68b3c2dcbeaaa9fbdd348bbdeb94873' },
      { name: 'train-labels-idx1-ubyte.gz', bytes: 28_881, md5: 'd53e105ee54ea40749a09fcbcd1e9432' },
      { name: 't10k-images-idx3-ubyte.gz', bytes: 1_648_877, md5: '9fb629c4189551a2d022fa330f9573f3' },
      { name: 't10k-labels-idx1-ubyte.gz', bytes: 4_542, md5: 'ec29112dd5afa0611ce80d1b7f02629c' },
    ],
  },
  // H. Xiao, K. Rasul, R. Vollgraf, "Fashion-MNIST", arXiv:1708.07747
  'fashion-mnist': {
    name: 'fashion-mnist',
    mirrors: [
      'http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/',
      'https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/',
    ],
    files: [
      { name: 'train-images-idx3-ubyte.gz', bytes: 26_421_880, md5: '8d4fb7e6c68d591d4c3dfef9ec88bf0d' },
      { name: 'train-labels-idx1-ubyte.gz', bytes: 29_515, md5: '25c81989df183df01b3e8a0aad5dffbe' },
      { name: 't10k-images-idx3-ubyte.gz', bytes: 4_422_102, md5: 'bef4ecab320f06d8554ea6380940ec79' },
      { name: 't10k-labels-idx1-ubyte.gz', bytes: 5_148, md5: 'bb300cfdad3c16e7a12a480ee83cd310' },
    ],
  },
} satisfies Record<string, CatalogueEntry>;

/** What the published networks were trained on, as far as it decides a network's size or a recipe's meaning. */
export interface PublishedSet {
  readonly classes: number;
  /** Images that its authors set aside for training. */
  readonly trainingImages: number;
}

// Russakovsky et al. 2015, Table 2
const ilsvrc2012 = { classes: 1000, trainingImages: 1_281_167 };

/** By the names that recipes use. */
export const publishedSets: Readonly<Record<string, PublishedSet>> = {
  // Drawn by the program; as many as it draws unasked
  digits: { classes: 10, trainingImages: 8_000 },
  mnist: { classes: 10, trainingImages: 60_000 },
  'fashion-mnist': { classes: 10, trainingImages: 60_000 },
  // LeCun et al. 1989: digits from zip codes
  usps: { classes: 10, trainingImages: 7_291 },
  cifar10: { classes: 10, trainingImages: 50_000 },
  cifar100: { classes: 100, trainingImages: 50_000 },
  // Netzer et al. 2011: 73,257 for training and 531,131 further ones
  svhn: { classes: 10, trainingImages: 604_388 },
  ilsvrc2012,
};
