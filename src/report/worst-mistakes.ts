import type { ImageSet } from '../data/dataset';
import { decodePicture } from '../data/decode-picture';
import { imageScores, type PredictOptions } from '../train/image-scores';
import { bestClasses } from '../train/ranking';
import type { Sample } from './augmented-samples';
import { contactSheet } from './contact-sheet';

/** The mistakes of which a network was surest. */
const most = 20;

/**
 * A sheet of the images that were answered wrongly with the greatest margins, the worst first, each with its label, the
 * answer and its probability below.
 * @returns a PNG file's bytes; null where nothing was answered wrongly
 */
export async function worstMistakes(options: PredictOptions): Promise<Buffer | null> {
  const { data, recipe } = options;
  const wrong: { image: number; caption: string; margin: number }[] = [];
  for await (const { image, label, scores, probabilities } of imageScores(options)) {
    const [answer] = bestClasses(recipe.loss, scores, 1) as [number];
    if (answer === label) continue;
    const sure = probabilities ? `, ${(100 * probabilities[answer]!).toFixed(0)} %` : '';
    const caption = `${data.classes[label]!} → ${data.classes[answer]!}${sure}`;
    wrong.push({ image, caption, margin: Math.abs(scores[answer]! - scores[label]!) });
  }
  if (wrong.length === 0) return null;
  const worst = wrong.sort((one, other) => other.margin - one.margin).slice(0, most);
  const samples = await Promise.all(worst.map(({ image, caption }) => sampleOf(data, image, caption)));
  const which = wrong.length > most ? `the worst ${most} of ${wrong.length}` : String(wrong.length);
  return contactSheet(`${data.name}: ${which} mistakes, label → answer`, samples);
}

async function sampleOf(data: ImageSet, image: number, caption: string): Promise<Sample> {
  if (data.kind === 'pictures') return { caption, ...(await decodePicture(data.places[image]!, 3)) };
  const [height, width, channels] = data.shape;
  const stored = await data.pixels(Int32Array.of(image));
  if (channels === 3) return { caption, height, width, pixels: stored };
  const pixels = Uint8Array.from(
    { length: 3 * height * width },
    (_, at) => stored[Math.floor(at / 3) * channels]!,
  );
  return { caption, height, width, pixels };
}
