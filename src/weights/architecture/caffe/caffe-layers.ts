/** Interprets Caffe’s layers according to src/caffe/proto/caffe.proto, which defines the field numbers and defaults. */
import type { Message } from '../../formats/protobuf-message';
import type { Margins, Operation, Pixels, Sides, Window } from '../description';

/** A layer of either message type, with the settings of its kind. */
export interface CaffeLayer {
  readonly name: string;
  readonly type: string;
  readonly bottoms: readonly string[];
  readonly tops: readonly string[];
  /** Whether its rules restrict it to training. */
  readonly forTraining: boolean;
  readonly settings: (name: keyof typeof settingFields) => Message | undefined;
}

/** The fields with a layer’s settings, in a LayerParameter and in a V1LayerParameter. */
export const settingFields = {
  transform: { now: 100, v1: 36 },
  concat: { now: 104, v1: 9 },
  convolution: { now: 106, v1: 10 },
  data: { now: 107, v1: 11 },
  eltwise: { now: 110, v1: 24 },
  imageData: { now: 115, v1: 15 },
  full: { now: 117, v1: 17 },
  lrn: { now: 118, v1: 18 },
  pooling: { now: 121, v1: 19 },
  power: { now: 122, v1: 21 },
  relu: { now: 123, v1: 30 },
  windowData: { now: 129, v1: 20 },
  reshape: { now: 133, v1: 0 },
  batchNorm: { now: 139, v1: 0 },
  elu: { now: 140, v1: 0 },
} as const;

/** The values of V1LayerParameter.LayerType, as today's names. */
// prettier-ignore
export const typesV1: readonly string[] = [
  'None', 'Accuracy', 'BNLL', 'Concat', 'Convolution', 'Data', 'Dropout', 'EuclideanLoss', 'Flatten', 'HDF5Data',
  'HDF5Output', 'Im2col', 'ImageData', 'InfogainLoss', 'InnerProduct', 'LRN', 'MultinomialLogisticLoss', 'Pooling',
  'ReLU', 'Sigmoid', 'Softmax', 'SoftmaxWithLoss', 'Split', 'TanH', 'WindowData', 'Eltwise', 'Power',
  'SigmoidCrossEntropyLoss', 'HingeLoss', 'MemoryData', 'ArgMax', 'Threshold', 'DummyData', 'Slice', 'MVN', 'AbsVal',
  'Silence', 'ContrastiveLoss', 'Exp', 'Deconvolution',
];

const ends = new Set(['Accuracy', 'ArgMax', 'Silence', 'HDF5Output']);
const readers = new Set(['Data', 'ImageData', 'WindowData']);
/** Data layers whose content the file does not describe. */
const feeds = new Set(['Input', 'HDF5Data', 'MemoryData', 'DummyData', 'Python']);
const activations: Readonly<Record<string, string>> = {
  Sigmoid: 'sigmoid',
  TanH: 'tanh',
  Softmax: 'softmax',
};

/** Whether a layer outputs images and has no input. */
export function isSource({ type, bottoms }: CaffeLayer): boolean {
  return readers.has(type) || (feeds.has(type) && bottoms.length === 0);
}

/** A layer's operation at inference. */
export function operationOf(layer: CaffeLayer): Operation {
  const { type, settings } = layer;
  if (isSource(layer))
    return readers.has(type) ? { kind: 'image', pixels: pixelsOf(layer) } : { kind: 'image' };
  if (ends.has(type) || type.endsWith('Loss')) return { kind: 'end' };
  const of = activations[type];
  if (of !== undefined) return { kind: 'activation', of };
  switch (type) {
    case 'Dropout':
    case 'Split':
    case 'Flatten':
      return { kind: 'identity' };
    case 'Convolution':
      return convolution(settings('convolution'));
    case 'InnerProduct':
      return { kind: 'full', ...(settings('full')?.integer(6) && { transposed: true }) };
    case 'Pooling':
      return pooling(settings('pooling'));
    case 'LRN':
      return responseNormalisation(settings('lrn'));
    case 'ReLU': {
      const slope = settings('relu')?.float(1) ?? 0;
      return { kind: 'activation', of: slope === 0 ? 'ReLU' : `ReLU with slope ${rounded(slope)} below 0` };
    }
    case 'Power':
      return power(settings('power'));
    case 'Concat': {
      const axis = settings('concat')?.integer(2) ?? settings('concat')?.integer(1) ?? 1;
      return axis === 1 ? { kind: 'concatenation' } : other('Concat', `axis ${axis}`);
    }
    case 'Reshape':
      // A reshape to two axes, the images and everything else, which a fully connected layer does anyway.
      return settings('reshape')?.message(1)?.integers(1).length === 2 ? { kind: 'identity' } : other(type);
    case 'BatchNorm':
      return other(type, `epsilon ${rounded(settings('batchNorm')?.float(3) ?? 1e-5)}`);
    case 'Eltwise':
      return other(type, ['product', 'sum', 'maximum'][settings('eltwise')?.integer(1) ?? 1] ?? '');
    case 'ELU':
      return { kind: 'activation', of: `ELU of ${rounded(settings('elu')?.float(1) ?? 1)}` };
    default:
      return other(type);
  }
}

