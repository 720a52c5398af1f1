/** What a network says while a square hides one part of the picture after the other. */
import { tf } from '../../../src/core/tf';

/** A picture, and the square that hides parts of it. */
interface Hidden {
  /** As the model takes it, `[height, width, channels]`. */
  readonly input: Float32Array;
  /** What is seen in place of the picture under the square, of the same shape. */
  readonly cover: Float32Array;
  /** The square's side, odd: it lies around its pixel, and ends at the border. */
  readonly side: number;
}

interface OcclusionOptions {
  readonly signal?: AbortSignal | undefined;
  /** Called with the number of places done. */
  readonly onProgress?: (done: number) => void;
}

/** The picture with the square around a pixel. */
export function occluded(
  { input, cover, side }: Hidden,
  [height, width, channels]: readonly number[],
  row: number,
  column: number,
): Float32Array {
  const reach = (side - 1) / 2;
  const hidden = input.slice();
  for (let line = Math.max(0, row - reach); line <= Math.min(height! - 1, row + reach); line++) {
    const first = (line * width! + Math.max(0, column - reach)) * channels!;
    const end = (line * width! + Math.min(width!, column + reach + 1)) * channels!;
    hidden.set(cover.subarray(first, end), first);
  }
  return hidden;
}

/** So many pictures are computed at once at most, and fewer if they take longer: between two batches the page answers. */
const largestBatch = 64;
const milliseconds = { few: 50, many: 200 } as const;

/** Pictures of more places are not hidden place by place: a network of photos would take hours. */
export const mostPlaces = 64 * 64;

/**
 * The scores with the square around each pixel, `[height · width, classes]`. Places where it hides nothing, as on an
 * empty background, have the picture's own scores.
 * @throws the signal's reason
 */
export async function occludedScores(
  model: tf.LayersModel,
  hidden: Hidden,
  { signal, onProgress }: OcclusionOptions = {},
): Promise<readonly Float32Array[]> {
  const shape = model.inputs[0]!.shape.slice(1) as [number, number, number];
  const [height, width] = shape;
  const pictureAt = (place: number) => occluded(hidden, shape, Math.floor(place / width), place % width);
  const changed = Array.from({ length: height * width }, (_, place) => place).filter((place) =>
    pictureAt(place).some((value, at) => value !== hidden.input[at]),
  );
  const [own] = await scoresOf(model, [hidden.input], shape);
  const scores = Array<Float32Array>(height * width).fill(own!);
  let batch = 8;
  for (let first = 0; first < changed.length;) {
    const some = changed.slice(first, first + batch);
    const started = performance.now();
    const found = await scoresOf(model, some.map(pictureAt), shape);
    const took = performance.now() - started;
    if (took < milliseconds.few) batch = Math.min(largestBatch, 2 * batch);
    else if (took > milliseconds.many) batch = Math.max(1, batch >> 1);
    some.forEach((place, at) => (scores[place] = found[at]!));
    first += some.length;
    onProgress?.(height * width - changed.length + first);
    // Lets the page answer what was pressed meanwhile.
    await new Promise((resolve) => setTimeout(resolve));
    signal?.throwIfAborted();
  }
  return scores;
}

/** The main scores of pictures, one array each. */
async function scoresOf(
  model: tf.LayersModel,
  pictures: readonly Float32Array[],
  shape: readonly [number, number, number],
): Promise<readonly Float32Array[]> {
  const size = shape[0] * shape[1] * shape[2];
  const values = new Float32Array(pictures.length * size);
  pictures.forEach((picture, at) => values.set(picture, at * size));
  const scores = tf.tidy(
    () => [model.predict(tf.tensor4d(values, [pictures.length, ...shape]))].flat()[0] as tf.Tensor,
  );
  const all = await scores.data<'float32'>();
  scores.dispose();
  const classes = all.length / pictures.length;
  return pictures.map((_, at) => all.slice(at * classes, (at + 1) * classes));
}
