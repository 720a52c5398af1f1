/** The values that a model's input can have: those of black, grey and white pixels, and the way back to pixels. */
import { elementCount } from '../../../src/core/shape';
import type { Recipe } from '../../../src/core/network';
import { beforeWhitening, preprocess, type FittedPreprocess } from '../../../src/data/preprocess/preprocess';

/** How a model's pictures are prepared. */
interface Prepared {
  readonly recipe: Pick<Recipe, 'input'>;
  readonly fitted: FittedPreprocess;
}

/** The input of a picture that is black, and of one that is white; they agree in the margin of a padding. */
export interface InputRange {
  readonly black: Float32Array;
  readonly white: Float32Array;
}

/** The input of a picture of one grey value. @param grey 0 to 255 */
export function plainInput({ recipe, fitted }: Prepared, grey: number): Float32Array {
  const { shape, stored = [shape[0], shape[1]], preprocess: steps } = recipe.input;
  const kept = beforeWhitening(steps).filter(({ kind }) => kind !== 'contrastNormalise');
  // Beside all others of its mean, a picture of one value is 0.
  if (kept.length < steps.length) return new Float32Array(elementCount(shape));
  const first = [stored[0], stored[1], shape[2]] as const;
  return preprocess(new Uint8Array(elementCount(first)).fill(grey), 1, first, steps, fitted).values;
}

/** The range of each value of the input. */
export function inputRange(prepared: Prepared): InputRange {
  return { black: plainInput(prepared, 0), white: plainInput(prepared, 255) };
}

/** An input whose values are brought into their range. */
export function clipped(input: Float32Array, { black, white }: InputRange): Float32Array {
  return input.map((value, at) => {
    const [least, most] = [Math.min(black[at]!, white[at]!), Math.max(black[at]!, white[at]!)];
    return Math.min(most, Math.max(least, value));
  });
}

/** Steps that are undone pixel by pixel. */
const undone = new Set(['pad', 'range', 'subtract', 'subtractMean']);

/**
 * The pixels of an input, rounded to 256 grey values.
 * @param size how many the picture has, 28×28
 * @returns undefined if the preparation cannot be undone, or the picture has another size
 */
export function greyValues(input: Float32Array, prepared: Prepared, size = 28 * 28): Uint8Array | undefined {
  if (!prepared.recipe.input.preprocess.every(({ kind }) => undone.has(kind))) return undefined;
  const { black, white } = inputRange(prepared);
  const inner = [...input.keys()].filter((at) => black[at] !== white[at]);
  if (inner.length !== size) return undefined;
  return Uint8Array.from(inner, (at) => {
    const share = (input[at]! - black[at]!) / (white[at]! - black[at]!);
    return Math.round(255 * Math.min(1, Math.max(0, share)));
  });
}
