/** The digits that the playground begins with: drawn ones, the same distorted, and the model's worst mistakes. */
import { deriveSeed, seededRandom } from '../../../core/random';
import { affineDistort, type AffineRanges } from '../../../data/augment/affine';
import { datasetInMemory, type Dataset } from '../../../data/dataset';
import { drawDigits } from '../../../data/formats/digits/digits';
import { frame1989, normaliseDigit } from '../../../data/formats/digits/normalise-digit';
import { openTestData } from '../../../data/open';
import { UserError, messageOf } from '../../../core/errors';
import { answersOf, mistakesIn } from '../../../evaluate/metrics/answers';
import type { Opened } from '../../trained/open-folder';
import type { Context } from '../../context';
import type { PageDigit } from './page-data';

/** How far the distorted ones go: as far as the built-in digits' own. */
const distortion: AffineRanges = { kind: 'affine', shift: 2, scale: 0.2, squeeze: 0.2, shear: 0.5 };

/** How many mistakes the page has. */
const mostMistakes = 20;

/** The digits, each 28×28. @param model whose mistakes are among them */
export async function pageDigits(
  model: Opened,
  seed: number,
  context: Context,
): Promise<readonly PageDigit[]> {
  const { test } = drawDigits({ seed, train: 10, test: 400 });
  const pixels = await test.pixels(Int32Array.from(test.labels, (_, at) => at));
  const sample = (digit: number) => {
    const at = test.labels.indexOf(digit);
    return pixels.slice(at * 784, (at + 1) * 784);
  };
  const ten = Array.from({ length: 10 }, (_, digit) => digit);
  const random = seededRandom(deriveSeed(seed, 'playground', 'distorted'));
  const source = 'digits (synthetic)';
  const distorted = (digit: number) => affineDistort(sample(digit), [28, 28, 1], distortion, random);
  return [
    ...ten.map((digit) => pageDigit('sample', source, digit, sample(digit))),
    ...ten.map((digit) => pageDigit('distorted', source, digit, distorted(digit))),
    ...(await mistakesOf(model, context)),
  ];
}

function pageDigit(
  kind: PageDigit['kind'],
  source: string,
  label: number,
  pixels: Uint8Array,
  at = label,
): PageDigit {
  return { name: `${kind}-${at}`, kind, source, label, pixels: Buffer.from(pixels).toString('base64') };
}

/** The model's most confident mistakes on MNIST’s test set where it is on this machine, else on drawn digits. */
async function mistakesOf(
  { model, recipe, fitted }: Opened,
  context: Context,
): Promise<readonly PageDigit[]> {
  const data = await testSet(context);
  const shown = recipe.input.shape[0] === frame1989.side ? await filling(data) : data;
  const answers = await answersOf({ model, recipe, data: shown, fitted });
  const worst = mistakesIn(answers).slice(0, mostMistakes);
  const pixels = await data.pixels(Int32Array.from(worst, ({ image }) => image));
  return worst.map(({ image, label, best }, place) => ({
    ...pageDigit('mistake', data.name, label, pixels.slice(place * 784, (place + 1) * 784), image),
    answer: best[0]!,
  }));
}

/** The digits as the networks of 1989 see them, in the page too. */
async function filling(data: Dataset): Promise<Dataset> {
  const { side } = frame1989;
  const stored = await data.pixels(Int32Array.from(data.labels, (_, at) => at));
  const pixels = new Uint8Array(data.labels.length * side * side);
  data.labels.forEach((_, at) => {
    const picture = { pixels: stored.subarray(at * 784, (at + 1) * 784), height: 28, width: 28 };
    pixels.set(normaliseDigit(picture, frame1989) ?? [], at * side * side);
  });
  const { name, synthetic, classes, labels } = data;
  return datasetInMemory({ name, synthetic, classes, labels, shape: [side, side, 1], pixels });
}

/** The page takes what is there; it downloads nothing. */
async function refused(): Promise<never> {
  throw new UserError('the command download fetches it');
}

async function testSet({ root, remark }: Context): Promise<Dataset> {
  try {
    const mnist = await openTestData('mnist', { root, seed: 1, fetch: refused });
    if (mnist.kind !== 'files') return mnist;
  } catch (error) {
    remark(`no MNIST on this machine, so the mistakes are of drawn digits (${messageOf(error)})`);
  }
  return drawDigits({ seed: 1, train: 10, test: 4000 }).test;
}
