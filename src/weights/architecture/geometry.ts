/** Computes where the windows of convolutions and pooling layers lie on their input map. */
import type { Operation, Sides, Window } from './description';

/** Where the windows of a layer lie on its input map. */
export interface Placed {
  readonly kernel?: Sides | undefined;
  readonly stride: Sides;
  readonly dilation: Sides;
  /** Rows above the map and columns to its left that the first window includes. */
  readonly margin: Sides;
  readonly windows: Sides;
}

/**
 * The windows of a convolution, a fully connected layer or a pooling on a map of this size. Equivalent settings give
 * the same result.
 * @returns undefined if the description has no settings
 */
export function placedOn(operation: Operation, [rows, columns]: Sides): Placed | undefined {
  const all: Placed = {
    kernel: [rows, columns],
    stride: [1, 1],
    dilation: [1, 1],
    margin: [0, 0],
    windows: [1, 1],
  };
  if (operation.kind === 'full') return all;
  if (operation.kind !== 'convolution' && operation.kind !== 'pooling') return undefined;
  const { window } = operation;
  if (window === undefined) return undefined;
  if (window === 'all') return all;
  const axes = [axis(window, 0, rows), axis(window, 1, columns)] as const;
  const of = <K extends 'stride' | 'dilation' | 'margin' | 'windows'>(key: K): Sides => [
    axes[0][key],
    axes[1][key],
  ];
  const isPooling = operation.kind === 'pooling';
  const kernel = window.kernel && sides((at) => (isPooling ? axes[at].inside : window.kernel![at]));
  return {
    kernel,
    stride: of('stride'),
    dilation: of('dilation'),
    margin: of('margin'),
    windows: of('windows'),
  };
}

const sides = (of: (axis: 0 | 1) => number): Sides => [of(0), of(1)];

function axis(
  { kernel, stride: strides, dilation: dilations, padding, rounding }: Window,
  at: 0 | 1,
  side: number,
) {
  const [size, stride, dilation] = [kernel?.[at] ?? NaN, strides[at], dilations[at]];
  const reach = dilation * (size - 1) + 1;
  let [margin, windows] = [0, 0];
  if (padding === 'same') {
    windows = Math.ceil(side / stride);
    margin = Math.floor(Math.max((windows - 1) * stride + reach - side, 0) / 2);
  } else {
    margin = padding[2 * at]!;
    const span = side + margin + padding[2 * at + 1]! - reach;
    windows = (rounding === 'up' ? Math.ceil : Math.floor)(span / stride) + 1;
    // Caffe: the last window must begin within the map or the padding before it.
    if (rounding === 'up' && margin > 0 && (windows - 1) * stride >= side + margin) windows--;
  }
  return {
    // With a single window the stride has no effect, nor has the dilation of a kernel of one.
    stride: windows === 1 ? 1 : stride,
    dilation: size === 1 ? 1 : dilation,
    margin,
    windows,
    // A window that is larger than the map covers all of it.
    inside: windows === 1 && margin === 0 ? Math.min(size, side) : size,
  };
}

/** The first setting in which two placements differ, in words. */
export function placedApart(
  ours: Placed,
  theirs: Placed,
): readonly [what: string, ours: string, theirs: string] | undefined {
  const facts = [
    ['kernel', ours.kernel, theirs.kernel],
    ['stride', ours.stride, theirs.stride],
    ['dilation', ours.dilation, theirs.dilation],
    ['padding before', ours.margin, theirs.margin],
    ['number of windows', ours.windows, theirs.windows],
  ] as const;
  for (const [what, our, their] of facts) {
    // NaN: the file does not give the kernel's size.
    if (!our || !their || their.some(Number.isNaN)) continue;
    if (our[0] !== their[0] || our[1] !== their[1]) return [what, saidOf(our), saidOf(their)];
  }
  return undefined;
}

const saidOf = ([rows, columns]: Sides) => (rows === columns ? String(rows) : `${rows}×${columns}`);
