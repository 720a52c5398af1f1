/** Interprets Keras’s layers from their descriptions since version 1, TensorFlow.js’s, which are alike, and our own. */
import { member } from '../../../core/io/json-text';
import { rounded } from '../caffe/caffe-layers';
import { foreignClass, isOfOps } from './keras-classes';
import type { Margins, Operation, Sides, Window } from '../description';

/** How the tensors of a whole network are laid out: whether the axes are maps, rows, columns. */
export interface KerasContext {
  readonly mapsFirst: boolean;
}

/** Layers that only have an effect in training. */
const idle = new Set([
  ...['Dropout', 'SeededDropout', 'SpatialDropout2D', 'GaussianDropout', 'GaussianNoise', 'AlphaDropout'],
  ...['ActivityRegularization', 'RandomFlip', 'RandomRotation', 'RandomZoom', 'RandomTranslation'],
  ...['RandomContrast', 'RandomBrightness', 'RandomHeight', 'RandomWidth'],
]);

/**
 * A layer's operations at inference, step by step: its weighted sums, then what follows them.
 * @param described the layer's full description in the file; the layer may be of a custom class
 */
export function kerasOperations(
  kind: string,
  config: unknown,
  context: KerasContext,
  described?: unknown,
): readonly Operation[] {
  const own = foreignClass(described);
  if (own !== undefined) return [other(`custom ${own}`, config), ...activationOf(config)];
  if (isOfOps(described)) return [functionOf(kind, config, context)];
  if (idle.has(kind)) return [identity];
  const format = formatOf(config);
  if (format !== undefined && (format === 'channels_first') !== context.mapsFirst)
    return [{ kind: 'other', type: kind, settings: format }, ...activationOf(config)];
  switch (kind) {
    case 'InputLayer':
      return [{ kind: 'image' }];
    case 'Conv2D':
    case 'Convolution2D':
      return [convolution(config), ...activationOf(config)];
    case 'GroupedConv2D': {
      const side = number(config, 'kernel_size') ?? number(config, 'kernelSize');
      const window = windowOf([side ?? 0, side ?? 0], [1, 1], 'same');
      return [
        { kind: 'convolution', window, groups: number(config, 'groups') ?? 1 },
        ...activationOf(config),
      ];
    }
    case 'Dense':
      return [{ kind: 'full' }, ...activationOf(config)];
    case 'MaxPooling2D':
    case 'MaxPool2D':
    case 'AveragePooling2D':
    case 'AvgPool2D':
      return [pooling(kind.startsWith('Max') ? 'max' : 'average', config)];
    case 'GlobalMaxPooling2D':
    case 'GlobalMaxPool2D':
    case 'GlobalAveragePooling2D':
    case 'GlobalAvgPool2D':
      return [{ kind: 'pooling', of: kind.startsWith('GlobalMax') ? 'max' : 'average', window: 'all' }];
    case 'CeilPool': {
      const [size, stride] = [number(config, 'size') ?? 0, number(config, 'stride') ?? 0];
      const window = { ...windowOf([size, size], [stride, stride], none), rounding: 'up' as const };
      return [{ kind: 'pooling', of: String(member(config, 'kind')), window }];
    }
    case 'Activation':
      return activationOf(config);
    case 'ReLU':
      return [{ kind: 'activation', of: rectifier(config) }];
    case 'LeakyReLU':
      return [{ kind: 'activation', of: leaky(config) }];
    case 'Softmax':
      return [{ kind: 'activation', of: softmax('softmax', config) }];
    case 'Lrn':
      return [
        {
          kind: 'responseNormalisation',
          within: false,
          size: number(config, 'size') ?? 0,
          alpha: number(config, 'alpha') ?? 0,
          beta: number(config, 'beta') ?? 0,
          k: number(config, 'k') ?? 0,
        },
      ];
    case 'BatchNormalization':
      return [batchNormalisation(kind, config, context)];
    case 'ZeroPadding2D':
      return [{ kind: 'padding', margins: marginsOf(member(config, 'padding')) }];
    case 'Concatenate':
    case 'Merge': {
      const axis = number(config, 'axis') ?? number(config, 'concat_axis') ?? -1;
      const joins = kind === 'Concatenate' || member(config, 'mode') === 'concat';
      return [joins && isMapsAxis(axis, context) ? { kind: 'concatenation' } : other(kind, config)];
    }
    case 'Flatten':
      return [
        context.mapsFirst && format === undefined
          ? { kind: 'other', type: kind, settings: 'of maps first' }
          : identity,
      ];
    case 'Reshape': {
      const shape = member(config, 'target_shape');
      return [
        Array.isArray(shape) && shape.length === 1 && !context.mapsFirst ? identity : other(kind, config),
      ];
    }
    case 'Rescaling':
      return [rescaling(config)];
    default:
      return [other(kind, config), ...activationOf(config)];
  }
}

