/** A layer's description in plain words, from its configuration. */
import type { tf } from '../../core/tf';

/** A layer's description in plain words: `kind` `convolution`, `kernel` `3×3`, `stride` 2, `maps` 64, … */
export type Settings = Readonly<Record<string, string | number | boolean>>;

type Config = tf.serialization.ConfigDict;

/**
 * Layers that compute the same function in different ways get the same description, so that variants can be compared.
 */
const known: Readonly<Record<string, (config: Config) => Config>> = {
  Conv2D: (config) => ({ kind: 'convolution', groups: 1, ...config }),
  GroupedConv2D: (config) => ({
    kind: 'convolution',
    strides: 1,
    padding: 'same',
    ...tfjsDefaults,
    ...config,
  }),
  SubsetConv2D: ({ table, stride, ...config }) => ({
    kind: 'sparse convolution',
    strides: stride ?? 1,
    maps: (table as unknown[][]).length,
    links: (table as unknown[][]).flat().length,
    ...config,
  }),
  MaxPooling2D: (config) => ({ kind: 'max pooling', ...config }),
  AveragePooling2D: (config) => ({ kind: 'average pooling', ...config }),
  CeilPool: ({ kind, size, stride, ...config }) => ({
    kind: `${kind as string} pooling`,
    poolSize: size!,
    strides: stride!,
    padding: 'up to a whole window',
    ...config,
  }),
  AdaptiveAveragePool: ({ size }) => ({ kind: 'adaptive average pooling', outputs: size! }),
  GlobalAveragePooling2D: (config) => ({ kind: 'global average', ...config }),
  SCells: (config) => ({ kind: 'S-cells', strides: 1, ...config }),
  CCells: (config) => ({ kind: 'C-cells', ...config }),
  Subsample: ({ size, ...config }) => ({ kind: 'sub-sampling', poolSize: size!, strides: size!, ...config }),
  Dense: (config) => ({ kind: 'full connection', ...config }),
  Rbf: ({ codes, ...config }) => ({
    kind: 'radial basis functions',
    units: (codes as unknown[] | undefined)?.length ?? null,
    ...config,
  }),
  LearnedCombination: (config) => ({ kind: 'learned combination of convolutions', ...config }),
  SeededDropout: (config) => ({ kind: 'dropout', ...config }),
  Dropout: (config) => ({ kind: 'dropout', ...config }),
  BatchNormalization: ({ momentum, epsilon }) => ({
    kind: 'batch normalisation',
    momentum: momentum!,
    epsilon: epsilon!,
  }),
  ReLU: (config) => ({ kind: 'ReLU', ...config }),
  Lrn: (config) => ({ kind: 'local response normalisation', ...config }),
};

const tfjsDefaults = { activation: 'linear', useBias: true };

/** Parts of a configuration that do not affect the function that a layer computes. */
const bookkeeping =
  /^(?:name|trainable|dtype|sparse|batchInputShape|dataFormat|seed|noiseShape|.*(?:Initializer|Regularizer|Constraint))$/;

const words: Readonly<Record<string, string>> = {
  filters: 'maps',
  kernelSize: 'kernel',
  poolSize: 'window',
  strides: 'stride',
  dilationRate: 'dilation',
  useBias: 'bias',
};

/** The settings of a layer, from its saved configuration. */
export function settingsOf(layer: tf.layers.Layer): Settings {
  const name = layer.getClassName();
  const read = known[name] ?? ((config) => ({ kind: inWords(name), ...config }));
  const settings = Object.entries(read(layer.getConfig()))
    .filter(([key, value]) => !bookkeeping.test(key) && value !== null && value !== undefined)
    .map(([key, value]) => [words[key] ?? key, settingOf(key, value)] as const)
    .filter(([key, setting]) => key !== 'dilation' || setting !== 1);
  return Object.fromEntries(settings);
}

/** A class name as words, `BatchNormalization` → `batch normalization`. */
function inWords(className: string): string {
  return className
    .replace(/([a-z])(\d?[A-Z])/g, '$1 $2')
    .replace(/^[A-Z](?![A-Z])|(?<= )[A-Z](?![A-Z])/g, (letter) => letter.toLowerCase());
}

const areas = new Set(['kernelSize', 'poolSize', 'window']);

function settingOf(key: string, value: Config[string]): string | number | boolean {
  if (typeof value === 'number' && areas.has(key)) return `${value}×${value}`;
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value;
  if (!Array.isArray(value)) return JSON.stringify(value);
  const values = value.flat(9) as unknown[];
  const [first] = values;
  // A pair for rows and columns, or the padding on both sides of each.
  if (value.length === 2 && typeof first === 'number' && values.every((side) => side === first)) {
    return areas.has(key) ? `${first}×${first}` : first;
  }
  if (value.length === 2 && values.length === 2) return values.join('×');
  const json = JSON.stringify(value);
  return json.length > 40 ? `${values.length} values` : json;
}

/** The square of input positions that one output position reads, and the distance between neighbouring squares. */
export interface Window {
  readonly size: number;
  readonly stride: number;
}

/**
 * The window of a layer that keeps the spatial axes, along the larger side where it is not square; `{ size: 1, stride:
 * 1 }` for a layer that works position by position. Where windows are unevenly spaced, the stride is the mean.
 * @param below positions along the larger side of the layer's input
 */
export function windowOf(layer: tf.layers.Layer, below: number): Window {
  const config = (known[layer.getClassName()] ?? ((own) => own))(layer.getConfig());
  const side = (value: unknown): number | undefined =>
    Array.isArray(value) ? Math.max(...(value as number[])) : typeof value === 'number' ? value : undefined;
  const outputs = side(config['outputs']);
  if (outputs !== undefined) return { size: widestShare(below, outputs), stride: below / outputs };
  const cells = side(config['cells']);
  const stride =
    side(config['strides'] ?? config['stride']) ?? (cells === undefined ? undefined : below / cells);
  const kernel = side(config['kernelSize']);
  if (kernel !== undefined) {
    return { size: (kernel - 1) * (side(config['dilationRate']) ?? 1) + 1, stride: stride ?? 1 };
  }
  const pool = side(config['poolSize']);
  return pool === undefined ? { size: 1, stride: 1 } : { size: pool, stride: stride ?? pool };
}

/** The size of the widest window of an adaptive pooling layer that divides `below` positions into `outputs` windows. */
function widestShare(below: number, outputs: number): number {
  const sizes = Array.from(
    { length: outputs },
    (_, window) => Math.ceil(((window + 1) * below) / outputs) - Math.floor((window * below) / outputs),
  );
  return Math.max(...sizes);
}
