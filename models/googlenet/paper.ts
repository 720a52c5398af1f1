/** What Szegedy et al. 2015 say of GoogLeNet: counts, published errors, and our departures. */
import type { Paper } from '../../src/core/network';

const szegedy2015 = {
  title: 'Going Deeper with Convolutions',
  authors:
    'C. Szegedy, W. Liu, Y. Jia, P. Sermanet, S. Reed, D. Anguelov, D. Erhan, V. Vanhoucke, A. Rabinovich',
  venue: 'IEEE Conference on Computer Vision and Pattern Recognition',
  year: 2015,
} as const;

/** For each module one number a branch, in this order. */
const branches = ['one', 'threeReduce', 'three', 'fiveReduce', 'five', 'project'] as const;
type Modules = Readonly<Record<string, readonly number[]>>;

// prettier-ignore
const parameters: Modules = {
  '3a': [ 12_352,  18_528, 110_720,  3_088,  12_832,   6_176],
  '3b': [ 32_896,  32_896, 221_376,  8_224,  76_896,  16_448],
  '4a': [ 92_352,  46_176, 179_920,  7_696,  19_248,  30_784],
  '4b': [ 82_080,  57_456, 226_016, 12_312,  38_464,  32_832],
  '4c': [ 65_664,  65_664, 295_168, 12_312,  38_464,  32_832],
  '4d': [ 57_456,  73_872, 373_536, 16_416,  51_264,  32_832],
  '4e': [135_424,  84_640, 461_120, 16_928, 102_528,  67_712],
  '5a': [213_248, 133_280, 461_120, 26_656, 102_528, 106_624],
  '5b': [319_872, 159_936, 663_936, 39_984, 153_728, 106_624],
};

/** torchvision's: 3×3 for 5×5, no biases. */
// prettier-ignore
const torchvisionWeights: Modules = {
  '3a': [ 12_288,  18_432, 110_592,  3_072,  4_608,   6_144],
  '3b': [ 32_768,  32_768, 221_184,  8_192, 27_648,  16_384],
  '4a': [ 92_160,  46_080, 179_712,  7_680,  6_912,  30_720],
  '4b': [ 81_920,  57_344, 225_792, 12_288, 13_824,  32_768],
  '4c': [ 65_536,  65_536, 294_912, 12_288, 13_824,  32_768],
  '4d': [ 57_344,  73_728, 373_248, 16_384, 18_432,  32_768],
  '4e': [135_168,  84_480, 460_800, 16_896, 36_864,  67_584],
  '5a': [212_992, 133_120, 460_800, 26_624, 36_864, 106_496],
  '5b': [319_488, 159_744, 663_552, 39_936, 55_296, 106_496],
};

/** torchvision's batch normalisations: a scale and a shift for each map. */
// prettier-ignore
const torchvisionScales: Modules = {
  '3a': [128, 192, 256, 32,  64,  64],
  '3b': [256, 256, 384, 64, 192, 128],
  '4a': [384, 192, 416, 32,  96, 128],
  '4b': [320, 224, 448, 48, 128, 128],
  '4c': [256, 256, 512, 48, 128, 128],
  '4d': [224, 288, 576, 64, 128, 128],
  '4e': [512, 320, 640, 64, 256, 256],
  '5a': [512, 320, 640, 64, 256, 256],
  '5b': [768, 384, 768, 96, 256, 256],
};

