/** Draws the filters of a network's first layer (as AlexNet Fig. 3). */
import { libvips } from '../../data/image/decode-region';
import type { tf } from '../../core/tf';

const gap = 1;
/** The approximate width of the sheet in pixels. */
const wide = 480;

/**
 * The filters of a network's first layer side by side, as in AlexNet's Fig. 3. Each is scaled by its own largest
 * weight, so that 0 is mid-grey; filters of three-channel images are in colour.
 * @returns a PNG file's bytes; null where no layer convolves the image itself
 */
export async function filtersSheet(model: tf.LayersModel): Promise<Buffer | null> {
  const kernel = firstKernel(model);
  if (!kernel) return null;
  const [height, width, channels, filters] = kernel.shape;
  const columns = Math.ceil(Math.sqrt(filters * 1.5));
  const rows = Math.ceil(filters / columns);
  const size = { width: columns * (width + gap) + gap, height: rows * (height + gap) + gap };
  const pixels = new Uint8Array(size.width * size.height * 3).fill(255);
  const weights = await kernel.weights.data<'float32'>();
  const at = (y: number, x: number, channel: number, filter: number) =>
    weights[((y * width + x) * channels + channel) * filters + filter]!;
  for (let filter = 0; filter < filters; filter++) {
    const top = gap + Math.floor(filter / columns) * (height + gap);
    const left = gap + (filter % columns) * (width + gap);
    const grey = greysOf(filter, { height, width, channels }, at);
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++)
        for (let colour = 0; colour < 3; colour++)
          pixels[((top + y) * size.width + left + x) * 3 + colour] = grey(y, x, channels === 3 ? colour : 0);
  }
  const scale = Math.max(1, Math.floor(wide / size.width));
  return libvips()(pixels, { raw: { ...size, channels: 3 } })
    .resize(size.width * scale, size.height * scale, { kernel: 'nearest' })
    .png()
    .toBuffer();
}

interface Kernel {
  readonly shape: readonly [height: number, width: number, channels: number, filters: number];
  readonly weights: tf.Tensor;
}

/**
 * The kernel of the first layer, if it convolves images of one or three channels; for one channel, its shape may omit
 * that axis.
 */
function firstKernel(model: tf.LayersModel): Kernel | null {
  const channels = model.inputs[0]!.shape.at(-1)!;
  const first = model.layers.flatMap((layer) => layer.weights)[0];
  if (!first || (channels !== 1 && channels !== 3)) return null;
  const shape = first.shape as number[];
  const [height, width, ...rest] = shape.length === 3 ? [...shape.slice(0, 2), 1, shape[2]!] : shape;
  if (rest.length !== 2 || rest[0] !== channels || height! < 2) return null;
  return { shape: [height!, width!, channels, rest[1]!], weights: first.read() };
}

function greysOf(
  filter: number,
  { height, width, channels }: { readonly height: number; readonly width: number; readonly channels: number },
  at: (y: number, x: number, channel: number, filter: number) => number,
): (y: number, x: number, channel: number) => number {
  let largest = 0;
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++)
      for (let channel = 0; channel < channels; channel++)
        largest = Math.max(largest, Math.abs(at(y, x, channel, filter)));
  return (y, x, channel) => Math.round(127.5 + (127.5 * at(y, x, channel, filter)) / (largest || 1));
}
