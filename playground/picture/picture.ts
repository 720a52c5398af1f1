/** The picture that the page shows its networks: a digit, drawn or given. */
import { frame1989, normaliseDigit } from '../../src/data/image/normalise-digit';
import type { PageTrained } from '../../browser';
import { imageOf, inputOf, pageData, pixelsOf } from '../model/embedded';
import { decodedDigit } from './digit-code';

/** A digit, or a photo of the visitor’s. */
export interface Picture {
  /** Its name in the address. */
  readonly name: string;
  /** 28×28 grey values, light on dark, as MNIST has them; of a photo, none that count. */
  readonly pixels: Uint8Array;
  /** The photo; null for a digit. */
  readonly photo: ImageBitmap | null;
  /** The digit that it shows, if that is known. */
  readonly label: number | null;
}

/** An empty pad. */
export const noPicture: Picture = { name: '', pixels: new Uint8Array(28 * 28), photo: null, label: null };

/** The picture of a name in the address; undefined if there is none. */
export function pictureOf(name: string): Picture | undefined {
  const given = pageData().digits.find((digit) => digit.name === name);
  if (given) return { name, pixels: pixelsOf(given), photo: null, label: given.label };
  const photo = photos.get(name);
  if (photo) return { ...noPicture, name, photo };
  const drawn = decodedDigit(name);
  return drawn && { name, pixels: drawn, photo: null, label: null };
}

/** The visitor’s photos, which stay in this page as long as it is open. */
const photos = new Map<string, ImageBitmap>();

/** Keeps a photo, under the name that is returned: no address holds it. */
export function keepPhoto(photo: ImageBitmap): string {
  const name = `photo-${photos.size + 1}`;
  photos.set(name, photo);
  return name;
}

/** Whether a network takes pictures like the pad’s: small ones in grey. */
export function takesDigits({ recipe }: Pick<PageTrained, 'recipe'>): boolean {
  const [height, , channels] = recipe.input.shape;
  return channels === 1 && height <= 32;
}

/** What a network takes of a picture. @returns `[height, width, channels]` */
export async function pictureInput(model: PageTrained, { photo, pixels }: Picture): Promise<Float32Array> {
  return photo ? inputOf(model, photo) : digitInput(model, pixels);
}

/** What a network of digits takes of a picture. @returns `[height, width, channels]` */
export async function digitInput(model: PageTrained, pixels: Uint8Array): Promise<Float32Array> {
  const [height] = model.recipe.input.stored ?? model.recipe.input.shape;
  // Those of 1989 fill their 16×16 pixels, as they learned.
  if (height !== frame1989.side) return inputOf(model, imageOf(pixels, 28));
  const filling = normaliseDigit({ pixels, height: 28, width: 28 }, frame1989);
  return inputOf(model, imageOf(filling ?? new Uint8Array(frame1989.side ** 2), frame1989.side));
}