export const googlenet = {
  ...szegedy2015,
  parameters: {
    exact: 6_998_552,
    quoted: '12 times fewer than the network of Krizhevsky et al.',
    where: '§1',
    layers: {
      conv1: 9_472,
      conv2_reduce: 4_160,
      conv2: 110_784,
      ...byLayer(parameters),
      'loss3/classifier': 1_025_000,
    },
  },
  lineage: {
    kind: 'after',
    network: 'nin-cifar10',
    line: 'modules',
    adds: 'Modules of four branches, narrowed by 1×1 convolutions, 22 layers deep; auxiliary classifiers.',
  },
  results: [
    result(0.1007, '1 model, 1 crop'),
    result(0.0915, '1 model, 10 crops'),
    result(0.0789, '1 model, 144 crops'),
    result(0.0809, '7 models, 1 crop'),
    result(0.0762, '7 models, 10 crops'),
    result(0.0667, '7 models, 144 crops'),
  ],
  departures: [
    {
      paper: 'Local response normalisation without constants, and not in Table 1.',
      ours: 'After the first pooling and before the second, with n = 5, k = 1, α = 0.0001/5, β = 0.75.',
      why: 'A guess: the places and constants of Caffe’s replication, whose α is divided by n.',
    },
    {
      paper: 'Asynchronous updates from several machines (§6).',
      ours: 'One update after the other.',
      why: 'The result of asynchronous updates cannot be repeated.',
    },
    {
      paper: 'Patches are resized by an interpolation drawn at random (§6).',
      ours: 'Always by the same one.',
      why: 'The paper cannot tell whether it helps.',
    },
  ],
  discrepancies: [
    'Table 1 gives conv1 2.7K parameters and 34M operations; 7×7 kernels from 3 to 64 maps at 112×112 positions hold 9,472 and take 118,013,952.',
    'Table 1 gives inception (4c) 463K parameters and inception (5a) 54M operations; their branches hold 510,104 and take 51,079,168.',
    'Table 1 sums to about 6.8M parameters and 1.5G operations; the layers that it lists hold 6,998,552 and take 1,582,671,872.',
    'Table 3 prints −3.45 % for 7 models and 144 crops beside 10.07 % and 6.67 %, which differ by 3.40 %.',
  ],
} as const satisfies Paper;

export const googlenetTorchvision = {
  ...szegedy2015,
  parameters: {
    exact: 6_624_904,
    layers: {
      conv1: 9_408,
      'conv1/normalise': 128,
      conv2_reduce: 4_096,
      'conv2_reduce/normalise': 128,
      conv2: 110_592,
      'conv2/normalise': 384,
      ...byLayer(torchvisionWeights),
      ...byLayer(torchvisionScales, '/normalise'),
      'loss3/classifier': 1_025_000,
    },
  },
  lineage: { kind: 'variant', network: 'googlenet' },
  results: [
    { ...result(0.30222, '1 crop'), metric: 'top-1 error', where: 'documentation of torchvision' },
    { ...result(0.1047, '1 crop'), where: 'documentation of torchvision' },
  ],
  departures: [
    {
      paper: 'Local response normalisation around the second convolution.',
      ours: 'Batch normalisation after every convolution, with ε = 0.001 and no biases.',
      why: 'torchvision’s network, which took over the weights of TensorFlow-Slim’s.',
    },
    {
      paper: 'A branch of 5×5 kernels in every module.',
      ours: 'Its kernels are 3×3.',
      why: 'An error that torchvision took over and keeps for the sake of its weights (its issue 906).',
    },
    {
      paper: 'The fourth pooling takes windows of 3×3 (Table 1).',
      ours: 'Windows of 2×2.',
      why: 'torchvision’s network.',
    },
    {
      paper: '40 % of the values before the classifier are dropped (Table 1).',
      ours: '20 %.',
      why: 'torchvision’s network.',
    },
    {
      paper: 'The heads average windows of 5×5 every 3 (§5).',
      ours: 'They average 4×4 windows that cover a map of any size evenly.',
      why: 'torchvision’s network.',
    },
  ],
} as const satisfies Paper;

function byLayer(modules: Modules, suffix = ''): Readonly<Record<string, number>> {
  return Object.fromEntries(
    Object.entries(modules).flatMap(([name, numbers]) =>
      numbers.map((number, index) => [`inception_${name}/${branches[index]!}${suffix}`, number]),
    ),
  );
}

/** A top-5 error on ImageNet's validation images. */
function result(error: number, protocol: string) {
  return { dataset: 'ilsvrc2012', metric: 'top-5 error', error, protocol, where: 'Table 3' } as const;
}
