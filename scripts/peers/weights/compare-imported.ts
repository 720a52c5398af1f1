/** Compares the outputs of imported networks with those of the toolkit that they come from. */
import { useBackend } from '../../../src/runtime/backend';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { networkNames, zoo } from '../../../models/registry';
import { columns } from '../../../src/core/text/columns';
import { tf } from '../../../src/core/tf';
import { importWeights } from '../../../src/weights/import/import-weights';
import { fail, note } from '../../cli/terminal/output';
import { jsonFile } from '../bench/json-file';

/** What another toolkit's script wrote for each of its files: its network's outputs for its images. */
interface Expected {
  readonly network: string;
  readonly file: string;
  readonly side: number;
  /** Default: 3. */
  readonly channels?: number;
  /** A file beside it with the pixels of images, `[images, side, side, channels]`; default: the image of this script. */
  readonly pixels?: string;
  /** Scores, and those of auxiliary heads, each `[images, classes]`. */
  readonly outputs: readonly (readonly (readonly number[])[])[];
}

/** The image that the other scripts compute too, `[1, side, side, channels]`. */
function image(side: number, channels: number): tf.Tensor4D {
  const length = side * side * channels;
  const values = Float32Array.from({ length }, (_, at) => ((7919 * at) % 2003) / 1001.5 - 1);
  return tf.tensor4d(values, [1, side, side, channels]);
}

/** The images of a file of pixels, with values of −1 to 1. */
function imagesIn(file: string, side: number, channels: number): tf.Tensor4D {
  const values = Float32Array.from(readFileSync(file), (value) => value / 127.5 - 1);
  return tf.tensor4d(values, [values.length / (side * side * channels), side, side, channels]);
}

/** Imports a file; returns the largest absolute output, and the largest absolute difference. */
async function compare(
  folder: string,
  { network, file, side, channels = 3, pixels, outputs }: Expected,
): Promise<[number, number]> {
  const name = networkNames.find((known) => known === network)!;
  const { model } = await importWeights(join(folder, file), zoo[name]);
  const tensors = tf.tidy(() => {
    const images =
      pixels === undefined ? image(side, channels) : imagesIn(join(folder, pixels), side, channels);
    const ours = [model.predict(images, { batchSize: 4 })].flat();
    // An inference-only file has no auxiliary heads; then only the first output is compared.
    return outputs.map((rows, index) => {
      const theirs = tf.tensor2d(rows.map((row) => [...row]));
      return [theirs, ours[index]!.sub(theirs)].map((tensor) => tensor.abs().max());
    });
  });
  const largest = await Promise.all(
    tensors.map((pair) => Promise.all(pair.map(async (tensor) => (await tensor.data())[0]!))),
  );
  tf.dispose(tensors);
  model.dispose();
  return [Math.max(...largest.map(([size]) => size!)), Math.max(...largest.map(([, apart]) => apart!))];
}

/** Compares all files that a folder's `expected.json` lists, and prints a table. */
export async function compareImported(folder: string): Promise<void> {
  const all = jsonFile(
    join(folder, 'expected.json'),
    "what another toolkit's script wrote",
  ) as readonly Expected[];
  await useBackend();
  const rows = [['file', 'largest answer', 'largest difference']];
  for (const expected of all) {
    note(expected.file);
    const found = await compare(folder, expected);
    rows.push([expected.file, found[0].toPrecision(4), found[1].toExponential(1)]);
  }
  process.stdout.write(`${columns(rows, [1, 2]).join('\n')}\n`);
}

if (require.main === module) compareImported(process.argv[2] ?? '.').catch(fail);
