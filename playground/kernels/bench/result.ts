/** What the bench computes: of a map, by a kernel, at a stride and a padding. */
import type { FirstLayer } from '../first-layer';
import type { Plane } from '../plane';
import { numberIn, oneOf, wholeIn, type Settings } from '../settings';
import { bordersOf, correlated, magnitude, padded, type Borders, type Padding } from './correlate';
import {
  kernelOfText,
  kernelsOf,
  namedKernels,
  oddSizes,
  scales,
  turned,
  type Kernel,
  type NamedKernel,
} from './kernels';

/** The kernel that is chosen: a known one, own numbers, or a trained one of the network's first layer. */
export type Choice =
  | { readonly kind: 'named'; readonly name: NamedKernel; readonly size: number; readonly sigma: number }
  | { readonly kind: 'own' }
  | { readonly kind: 'trained'; readonly map: number };

/** All that is set at the bench. */
export interface BenchSetting {
  readonly choice: Choice;
  /** As they are written: one, or of a magnitude two. */
  readonly kernels: readonly Kernel[];
  readonly stride: number;
  readonly padding: Padding;
  /** The value of the padding. */
  readonly border: number;
  /** Whether the kernel is turned by 180°: a convolution as mathematics has it. */
  readonly turned: boolean;
}

const mostPadding = 10;

/** What the settings say; a kernel that is not there is the usual one. */
export function benchSetting(settings: Settings, layer: FirstLayer | undefined): BenchSetting {
  const choice = choiceOf(settings, layer);
  const { padding } = settings;
  return {
    choice,
    kernels: chosenKernels(choice, settings, layer),
    stride: wholeIn(settings.stride, 1, 4, 1),
    padding: padding === 'same' ? padding : wholeIn(padding, 1, mostPadding, 0) || 'valid',
    border: numberIn(settings.border, -1000, 1000, 0),
    turned: settings.turned === 'yes',
  };
}

function choiceOf({ kernel, size, sigma }: Settings, layer: FirstLayer | undefined): Choice {
  const map = wholeIn(/^trained\.(\d+)$/.exec(kernel)?.[1] ?? '', 0, (layer?.maps ?? 0) - 1, -1);
  if (map >= 0) return { kind: 'trained', map };
  if (kernel === 'own') return { kind: 'own' };
  const name = oneOf(kernel, namedKernels, 'sobelX');
  const odd = oddSizes.find((each) => each === Number(size)) ?? 3;
  return { kind: 'named', name, size: scales(name) ? odd : 3, sigma: numberIn(sigma, 0.1, 20, 1) };
}

function chosenKernels(
  choice: Choice,
  { own, channel }: Settings,
  layer: FirstLayer | undefined,
): readonly Kernel[] {
  const usual = () => kernelsOf('identity', 3, 1);
  switch (choice.kind) {
    case 'named':
      return kernelsOf(choice.name, choice.size, choice.sigma);
    case 'own': {
      const kernel = kernelOfText(own);
      return kernel ? [kernel] : usual();
    }
    case 'trained': {
      const kernel = layer!.kernel(choice.map, wholeIn(channel, 0, layer!.channels - 1, 0));
      return kernel ? [kernel] : usual();
    }
    default:
      return choice satisfies never;
  }
}

/** The bench's maps. */
export interface BenchResult {
  readonly borders: Borders;
  /** The map that the kernels lie on. */
  readonly padded: Plane;
  /** As they lie on the map: turned, if that is set. */
  readonly laid: readonly Kernel[];
  /** The sums of each kernel; empty if the kernel does not fit. */
  readonly sums: readonly Plane[];
  /** What is added to the sum at a place. */
  readonly bias: (row: number, column: number) => number;
  /** How biases stand to this result. */
  readonly biases: 'none' | 'shared' | 'perUnit' | 'leftOut';
  /** Null if the kernel does not fit. */
  readonly output: Plane | null;
}

/** @param map without padding */
export function benchResult(map: Plane, setting: BenchSetting, layer: FirstLayer | undefined): BenchResult {
  const { kernels, stride, padding, border } = setting;
  const { size } = kernels[0]!;
  const borders = bordersOf(padding, map, size, stride);
  const all = padded(map, borders, border);
  const laid = setting.turned ? kernels.map(turned) : kernels;
  const sums = laid.map((kernel) => correlated(all, kernel, stride)).filter((plane) => plane !== null);
  const { bias, biases } = biasFor(setting.choice, layer, sums[0]);
  const [first, second] = sums;
  const output = (first && second && magnitude(first, second)) ?? (first ? withBias(first, bias) : null);
  return { borders, padded: all, laid, sums, bias, biases, output };
}

function withBias(plane: Plane, bias: BenchResult['bias']): Plane {
  const { width } = plane;
  return {
    ...plane,
    values: plane.values.map((sum, at) => sum + bias(Math.floor(at / width), at % width)),
  };
}

/** A trained map's bias; those of units only where there are as many units as in the layer. */
function biasFor(
  choice: Choice,
  layer: FirstLayer | undefined,
  sums: Plane | undefined,
): Pick<BenchResult, 'bias' | 'biases'> {
  const none = () => 0;
  if (choice.kind !== 'trained' || !layer) return { bias: none, biases: 'none' };
  const { units, at } = layer.bias;
  const bias = (row: number, column: number) => at(choice.map, row, column);
  if (!units) return { bias, biases: 'shared' };
  if (units[0] === sums?.height && units[1] === sums.width) return { bias, biases: 'perUnit' };
  return { bias: none, biases: 'leftOut' };
}

/** Whether all is set as in the network's first layer, so that the output must be the layer's. */
export function asInLayer(
  { choice, stride, padding, border, turned: turn }: BenchSetting,
  source: string,
  { stride: own, padding: around, border: filling, channels }: FirstLayer,
): boolean {
  const filled = padding === 'valid' || border === filling;
  const geometry = stride === own && padding === around && filled && !turn;
  return choice.kind === 'trained' && source === 'input' && channels === 1 && geometry;
}
