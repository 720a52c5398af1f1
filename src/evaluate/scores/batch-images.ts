/** The images of a batch as what computes takes them, whether they were prepared or left as bytes. */
import { elementCount } from '../../core/shape';
import { tf } from '../../core/tf';
import type { TakesBytes } from '../../data/augment/finishing';
import type { Batch, ByteBatch } from '../../data/loader/batches';
import type { Unfinished } from '../../graph/compiled-function';
import type { SessionOptions } from '../../graph/session/session';
import type { Value } from '../../graph/session/fed-tensors';

/** What of a batch its images are. */
export type BatchImages =
  Pick<Batch, 'images' | 'shape'> | Pick<ByteBatch, 'bytes' | 'colours' | 'finishing'>;

/** How many images there are; crops count apart. */
export function imageCount(batch: BatchImages): number {
  return 'images' in batch
    ? batch.images.length / elementCount(batch.shape)
    : batch.bytes.length / elementCount(batch.finishing.from);
}

/** Some of the images, in the same memory. */
export function someImages(batch: BatchImages, first: number, end: number): BatchImages {
  if ('images' in batch) {
    const size = elementCount(batch.shape);
    return { images: batch.images.subarray(first * size, end * size), shape: batch.shape };
  }
  const { bytes, colours, finishing } = batch;
  const [size, numbers] = [elementCount(finishing.from), finishing.colourNumbers];
  return {
    bytes: bytes.subarray(first * size, end * size),
    colours: colours.subarray(first * numbers, end * numbers),
    finishing,
  };
}

/** How a recorded graph of this precision takes images as bytes. */
export function bytesTakenBy({ bfloat16, float16 }: SessionOptions): TakesBytes {
  return bfloat16 || float16 ? 'without products' : true;
}

/**
 * What a graph is fed: bytes become part of it there.
 * @param images how many there should be. Default: as many as there are
 */
export function fedImages(batch: BatchImages, images = imageCount(batch)): Value | Unfinished {
  if ('images' in batch) return { shape: [images, ...batch.shape], data: batch.images };
  const { bytes, colours, finishing } = batch;
  const pixels = { shape: [images, ...finishing.from], data: bytes };
  const numbers = finishing.colourNumbers;
  return { fed: numbers === 0 ? [pixels] : [pixels, { shape: [images, numbers], data: colours }], finishing };
}

/** The images `[images, height, width, channels]` on the backend; the caller disposes of them. */
export function imageTensor(batch: BatchImages): tf.Tensor4D {
  const images = imageCount(batch);
  if ('images' in batch) return tf.tensor4d(batch.images, [images, ...batch.shape]);
  const { bytes, colours, finishing } = batch;
  const { apply, dispose } = finishing.open();
  const numbers = finishing.colourNumbers;
  const changes: [tf.Tensor2D?] = numbers === 0 ? [] : [tf.tensor2d(colours, [images, numbers])];
  const pixels = tf.tensor4d(Float32Array.from(bytes), [images, ...finishing.from]);
  try {
    return apply(pixels, ...changes) as tf.Tensor4D;
  } finally {
    tf.dispose([pixels, changes]);
    dispose();
  }
}
