/** The schema that checks recipes from outside the program. */
import * as z from 'zod';
import type { Recipe } from '../network';

// Every count and factor in a recipe fits into float32, and is small enough for a loop over it to finish.
/** The largest count in a recipe. */
export const mostInRecipe = 1e6;
const most = mostInRecipe;
const largest = 1e30;
const number = z.number().min(-largest).max(largest);
const notNegative = z.number().min(0).max(most);
const positive = z
  .number()
  .min(1e-30, { error: 'too small: expected a number above 0, of at least 1e-30' })
  .max(largest);
const fraction = z.number().min(0).lt(1);
const count = z.int().positive().max(most);
/** How much of a moment stays from update to update: below 1 in single precision, too. */
const beta = z.number().min(0).max(0.999999);
const adam = { beta1: beta, beta2: beta, epsilon: positive };
/** A side of an image, in pixels. */
const side = z.int().positive().max(16_384);
const pixel = z.number().min(0).max(255);

const steps = z
  .array(z.strictObject({ epoch: notNegative, rate: positive }))
  .refine(
    (list) => list[0]?.epoch === 0 && list.every(({ epoch }, at) => at === 0 || epoch > list[at - 1]!.epoch),
    {
      error: 'expected epochs that start at 0 and rise',
    },
  );

const range = z
  .tuple([positive, positive])
  .refine(([low, high]) => low <= high, { error: 'expected the lower end before the upper one' });
const colour = z.tuple([number, number, number]);

const augment = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('affine'),
    shift: notNegative,
    scale: fraction,
    squeeze: fraction,
    shear: notNegative,
  }),
  z
    .strictObject({
      kind: z.literal('randomCrop'),
      size: side,
      shortSide: side,
      longSide: z.literal(['kept', 'cropped', 'squeezed']).exactOptional(),
    })
    .refine(({ size, shortSide }) => size <= shortSide, { error: 'expected a size of at most shortSide' }),
  z
    .strictObject({ kind: z.literal('scaleJitter'), size: side, least: side, most: side })
    .refine(({ size, least, most }) => size <= least && least <= most, {
      error: 'expected size <= least <= most',
    }),
  z.strictObject({
    kind: z.literal('areaCrop'),
    size: side,
    area: range.refine(([, high]) => high <= 1, { error: 'expected shares of the image, at most 1' }),
    aspect: range,
  }),
  z.strictObject({ kind: z.literal('translate'), shift: z.int().min(0).max(most) }),
  z.strictObject({ kind: z.literal('flip') }),
  z.strictObject({
    kind: z.literal('pcaLighting'),
    deviation: notNegative,
    colours: z
      .union([
        z.literal('trainingSet'),
        z.strictObject({ eigenvalues: colour, eigenvectors: z.tuple([colour, colour, colour]) }),
      ])
      .exactOptional(),
  }),
  z.strictObject({ kind: z.literal('photometric'), strength: fraction }),
]);

const distribution = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('uniformOverFanIn'), scale: positive }),
  z.strictObject({ kind: z.literal('uniformOverRootFanIn'), scale: positive }),
  z.strictObject({ kind: z.literal('gaussian'), deviation: positive }),
  z.strictObject({ kind: z.literal('truncatedGaussian'), deviation: positive }),
  z.strictObject({
    kind: z.literal('preferredDirections'),
    sum: positive,
    preference: z.number().min(0).max(0.5),
  }),
]);

const bias = z.union([number, z.literal('asKernel')]);
const layerStart = z.strictObject({ kernel: distribution, bias });

