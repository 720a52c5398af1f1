/** Images read from their files in one call, for tests. */
import type { ImageFile } from '../../../src/data/dataset';
import type { Crop } from '../../../src/data/image/crop';
import type { Size } from '../../../src/data/image/header';
import { openImage } from '../../../src/data/image/open-image';

export async function decodeImage(file: ImageFile, channels: number): Promise<Size & { pixels: Uint8Array }> {
  const image = await openImage(file, channels);
  return { ...image.size, pixels: await image.decode() };
}

export async function decodeCrop(
  file: ImageFile,
  channels: number,
  cropOf: (size: Size) => Crop,
): Promise<Uint8Array> {
  const image = await openImage(file, channels);
  return image.decode(cropOf(image.size));
}

export async function imageSize(file: ImageFile): Promise<Size> {
  return (await openImage(file, 3)).size;
}
