/** Images of a page, decoded by the browser, and cropped and resized by the code that does so in Node. */
import { UserError, messageOf } from '../../core/errors';
import type { ImageFile, ImageFiles } from '../../data/dataset';
import { wholeCrop } from '../../data/image/crop';
import { cropDecoded } from '../../data/image/resample';
import { BadImageError } from '../../data/image/image-error';
import type { OpenImage } from '../../data/image/opened-image';
import { luma } from '../../data/image/pixels';

/** What a page can show a network: a file, what the page displays, a frame of a camera. */
export type ImageSource =
  Blob | HTMLImageElement | HTMLCanvasElement | HTMLVideoElement | OffscreenCanvas | ImageBitmap | ImageData;

/** An image of a data set that lies in a page. */
export interface PageImage extends ImageFile {
  readonly source: ImageSource;
}

/** Images by their classes: `{ cats: [file, file], dogs: [canvas] }`. */
export type ImagesByClass = Readonly<Record<string, readonly ImageSource[]>>;

/**
 * A data set of images of a page, its classes in the order of their names' bytes, as those of folders.
 * Images that can change, as a canvas or a camera's video, are taken as they are when they are read: pass an
 * `ImageBitmap` of each moment.
 * @throws UserError when there is no class, or one without images
 */
export function labelledImages(images: ImagesByClass, name = 'images of the page'): ImageFiles {
  const classes = Object.keys(images).sort();
  const empty = classes.find((label) => images[label]!.length === 0);
  if (classes.length === 0) throw new UserError(`${name}: expected images by class, found none`);
  if (empty !== undefined) throw new UserError(`${name}: expected images of ${empty}, found none`);
  const labelled = classes.flatMap((label, index) =>
    images[label]!.map((source, at) => ({ index, file: pageImage(source, `${label} ${at + 1}`) })),
  );
  return {
    kind: 'files',
    name,
    synthetic: false,
    classes,
    labels: Int32Array.from(labelled, ({ index }) => index),
    files: labelled.map(({ file }) => file),
  };
}

/** An image under the name of its file, or the given one. */
export function pageImage(source: ImageSource, name: string): PageImage {
  const own = typeof File === 'function' && source instanceof File ? source.name : '';
  return { file: own || name, source };
}

/**
 * Opens an image of a page. Colour profiles are ignored where the browser allows it (for files, not for what it shows
 * already); transparency is white; grey is the luma of BT.601: see `openImage` for files in Node.
 * @throws BadImageError when the browser cannot decode it, or may not read it
 */
export async function openPageImage(image: ImageFile, channels: number): Promise<OpenImage> {
  if (channels !== 1 && channels !== 3)
    throw new UserError(`images: expected a network that takes 1 or 3 channels, found ${channels}`);
  const { colours, height, width } = await decoded(image);
  const size = { height, width };
  return {
    size,
    channels,
    decode: async (crop = wholeCrop(size)) => {
      const cropped = cropDecoded(colours, [height, width, 3], crop);
      return channels === 1 ? luma(cropped) : cropped;
    },
  };
}

interface Decoded {
  /** `[height, width, 3]` */
  readonly colours: Uint8Array;
  readonly height: number;
  readonly width: number;
}

async function decoded({ file, ...image }: ImageFile): Promise<Decoded> {
  const { source } = image as Partial<PageImage>;
  if (!source) throw new BadImageError(file, 'expected an image of the page, found a file on a disk');
  if (typeof ImageData === 'function' && source instanceof ImageData)
    return { colours: coloursOf(source.data), height: source.height, width: source.width };
  const shown = source instanceof Blob ? await bitmapOf(file, source) : source;
  try {
    return drawn(file, shown as Exclude<ImageSource, Blob | ImageData>);
  } finally {
    if (shown !== source) (shown as ImageBitmap).close();
  }
}

async function bitmapOf(file: string, blob: Blob): Promise<ImageBitmap> {
  try {
    return await createImageBitmap(blob, { colorSpaceConversion: 'none' });
  } catch (error) {
    throw new BadImageError(
      file,
      `expected an image that the browser reads, found none (${messageOf(error)})`,
    );
  }
}

function drawn(file: string, shown: Exclude<ImageSource, Blob | ImageData>): Decoded {
  const { height, width } = sizeOf(shown);
  if (height === 0 || width === 0)
    throw new BadImageError(file, 'expected an image that is loaded, found one without a size');
  const context = contextOf(width, height);
  context.fillStyle = 'white';
  context.fillRect(0, 0, width, height);
  try {
    context.drawImage(shown, 0, 0, width, height);
    return { colours: coloursOf(context.getImageData(0, 0, width, height).data), height, width };
  } catch (error) {
    throw new BadImageError(file, `expected an image that the page may read, found ${messageOf(error)}`);
  }
}

/** The image's own size, whatever size the page shows it at. */
function sizeOf(shown: Exclude<ImageSource, Blob | ImageData>): { height: number; width: number } {
  if ('naturalWidth' in shown) return { height: shown.naturalHeight, width: shown.naturalWidth };
  if ('videoWidth' in shown) return { height: shown.videoHeight, width: shown.videoWidth };
  return { height: shown.height, width: shown.width };
}

/** A canvas of a page or of a worker, to draw on and read from. */
function contextOf(
  width: number,
  height: number,
): CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D {
  const reading = { willReadFrequently: true };
  if (typeof OffscreenCanvas === 'function')
    return new OffscreenCanvas(width, height).getContext('2d', reading) as OffscreenCanvasRenderingContext2D;
  const canvas = document.createElement('canvas');
  Object.assign(canvas, { width, height });
  return canvas.getContext('2d', reading) as CanvasRenderingContext2D;
}

/** The colours of `[pixels, 4]`, on white where they are transparent. */
function coloursOf(pixels: Uint8ClampedArray): Uint8Array {
  const colours = new Uint8Array((pixels.length / 4) * 3);
  for (let from = 0, to = 0; from < pixels.length; from += 4) {
    const opaque = pixels[from + 3]!;
    for (let colour = 0; colour < 3; colour++) {
      const value = pixels[from + colour]!;
      colours[to++] = opaque === 255 ? value : Math.round((value * opaque) / 255 + 255 - opaque);
    }
  }
  return colours;
}