/** The data format in a layer's configuration; Keras 1 named it after its backends. */
export function formatOf(config: unknown): 'channels_first' | 'channels_last' | undefined {
  const said = member(config, 'data_format') ?? member(config, 'dim_ordering');
  if (said === 'channels_first' || said === 'th') return 'channels_first';
  return said === 'channels_last' || said === 'tf' ? 'channels_last' : undefined;
}

/** The operation of a function of `keras.ops` that is used as a layer. */
function functionOf(kind: string, config: unknown, context: KerasContext): Operation {
  switch (kind) {
    case 'Relu':
      return { kind: 'activation', of: 'ReLU' };
    case 'Relu6':
      return { kind: 'activation', of: rectifier({ max_value: 6 }) };
    case 'Sigmoid':
    case 'Tanh':
      return { kind: 'activation', of: kind.toLowerCase() };
    case 'Softmax':
      return { kind: 'activation', of: softmax('softmax', config) };
    case 'LogSoftmax':
      return { kind: 'activation', of: softmax('log_softmax', config) };
    case 'Concatenate':
      return isMapsAxis(number(config, 'axis') ?? 0, context)
        ? { kind: 'concatenation' }
        : other(kind, config);
    default:
      return other(kind, config);
  }
}

/** Softmax over the class scores, whose only axis is 1; over axis 0, the images, it does not give class scores. */
function softmax(of: string, config: unknown): string {
  const given = member(config, 'axis') ?? -1;
  const axes: readonly unknown[] = Array.isArray(given) ? given : [given];
  return axes.length === 1 && (axes[0] === -1 || axes[0] === 1) ? of : `${of} over axis ${axisSaid(axes)}`;
}

const axisSaid = (axes: readonly unknown[]) => axes.slice(0, 4).map(String).join(', ').slice(0, 40);

const identity: Operation = { kind: 'identity' };
const none: Margins = [0, 0, 0, 0];

function number(config: unknown, name: string): number | undefined {
  const value = member(config, name);
  return typeof value === 'number' ? value : undefined;
}

/** Reads one number for both axes, or one for each. */
function sides(value: unknown): Sides | undefined {
  if (typeof value === 'number') return [value, value];
  if (!Array.isArray(value)) return undefined;
  const [rows, columns] = value as readonly unknown[];
  return typeof rows === 'number' && typeof columns === 'number' ? [rows, columns] : undefined;
}

function windowOf(
  kernel: Sides | undefined,
  stride: Sides,
  padding: Window['padding'],
  dilation?: Sides,
): Window {
  return { kernel, stride, dilation: dilation ?? [1, 1], padding, rounding: 'down' };
}

/** The padding; Keras 1 called it the border mode. */
function paddingOf(config: unknown): Window['padding'] {
  return (member(config, 'padding') ?? member(config, 'border_mode')) === 'same' ? 'same' : none;
}

function convolution(config: unknown): Operation {
  const [rows, columns] = [number(config, 'nb_row'), number(config, 'nb_col')];
  const older: Sides | undefined = rows === undefined || columns === undefined ? undefined : [rows, columns];
  const window = windowOf(
    sides(member(config, 'kernel_size')) ?? older,
    sides(member(config, 'strides') ?? member(config, 'subsample')) ?? [1, 1],
    paddingOf(config),
    sides(member(config, 'dilation_rate')),
  );
  return { kind: 'convolution', window, groups: number(config, 'groups') ?? 1 };
}

function pooling(of: string, config: unknown): Operation {
  const size = sides(member(config, 'pool_size')) ?? [2, 2];
  const stride = sides(member(config, 'strides')) ?? size;
  return { kind: 'pooling', of, window: windowOf(size, stride, paddingOf(config)) };
}

