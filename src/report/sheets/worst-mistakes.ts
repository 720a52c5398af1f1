/** Draws the misclassified images with the greatest margins. */
import type { ImageSet } from '../../data/dataset';
import { originalName } from '../../data/image/image-error';
import { openImageOf } from '../../data/loader/loader';
import { mistakesIn, type Answer } from '../../evaluate/metrics/answers';
import type { Sample } from './augmented-samples';
import { contactSheet } from './contact-sheet';

/** The number of mistakes shown, the most confident ones. */
const most = 20;

/**
 * A sheet of the misclassified images with the greatest margins, the worst first, each with its label, the answer and
 * its probability, and its file.
 * @param answers to images of `data`; right ones are left out
 * @returns a PNG file's bytes; null where no image was misclassified
 */
export async function worstMistakes(data: ImageSet, answers: readonly Answer[]): Promise<Buffer | null> {
  const wrong = mistakesIn(answers);
  if (wrong.length === 0) return null;
  const samples = await Promise.all(
    wrong.slice(0, most).map(async (answer) => ({
      ...(await sampleOf(data, answer.image, captionOf(data, answer))),
      name: nameOf(data, answer.image),
    })),
  );
  const which = wrong.length > most ? `the worst ${most} of ${wrong.length}` : String(wrong.length);
  return contactSheet(`${data.name}: ${which} mistakes, label → answer`, samples);
}

function captionOf({ classes }: ImageSet, { label, best, probability }: Answer): string {
  const sure = probability === null ? '' : `, ${(100 * probability).toFixed(0)} %`;
  return `${classes[label]!} → ${classes[best[0]!]!}${sure}`;
}

/** The most characters of a name that are legible below an image. */
const longest = 40;

/** The end of the name of an image's file, or its place in a file of many. */
function nameOf(data: ImageSet, image: number): string {
  if (data.kind === 'pixels') return `image ${image}`;
  const name = originalName(data.files[image]!);
  return name.length > longest ? `…${name.slice(1 - longest)}` : name;
}

async function sampleOf(data: ImageSet, index: number, caption: string): Promise<Sample> {
  const image = await openImageOf(data, index, 3);
  const { size, channels } = image;
  const pixels = await image.decode();
  if (channels === 3) return { caption, ...size, pixels };
  const colours = Uint8Array.from(
    { length: 3 * size.height * size.width },
    (_, at) => pixels[Math.floor(at / 3) * channels]!,
  );
  return { caption, ...size, pixels: colours };
}