/** Everything that a recipe may contain, for recipes from outside the program: the command line, `run.json`. */
export const recipeSchema = z.strictObject({
  dataset: z.string(),
  input: z.strictObject({
    shape: z.tuple([side, side, side]),
    preprocess: z.array(
      z.discriminatedUnion('kind', [
        z.strictObject({ kind: z.literal('shrink'), height: side, width: side }),
        z.strictObject({ kind: z.literal('pad'), height: side, width: side, value: pixel }),
        z.strictObject({ kind: z.literal('range'), black: number, white: number }),
        z.strictObject({
          kind: z.literal('subtract'),
          mean: z.array(pixel),
          deviation: z.array(positive).exactOptional(),
        }),
        z.strictObject({ kind: z.literal('subtractMean'), per: z.literal(['pixel', 'channel']) }),
        z.strictObject({ kind: z.literal('contrastNormalise'), scale: positive }),
        z.strictObject({ kind: z.literal('whiten'), bias: positive }),
      ]),
    ),
    stored: z.tuple([side, side]).exactOptional(),
    background: z.literal('black').exactOptional(),
  }),
  epochs: count,
  batchSize: count,
  accumulate: z.int().min(2, { error: 'too small: expected at least 2 batches' }).max(most).exactOptional(),
  order: z.literal(['new', 'constant']).exactOptional(),
  variants: count.exactOptional(),
  weightDecay: notNegative,
  optimiser: z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('momentum'), momentum: fraction }),
    z.strictObject({ kind: z.literal('adam'), ...adam }),
    z.strictObject({ kind: z.literal('adamw'), ...adam }),
    z.strictObject({ kind: z.literal('diagonalLevenbergMarquardt'), mu: positive, images: count }),
    z.strictObject({
      kind: z.literal('winnerTakeAll'),
      layers: z.array(z.strictObject({ name: z.string(), speed: positive, column: count })),
    }),
    z.strictObject({ kind: z.literal('lbfgs'), weightDecays: z.array(positive).min(1), patience: count }),
  ]),
  clipNorm: positive.exactOptional(),
  schedule: z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('constant'), rate: positive }),
    z.strictObject({ kind: z.literal('steps'), steps }),
    z.strictObject({ kind: z.literal('cosine'), from: positive, to: notNegative }),
    z.strictObject({ kind: z.literal('polynomial'), from: positive, power: positive }),
    z.strictObject({ kind: z.literal('staircase'), from: positive, factor: positive, epochs: positive }),
    z.strictObject({ kind: z.literal('inverse'), from: positive, gamma: notNegative, power: positive }),
    z.strictObject({
      kind: z.literal('plateau'),
      from: positive,
      factor: fraction,
      patience: count,
      drops: z.int().min(0).max(most),
    }),
  ]),
  warmUp: z
    .strictObject({
      epochs: z.number().gt(0, { error: 'too small: expected a time above 0' }).max(most),
      from: fraction,
    })
    .exactOptional(),
  loss: z.discriminatedUnion('kind', [
    z.strictObject({
      kind: z.literal('softmaxCrossEntropy'),
      classWeights: z.array(positive).exactOptional(),
      labelSmoothing: z
        .number()
        .gt(0, { error: 'too small: expected a share above 0' })
        .lt(1)
        .exactOptional(),
    }),
    z.strictObject({
      kind: z.literal('rbfPenalty'),
      rival: positive.nullable(),
      codes: z.literal(['fixed', 'trained']).exactOptional(),
    }),
    z.strictObject({ kind: z.literal('squaredError'), on: number, off: number }),
  ]),
  augment: z.array(augment),
  initialiser: layerStart.extend({
    layers: z
      .record(
        z.string(),
        z.strictObject({ kernel: distribution.exactOptional(), bias: bias.exactOptional() }),
      )
      .exactOptional(),
  }),
  multipliers: z
    .array(
      z.strictObject({
        layers: z.union([z.literal('all'), z.array(z.string())]),
        weights: z.literal(['all', 'kernel', 'bias']),
        rate: notNegative,
        decay: notNegative,
      }),
    )
    .exactOptional(),
  auxiliary: z.record(z.string(), notNegative).exactOptional(),
  averaging: z
    .discriminatedUnion('kind', [z.strictObject({ kind: z.literal('exponential'), decay: fraction })])
    .exactOptional(),
  startFrom: z.strictObject({ network: z.string(), layers: z.array(z.string()) }).exactOptional(),
  guesses: z.record(z.string(), z.string()),
}) satisfies z.ZodType<Recipe>;

type Kept<T> = T extends object ? { readonly [K in keyof T]: Kept<T[K]> } : T;

/** Makes the compiler check that the schema covers every case of `Recipe`; `satisfies` checks that it has no others. */
export const knowsEveryCase: Recipe extends Kept<z.output<typeof recipeSchema>> ? true : never = true;