const other = (type: string, settings = ''): Operation => ({ kind: 'other', type, settings });

/** A float32 number rounded for display. */
export function rounded(value: number): string {
  return String(Number(value.toPrecision(6)));
}

function convolution(settings: Message | undefined): Operation {
  if (!settings) return { kind: 'convolution' };
  const margins = sides(settings, [3, 9, 10], 0)!;
  const window: Window = {
    kernel: sides(settings, [4, 11, 12]),
    stride: sides(settings, [6, 13, 14], 1)!,
    dilation: sides(settings, [18], 1)!,
    padding: around(margins),
    rounding: 'down',
  };
  return { kind: 'convolution', window, groups: settings.integer(5) ?? 1 };
}

function pooling(settings: Message | undefined): Operation {
  if (!settings) return { kind: 'pooling', of: 'max' };
  const of = ['max', 'average', 'stochastic'][settings.integer(1) ?? 0] ?? 'unknown';
  if (settings.integer(12)) return { kind: 'pooling', of, window: 'all' };
  const margins = sides(settings, [4, 9, 10], 0)!;
  const window: Window = {
    kernel: sides(settings, [2, 5, 6]),
    stride: sides(settings, [3, 7, 8], 1)!,
    dilation: [1, 1],
    padding: around(margins),
    rounding: settings.integer(13) === 1 ? 'down' : 'up',
  };
  return { kind: 'pooling', of, window, countsMargin: of === 'average' && margins.some((side) => side > 0) };
}

/** Reads one number for both axes, one number for each, or two fields. */
function sides(
  settings: Message,
  [both, rows, columns]: readonly [number, number?, number?],
  otherwise?: number,
): Sides | undefined {
  const given = settings.integers(both);
  const height = (rows === undefined ? undefined : settings.integer(rows)) ?? given[0] ?? otherwise;
  const width = (columns === undefined ? undefined : settings.integer(columns)) ?? given.at(-1) ?? otherwise;
  return height === undefined || width === undefined ? undefined : [height, width];
}

const around = ([rows, columns]: Sides): Margins => [rows, rows, columns, columns];

function responseNormalisation(settings: Message | undefined): Operation {
  const size = settings?.integer(1) ?? 5;
  const within = settings?.integer(4) === 1;
  const alpha = settings?.float(2) ?? 1;
  return {
    kind: 'responseNormalisation',
    within,
    size,
    alpha: alpha / (within ? size * size : size),
    beta: settings?.float(3) ?? 0.75,
    k: settings?.float(5) ?? 1,
  };
}

function power(settings: Message | undefined): Operation {
  const [exponent, scale, shift] = [
    settings?.float(1) ?? 1,
    settings?.float(2) ?? 1,
    settings?.float(3) ?? 0,
  ];
  if (exponent !== 1) return other('Power', `(${rounded(shift)} + ${rounded(scale)} x)^${rounded(exponent)}`);
  return scale === 1 && shift === 0 ? { kind: 'identity' } : { kind: 'affine', scale, shift };
}

/** How a data layer transforms pixels; before 2014 this was part of the layer's own settings. */
function pixelsOf({ settings, type }: CaffeLayer): Pixels {
  const transform = settings('transform');
  const older = settings(type === 'ImageData' ? 'imageData' : type === 'WindowData' ? 'windowData' : 'data');
  const values = transform?.floats(5) ?? [];
  const hasImage = transform?.has(4) || older?.has(3);
  return {
    scale: (transform?.float(1) ?? 1) * (older?.float(2) ?? 1),
    mean: values.length > 0 ? values : hasImage ? 'image' : [],
    unsaid: !transform && !older?.has(2) && !older?.has(3),
  };
}