/** The activation: given by its name or, in Keras 3, as a layer or a function. */
function activationOf(config: unknown): readonly Operation[] {
  const given = member(config, 'activation');
  if (given === undefined || given === null) return [];
  if (typeof given === 'string') {
    if (given === 'linear') return [];
    return [{ kind: 'activation', of: given === 'relu' ? 'ReLU' : given.slice(0, 60) }];
  }
  const kind = member(given, 'class_name');
  const settings = member(given, 'config');
  const own = foreignClass(given);
  if (own !== undefined && kind !== 'function') return [{ kind: 'activation', of: `custom ${own}` }];
  if (kind === 'ReLU') return [{ kind: 'activation', of: rectifier(settings) }];
  if (kind === 'LeakyReLU') return [{ kind: 'activation', of: leaky(settings) }];
  if (kind === 'Softmax') return [{ kind: 'activation', of: softmax('softmax', settings) }];
  // For a function, the configuration is its name.
  const of = kind === 'function' ? settings : kind;
  if (of === 'linear') return [];
  return [{ kind: 'activation', of: of === 'relu' ? 'ReLU' : (text(of) ?? 'unknown') }];
}

function leaky(config: unknown): string {
  const slope = number(config, 'negative_slope') ?? number(config, 'alpha') ?? 0.3;
  return `ReLU with slope ${rounded(slope)} below 0`;
}

function rectifier(config: unknown): string {
  const [most, slope, threshold] = [
    number(config, 'max_value'),
    number(config, 'negative_slope') ?? 0,
    number(config, 'threshold') ?? 0,
  ];
  return [
    'ReLU',
    ...(most === undefined ? [] : [`up to ${rounded(most)}`]),
    ...(slope === 0 ? [] : [`with slope ${rounded(slope)} below 0`]),
    ...(threshold === 0 ? [] : [`from ${rounded(threshold)} on`]),
  ].join(' ');
}

function batchNormalisation(kind: string, config: unknown, context: KerasContext): Operation {
  const given = member(config, 'axis');
  const axes = Array.isArray(given) ? (given as readonly unknown[]) : [given ?? -1];
  const [axis] = axes;
  if (axes.length > 1 || typeof axis !== 'number' || !isMapsAxis(axis, context)) return other(kind, config);
  return { kind: 'batchNormalisation', epsilon: number(config, 'epsilon') ?? 1e-3 };
}

const isMapsAxis = (axis: number, { mapsFirst }: KerasContext) =>
  mapsFirst ? axis === 1 : axis === -1 || axis === 3;

/** `((top, bottom), (left, right))`, one number for each pair, or one for all. */
function marginsOf(value: unknown): Margins {
  const [rows, columns] = Array.isArray(value) ? (value as readonly unknown[]) : [value, value];
  const pair = (side: unknown): Sides => sides(side) ?? [NaN, NaN];
  return [...pair(rows), ...pair(columns)];
}

function rescaling(config: unknown): Operation {
  const [scale, shift] = [single(member(config, 'scale')), single(member(config, 'offset') ?? 0)];
  if (scale === undefined || shift === undefined) return other('Rescaling', config);
  return scale === 1 && shift === 0 ? identity : { kind: 'affine', scale, shift };
}

/** A number, also if it is given for each channel and is always the same. */
function single(value: unknown): number | undefined {
  const values = Array.isArray(value) ? (value as readonly unknown[]) : [value];
  const [first] = values;
  return typeof first === 'number' && values.every((one) => one === first) ? first : undefined;
}

/** Settings of initialisation and training, which do not affect what the layer computes. */
const aside =
  /^(?:name|trainable|dtype|batch_(?:input_)?shape|input_(?:shape|dtype|dim)|activation|.*(?:initializer|regularizer|constraint))$/;

function other(type: string, config: unknown): Operation {
  const settings =
    typeof config === 'object' && config !== null
      ? Object.entries(config).filter(([name]) => !aside.test(name))
      : [];
  return { kind: 'other', type: text(type) ?? 'unknown', settings: JSON.stringify(settings.sort()) };
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value.slice(0, 60) : undefined;
}
