/** Draws the misclassified images with the greatest margins. */
import type { ImageSet } from '../../data/dataset';
import { openImageOf } from '../../data/loader/loader';
import { mistakesIn, type Answer } from '../../evaluate/metrics/answers';
import type { Sample } from './augmented-samples';
import { contactSheet } from './contact-sheet';

/** The number of mistakes shown, the most confident ones. */
const most = 20;

/**
 * A sheet of the misclassified images with the greatest margins, the worst first, each with its label, the answer and
 * its probability below.
 * @param answers to images of `data`; right ones are left out
 * @returns a PNG file's bytes; null where no image was misclassified
 */
export async function worstMistakes(data: ImageSet, answers: readonly Answer[]): Promise<Buffer | null> {
  const wrong = mistakesIn(answers);
  if (wrong.length === 0) return null;
  const samples = await Promise.all(
    wrong.slice(0, most).map((answer) => sampleOf(data, answer.image, captionOf(data, answer))),
  );
  const which = wrong.length > most ? `the worst ${most} of ${wrong.length}` : String(wrong.length);
  return contactSheet(`${data.name}: ${which} mistakes, label → answer`, samples);
}

function captionOf({ classes }: ImageSet, { label, best, probability }: Answer): string {
  const sure = probability === null ? '' : `, ${(100 * probability).toFixed(0)} %`;
  return `${classes[label]!} → ${classes[best[0]!]!}${sure}`;
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
