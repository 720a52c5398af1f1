/** Compares the preprocessing described in a file with the recipe's. */
import type { Preprocess } from '../../core/network';
import { rounded } from './caffe/caffe-layers';
import type { ArchitectureNode, Pixels } from './description';
import type { Difference } from './compare';

/** a · pixel + b for each channel. */
interface Affine {
  readonly a: readonly number[];
  readonly b: readonly number[];
  /** Whether a mean is subtracted whose values are not known here. */
  readonly unknownMean: boolean;
}

/** The affine form of a preprocessing of stored pixels, 0 to 255; undefined if it is not affine. */
function affineOf(steps: readonly Preprocess[], channels: number): Affine | undefined {
  const every = (value: number) => Array.from({ length: channels }, () => value);
  let [a, b, unknownMean] = [every(1), every(0), false];
  for (const step of steps) {
    switch (step.kind) {
      case 'shrink':
      case 'pad':
        break;
      case 'range': {
        const scale = (step.white - step.black) / 255;
        a = a.map((value) => value * scale);
        b = b.map((value) => value * scale + step.black);
        break;
      }
      case 'subtract': {
        const by = (channel: number) => step.deviation?.[channel] ?? 1;
        a = a.map((value, channel) => value / by(channel));
        b = b.map((value, channel) => (value - (step.mean[channel] ?? 0)) / by(channel));
        break;
      }
      case 'subtractMean':
        unknownMean = true;
        break;
      case 'contrastNormalise':
      case 'whiten':
        return undefined;
      default:
        return step satisfies never;
    }
  }
  return { a, b, unknownMean };
}

export interface PixelsAsked {
  readonly preprocess: readonly Preprocess[];
  readonly channels: number;
  /** Whether the file’s channels are blue, green, red, and the preprocessing’s are in the opposite order. */
  readonly blueFirst: boolean;
}

/**
 * Compares the preprocessing that a file's network was trained with, as the file describes it, with the recipe's.
 * @param said the preprocessing of the file's data layer, if it describes one
 * @param scalings scaling layers before all other layers
 */
export function pixelsApart(
  { preprocess, channels, blueFirst }: PixelsAsked,
  said: Pixels | undefined,
  scalings: readonly ArchitectureNode[],
): Difference | undefined {
  if (!said && scalings.length === 0) return undefined;
  const found = affineIn(said, scalings, channels);
  const wanted = affineOf(preprocess, channels);
  if (!wanted) {
    if (found.a === 1 && found.b.every((value) => value === 0) && !found.image) return undefined;
    return apart(`images prepared by ${preprocess.map(({ kind }) => kind).join(', ')}`, found.words);
  }
  if (wanted.a.some((scale) => Math.abs(scale - found.a) > 1e-4 * Math.abs(scale)))
    return apart(`pixels times ${[...new Set(wanted.a.map(rounded))].join(', ')}`, found.words);
  return meansApart(wanted, found, said, blueFirst);
}

interface Found {
  readonly a: number;
  readonly b: readonly number[];
  readonly image: boolean;
  readonly words: string;
}

function affineIn(said: Pixels | undefined, scalings: readonly ArchitectureNode[], channels: number): Found {
  const mean = said && said.mean !== 'image' ? said.mean : [];
  let a = said?.scale ?? 1;
  let b = Array.from({ length: channels }, (_, at) => -a * (mean[at] ?? mean[0] ?? 0));
  for (const { operation } of scalings) {
    if (operation.kind !== 'affine') continue;
    const { scale, shift } = operation;
    a *= scale;
    b = b.map((value) => value * scale + shift);
  }
  const image = said?.mean === 'image';
  const words = [
    `times ${rounded(a)}`,
    ...(image
      ? ['less a mean image']
      : b.some((value) => value !== 0)
        ? [`plus ${b.map(rounded).join(', ')}`]
        : []),
    ...(scalings.length > 0 ? [`by the layer ${scalings.map(({ name }) => name).join(', ')}`] : []),
  ];
  return { a, b, image, words: words.join(' ') };
}

function meansApart(
  { a, b, unknownMean }: Affine,
  found: Found,
  said: Pixels | undefined,
  blueFirst: boolean,
): Difference | undefined {
  const takesNone = b.every((value) => value === 0) && !unknownMean;
  if (found.image)
    return takesNone ? apart('pixels without a mean taken off', 'a mean image taken off') : undefined;
  const foundNone = found.b.every((value) => value === 0);
  // The program that feeds the network, or that filled its database, may have subtracted a mean.
  if (foundNone && (!said || said.unsaid)) return undefined;
  if (unknownMean) return foundNone ? apart('a mean taken off the pixels', 'none') : undefined;
  const wanted = blueFirst ? [...b].reverse() : b;
  // Equal within one of the 255 steps of a pixel.
  const agrees = (values: readonly number[]) =>
    values.every((value, channel) => Math.abs(value - found.b[channel]!) <= Math.abs(a[channel]!));
  if (agrees(wanted)) return undefined;
  const means = (values: readonly number[]) =>
    values.map((value, channel) => rounded(-value / a[channel]!)).join(', ');
  const order = agrees([...wanted].reverse()) ? ', in the other order of colours' : '';
  return apart(
    takesNone ? 'pixels without a mean taken off' : `means of ${means(wanted)} taken off the pixels`,
    foundNone ? 'none' : `${means(found.b)}${order}`,
  );
}

const apart = (expected: string, found: string): Difference => ({ expected, found });
