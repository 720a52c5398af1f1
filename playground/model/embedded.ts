/** What the page brought along: its data, and the models among it, which are opened when they are shown. */
import {
  openModelFiles,
  pageLoader,
  UserError,
  zoo,
  type ImageSource,
  type PageTrained,
} from '../../browser';
import { batchesInOrder } from '../../src/data/loader/batches';
import type { PageData, PageDigit, PageModel } from '../../src/workflows/weights/playground/page-data';

let read: PageData | undefined;

/** The page's data. */
export function pageData(): PageData {
  return (read ??= JSON.parse(document.getElementById('data')!.textContent) as PageData);
}

/** The bytes of a text in base64. */
export function bytesOf(base64: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
}

/** The pixels of a digit that the page brought along. */
export function pixelsOf({ name, pixels }: PageDigit): Uint8Array<ArrayBuffer> {
  const known = decoded.get(name) ?? bytesOf(pixels);
  decoded.set(name, known);
  return known;
}

/** By name: the digits are shown again with each stroke of a pen. */
const decoded = new Map<string, Uint8Array<ArrayBuffer>>();

const opened = new Map<string, Promise<PageTrained>>();

/**
 * A model of the page, by its name there; the same one each time.
 * @throws UserError if there is none
 */
export async function openEmbedded(name: string): Promise<PageTrained> {
  const found = pageData().models.find((model) => model.name === name);
  if (!found) throw new UserError(`this page: expected a model of the page, found ${name}`);
  const { files } = found;
  const open = () =>
    openModelFiles(async (file) => (files[file] === undefined ? undefined : bytesOf(files[file])), name, zoo);
  const known = opened.get(name) ?? open();
  opened.set(name, known);
  return known;
}

/** Adds a model to the page's; no other has its name. */
export function bringModel(model: PageModel): void {
  const data = pageData();
  read = { ...data, models: [...data.models, model] };
}

/** A digit as an image that networks of digits and of colours take alike. */
export function imageOf(pixels: Uint8Array, side: number): ImageData {
  const image = new ImageData(side, side);
  pixels.forEach((value, at) => image.data.set([value, value, value, 255], 4 * at));
  return image;
}

/** What a network takes of an image, prepared as in training: `[height, width, channels]`. */
export async function inputOf(
  { recipe, fitted }: Pick<PageTrained, 'recipe' | 'fitted'>,
  image: ImageSource,
): Promise<Float32Array> {
  const file = { file: 'the image', source: image };
  const data = {
    ...({ kind: 'files', name: 'the image', synthetic: false, classes: ['unknown'] } as const),
    ...{ labels: new Int32Array(1), files: [file] },
  };
  for await (const { images } of batchesInOrder(data, recipe, 1, { fitted, loader: pageLoader() }))
    return images.slice();
  throw new UserError('the image: expected one, found none');
}
