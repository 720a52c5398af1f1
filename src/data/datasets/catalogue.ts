/** Every published data set that this project knows, one record each: its size, classes, folder and download. */

/** What is known of a published data set before any of its files is read. */
export interface PublishedDataset {
  /** Where its authors describe it; for this project's own data set, what it is. */
  readonly source: string;
  readonly classes: number;
  /** Class names by label, if its files do not have them. */
  readonly classNames?: readonly string[];
  /** Images that its authors set aside for training. */
  readonly trainingImages: number;
  /** Images that published errors are measured on. */
  readonly testImages?: number;
  /** The background of all its images, where that has one brightness. */
  readonly background?: 'black';
  /** What its folder has to hold, in words, if the data set is not downloaded. */
  readonly folder?: string;
  readonly download?: Download;
}

/** The files of a data set as its authors published them. */
export interface Download {
  /** Folders on the web that hold all files, tried in order. */
  readonly mirrors: readonly string[];
  readonly files: readonly PublishedFile[];
}

/** A file of a published data set, with what tells that it is whole. */
export interface PublishedFile {
  readonly name: string;
  readonly bytes: number;
  /** As published, in hexadecimal. */
  readonly md5: string;
}

const digitNames = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'];

/** Keyed by the names used in recipes, in `--data` and for the folders in the data root. */
const records = {
  digits: {
    source: 'Drawn by this program; as many as it draws unless it is asked for others',
    classes: 10,
    classNames: digitNames,
    trainingImages: 8_000,
    background: 'black',
  },
  mnist: {
    source: 'Y. LeCun, C. Cortes, C. Burges, "The MNIST database of handwritten digits"',
    classes: 10,
    classNames: digitNames,
    trainingImages: 60_000,
    testImages: 10_000,
    background: 'black',
    download: {
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
  },
  'fashion-mnist': {
    source: 'H. Xiao, K. Rasul, R. Vollgraf, "Fashion-MNIST", arXiv:1708.07747',
    classes: 10,
    classNames: [
      'T-shirt/top',
      'Trouser',
      'Pullover',
      'Dress',
      'Coat',
      'Sandal',
      'Shirt',
      'Sneaker',
      'Bag',
      'Ankle boot',
    ], // Table 2
    trainingImages: 60_000,
    testImages: 10_000,
    background: 'black',
    download: {
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
  },
  usps: {
    source: 'LeCun et al. 1989: digits from zip codes, §2',
    classes: 10,
    classNames: digitNames,
    trainingImages: 7_291,
    testImages: 2_007,
    background: 'black',
    folder: 'zip.train.gz and zip.test.gz',
  },
  cifar10: {
    source: 'A. Krizhevsky, "The CIFAR-10 and CIFAR-100 datasets"',
    classes: 10,
    classNames: 'airplane automobile bird cat deer dog frog horse ship truck'.split(' '),
    trainingImages: 50_000,
    testImages: 10_000,
    folder: 'data_batch_1.bin to data_batch_5.bin and test_batch.bin',
  },
  cifar100: {
    source: 'A. Krizhevsky, "The CIFAR-10 and CIFAR-100 datasets"',
    classes: 100,
    trainingImages: 50_000,
    testImages: 10_000,
    folder: 'train.bin and test.bin',
  },
  svhn: {
    source: 'Netzer et al. 2011: 73,257 images for training and 531,131 further ones',
    classes: 10,
    trainingImages: 604_388,
    testImages: 26_032,
  },
  ilsvrc2012: {
    source: 'Russakovsky et al. 2015, Table 2; errors are measured on the validation set',
    classes: 1000,
    trainingImages: 1_281_167,
    testImages: 50_000,
    folder: 'train/ and val/, each with a folder for each class,',
  },
} satisfies Record<string, PublishedDataset>;

/** The name of a published data set. */
export type DatasetName = keyof typeof records;

/** All published data sets, by name. */
export const datasets: Readonly<Record<DatasetName, PublishedDataset>> = records;

/** The record of the published data set with this name; undefined if there is none. */
export function publishedDataset(name: string): PublishedDataset | undefined {
  return Object.hasOwn(datasets, name) ? datasets[name as DatasetName] : undefined;
}

/** The data sets that can be downloaded. */
export const downloadableNames = (Object.keys(records) as DatasetName[]).filter(
  (name) => datasets[name].download,
);

/** The names of the data sets that are drawn or downloaded; any other data set is given as a folder. */
export const dataNames: readonly string[] = ['digits', ...downloadableNames];

/** The names that mean a published data set in code and in `--data`: drawn, downloaded, or a folder in the data root. */
export const usableNames = (Object.keys(records) as DatasetName[]).filter(
  (name) => dataNames.includes(name) || datasets[name].folder !== undefined,
);

/** What else names data, in words. */
export const dataFolders =
  'a folder of images by class, of IDX, CIFAR or USPS files or of tar shards, NAME-{000000..000009}.tar';
