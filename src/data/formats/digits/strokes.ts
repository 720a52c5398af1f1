/** Where a pen goes, `[x, y]` in the unit square, x to the right and y down. */
export type Point = readonly [x: number, y: number];

/** One movement of the pen: smoothly through the points, or straight from each to the next. */
export interface Stroke {
  readonly kind: 'curve' | 'line';
  readonly points: readonly Point[];
}

/** One way to write a digit. */
export type Skeleton = readonly Stroke[];

const curve = (...points: readonly Point[]): Stroke => ({ kind: 'curve', points });
const line = (...points: readonly Point[]): Stroke => ({ kind: 'line', points });

// prettier-ignore
const zero: readonly Skeleton[] = [
  // round
  [curve([.54, .02], [.28, .14], [.16, .5], [.27, .86], [.5, .98], [.75, .84], [.84, .48], [.73, .13], [.5, .02])],
  // narrow, the end crossing the start
  [curve([.66, .1], [.45, .02], [.3, .2], [.24, .56], [.36, .92], [.56, .97], [.72, .74], [.75, .36], [.62, .08], [.42, .06])],
];

// prettier-ignore
const one: readonly Skeleton[] = [
  // plain
  [line([.5, 0], [.5, 1])],
  // with a flag
  [line([.3, .24], [.53, .02], [.53, 1])],
  // with a flag and a foot
  [line([.32, .2], [.53, .02], [.53, .97]), line([.27, .98], [.79, .97])],
];

// prettier-ignore
const two: readonly Skeleton[] = [
  // with a sharp corner
  [curve([.2, .24], [.3, .07], [.52, .02], [.74, .12], [.76, .33], [.6, .6], [.38, .82], [.17, .97]), line([.17, .97], [.84, .95])],
  // with a loop
  [curve([.2, .2], [.4, .03], [.68, .08], [.75, .32], [.58, .64], [.35, .92], [.17, .95], [.15, .8], [.33, .76], [.58, .92], [.88, .9])],
  // with a wavy foot
  [curve([.18, .16], [.44, .02], [.72, .16], [.7, .42], [.46, .7], [.16, .96]), curve([.16, .96], [.4, .84], [.62, .96], [.88, .86])],
];

// prettier-ignore
const three: readonly Skeleton[] = [
  // two bows
  [curve([.2, .14], [.42, .02], [.67, .08], [.72, .27], [.58, .42], [.38, .46]), curve([.38, .46], [.66, .51], [.8, .7], [.7, .91], [.44, .99], [.17, .88])],
  // flat on top
  [line([.2, .05], [.74, .04], [.44, .4]), curve([.44, .4], [.7, .48], [.8, .7], [.67, .92], [.42, .99], [.17, .88])],
  // with a loop in the waist
  [curve([.2, .16], [.44, .02], [.7, .12], [.68, .34], [.46, .5], [.36, .46], [.46, .41], [.7, .53], [.78, .75], [.6, .96], [.36, .98], [.16, .84])],
];

// prettier-ignore
const four: readonly Skeleton[] = [
  // open, two strokes
  [line([.28, .04], [.17, .55], [.84, .54]), line([.68, .16], [.62, 1])],
  // closed, one stroke
  [line([.62, 1], [.65, 0], [.13, .66], [.88, .65])],
  // open and round
  [curve([.22, .05], [.19, .34], [.3, .5], [.52, .5], [.75, .38]), line([.79, .02], [.75, .38], [.68, 1])],
];

// prettier-ignore
const five: readonly Skeleton[] = [
  // bow and bar
  [line([.8, .03], [.3, .05], [.26, .44]), curve([.26, .44], [.5, .36], [.74, .48], [.79, .7], [.62, .93], [.38, .98], [.15, .86])],
  // in one sweep
  [curve([.82, .04], [.52, .05], [.33, .16], [.31, .36], [.52, .46], [.73, .6], [.72, .84], [.48, .98], [.17, .9])],
  // slanted
  [line([.86, .02], [.42, .06]), line([.42, .06], [.27, .46]), curve([.27, .46], [.56, .46], [.7, .62], [.64, .86], [.4, .99], [.14, .94])],
];

// prettier-ignore
const six: readonly Skeleton[] = [
  // bent
  [curve([.7, .05], [.44, .16], [.26, .44], [.22, .76], [.42, .98], [.66, .94], [.78, .73], [.66, .54], [.44, .54], [.24, .7])],
  // straight
  [curve([.52, 0], [.36, .32], [.25, .68], [.38, .96], [.62, .95], [.74, .76], [.6, .61], [.4, .66], [.27, .8])],
  // hooked on top
  [curve([.78, .1], [.56, .02], [.3, .22], [.2, .6], [.34, .94], [.62, .96], [.74, .74], [.56, .6], [.36, .66], [.23, .76])],
];

// prettier-ignore
const seven: readonly Skeleton[] = [
  // plain
  [line([.17, .06], [.8, .05], [.42, 1])],
  // with a bar
  [line([.17, .06], [.8, .05], [.44, 1]), line([.3, .5], [.8, .47])],
  // with a serif and a bent stem
  [line([.17, .22], [.2, .06]), curve([.2, .06], [.5, .09], [.82, .04]), curve([.82, .04], [.62, .34], [.52, .65], [.48, 1])],
];

// prettier-ignore
const eight: readonly Skeleton[] = [
  // one stroke, crossing itself
  [curve([.72, .12], [.48, .02], [.28, .13], [.32, .34], [.52, .47], [.75, .66], [.74, .87], [.5, .99], [.26, .87], [.27, .66], [.5, .47], [.72, .32], [.72, .12])],
  // two rings
  [curve([.5, .02], [.29, .12], [.28, .34], [.5, .46], [.72, .34], [.71, .12], [.5, .02]), curve([.5, .46], [.25, .58], [.22, .85], [.5, .99], [.78, .85], [.75, .58], [.5, .46])],
  // one stroke, open on top
  [curve([.82, .06], [.5, .03], [.26, .16], [.36, .38], [.62, .58], [.72, .8], [.52, .98], [.3, .86], [.36, .64], [.6, .42], [.8, .14])],
];

// prettier-ignore
const nine: readonly Skeleton[] = [
  // straight stem
  [curve([.74, .22], [.56, .03], [.32, .08], [.2, .3], [.36, .5], [.6, .46], [.74, .22]), line([.77, .04], [.74, .22], [.68, 1])],
  // bent stem
  [curve([.76, .2], [.56, .02], [.32, .08], [.21, .3], [.36, .49], [.6, .44], [.76, .2], [.77, .5], [.66, .84], [.42, .99], [.2, .9])],
  // small ring, slanted stem
  [curve([.68, .1], [.44, .02], [.26, .2], [.34, .42], [.58, .4], [.72, .12]), curve([.72, .12], [.66, .42], [.52, .72], [.36, 1])],
];

/** For each digit, several ways to write it. */
export const digitSkeletons: readonly (readonly Skeleton[])[] = [
  zero,
  one,
  two,
  three,
  four,
  five,
  six,
  seven,
  eight,
  nine,
];
