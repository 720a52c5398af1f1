/** The picture that the page shows its networks: a digit, drawn or given. */
import { frame1989, normaliseDigit } from '../../src/data/image/normalise-digit';
import type { PageTrained } from '../../browser';
import { imageOf, inputOf, pageData, pixelsOf } from '../model/embedded';
import { decodedDigit } from './digit-code';

/** A digit of 28×28 grey values, light on dark, as MNIST has them. */
export interface Picture {
  /** Its name in the address. */
  readonly name: string;
  readonly pixels: Uint8Array;
  /** The digit that it shows, if that is known. */
  readonly label: number | null;
}

/** An empty pad. */
export const noPicture: Picture = { name: '', pixels: new Uint8Array(28 * 28), label: null };

/** The picture of a name in the address; undefined if there is none. */
export function pictureOf(name: string): Picture | undefined {
  const given = pageData().digits.find((digit) => digit.name === name);
  if (given) return { name, pixels: pixelsOf(given), label: given.label };
  const drawn = decodedDigit(name);
  return drawn && { name, pixels: drawn, label: null };
}

/** What a network of digits takes of a picture. @returns `[height, width, channels]` */
export async function digitInput(model: PageTrained, pixels: Uint8Array): Promise<Float32Array> {
  const [height] = model.recipe.input.stored ?? model.recipe.input.shape;
  // Those of 1989 fill their 16×16 pixels, as they learned.
  if (height !== frame1989.side) return inputOf(model, imageOf(pixels, 28));
  const filling = normaliseDigit({ pixels, height: 28, width: 28 }, frame1989);
  return inputOf(model, imageOf(filling ?? new Uint8Array(frame1989.side ** 2), frame1989.side));
}
