/**
 * Measures the playground in a real browser, beside Node: how many of 200 digits drawn with jittered strokes and of 100
 * pasted from MNIST's test set are answered right, and how long a stroke takes to reach all maps.
 * `npx tsx scripts/peers/browser/playground.ts OUT.json`, with `LINEAGE_DATA`; `LINEAGE_CHROMIUM` names the browser.
 */
import { mkdtempSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromium, type Page } from 'playwright-core';
import { openData, openTrained, predict, useBackend, writePlayground } from '../../../index';
import { decodedDigit } from '../../../playground/picture/digit-code';
import { deriveSeed, seededRandom, type Random } from '../../../src/core/random';
import { datasetInMemory, type Dataset } from '../../../src/data/dataset';
import { digitSkeletons, type Point } from '../../../src/data/formats/digits/strokes';
import { trace } from '../../../src/data/formats/digits/pen';
import { median } from '../../../src/report/bench/peers';
import { machine } from '../../../src/runtime/machine';
import { commit } from '../../cli/terminal/output';

const drawnDigits = 200;
const pastedDigits = 100;
const strokesTimed = 30;

/** Answers of the page and of Node to the same pictures. */
interface Answered {
  readonly label: number;
  readonly page: number;
  readonly node: number;
}

async function main(out: string): Promise<void> {
  const file = join(mkdtempSync(join(tmpdir(), 'lineage-playground-')), 'playground.html');
  await writePlayground({ out: file });
  const executablePath = process.env['LINEAGE_CHROMIUM'] ?? '/usr/bin/chromium';
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
  const opened = async (query: string) => {
    const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
    await page.goto(`${pathToFileURL(file).href}${query}#picture=&lang=en`);
    await page.waitForSelector('.said');
    // What compiles this script names functions by a helper that the page has not.
    await page.evaluate('globalThis.__name = (named) => named');
    return page;
  };
  const page = await opened('');
  const drawn = await drawnAnswers(page);
  const pasted = await pastedAnswers(page);
  const milliseconds = {
    wasm: await strokeTimes(await opened('?backend=wasm')),
    cpu: await strokeTimes(await opened('?backend=cpu')),
  };
  const result = {
    ...{ drawn: shares(drawn), pasted: shares(pasted), milliseconds, bytes: statSync(file).size },
    ...{ browser: `Chromium ${browser.version()}`, commit: commit(), machine: machine(await useBackend()) },
  };
  await browser.close();
  writeFileSync(out, `${JSON.stringify(result, null, 2)}\n`);
  console.log(JSON.stringify(result, null, 2));
}

function shares(answered: readonly Answered[]) {
  const share = (is: (each: Answered) => boolean) => answered.filter(is).length / answered.length;
  return {
    digits: answered.length,
    page: share(({ label, page }) => page === label),
    node: share(({ label, node }) => node === label),
    same: share(({ page, node }) => page === node),
  };
}

/** Draws each digit with the mouse. */
async function drawnAnswers(page: Page): Promise<readonly Answered[]> {
  const box = (await page.locator('.pad canvas').boundingBox())!;
  const [labels, pixels, answers]: [number[], Uint8Array[], number[]] = [[], [], []];
  for (let at = 0; at < drawnDigits; at++) {
    const label = at % 10;
    await page.getByRole('button', { name: 'Clear' }).click();
    await page.waitForFunction(() => !location.hash.includes('drawn-'));
    for (const stroke of jittered(label, seededRandom(deriveSeed(1, 'drawn', at)))) {
      const [first, ...others] = stroke.map(
        ([x, y]) => [box.x + x * box.width, box.y + y * box.height] as const,
      );
      await page.mouse.move(...first!);
      await page.mouse.down();
      for (const point of others) await page.mouse.move(...point);
      await page.mouse.up();
    }
    // The address follows the last stroke a little later, and by then the answer is there.
    await page.waitForTimeout(350);
    const code = await page.evaluate(() => new URLSearchParams(location.hash.slice(1)).get('picture')!);
    labels.push(label);
    pixels.push(decodedDigit(code)!);
    answers.push(await answerOn(page));
  }
  return beside(labels, pixels, answers);
}

const answerOn = async (page: Page) => Number(await page.getAttribute('[data-answer]', 'data-answer'));

/** The strokes of a digit as an unsteady hand draws them somewhere on the pad, in the unit square. */
function jittered(digit: number, random: Random): readonly (readonly Point[])[] {
  const styles = digitSkeletons[digit]!;
  const skeleton = styles[random.integer(styles.length)]!;
  const [scale, squeeze] = [random.uniform(0.4, 0.75), random.uniform(0.8, 1.15)];
  const [turn, x, y] = [random.uniform(-0.2, 0.2), random.uniform(-0.08, 0.08), random.uniform(-0.08, 0.08)];
  const place = ([right, down]: Point): Point => {
    const [across, along] = [(right - 0.5) * scale * squeeze, (down - 0.5) * scale];
    const jitter = () => random.uniform(-0.006, 0.006);
    return [
      0.5 + x + across * Math.cos(turn) - along * Math.sin(turn) + jitter(),
      0.5 + y + across * Math.sin(turn) + along * Math.cos(turn) + jitter(),
    ];
  };
  const slip = ([right, down]: Point): Point => [
    right + random.uniform(-0.04, 0.04),
    down + random.uniform(-0.04, 0.04),
  ];
  return skeleton.map(({ kind, points }) => trace({ kind, points: points.map(slip) }).map(place));
}

async function pastedAnswers(page: Page): Promise<readonly Answered[]> {
  const { test } = (await openData('mnist')) as { readonly test: Dataset };
  const indices = Int32Array.from({ length: pastedDigits }, (_, at) => at);
  const stored = await test.pixels(indices);
  const images = [...indices].map((at) => stored.slice(at * 784, (at + 1) * 784));
  const answers: number[] = [];
  for (const image of images) {
    await page.evaluate(
      async (values) => {
        const canvas = Object.assign(document.createElement('canvas'), { width: 28, height: 28 });
        const context = canvas.getContext('2d')!;
        const shown = context.createImageData(28, 28);
        values.forEach((value, at) => shown.data.set([value, value, value, 255], 4 * at));
        context.putImageData(shown, 0, 0);
        const blob = await new Promise<Blob>((resolve) => canvas.toBlob((made) => resolve(made!)));
        const clipboardData = new DataTransfer();
        clipboardData.items.add(new File([blob], 'digit.png', { type: 'image/png' }));
        dispatchEvent(new ClipboardEvent('paste', { clipboardData }));
      },
      [...image],
    );
    await page.waitForTimeout(150);
    answers.push(await answerOn(page));
  }
  return beside([...test.labels.subarray(0, pastedDigits)], images, answers);
}

/** What Node answers to the same pixels. */
async function beside(
  labels: readonly number[],
  images: readonly Uint8Array[],
  answers: readonly number[],
): Promise<readonly Answered[]> {
  const pixels = new Uint8Array(images.length * 784);
  images.forEach((image, at) => pixels.set(image, at * 784));
  const classes = Array.from({ length: 10 }, (_, digit) => String(digit));
  const shape = [28, 28, 1] as const;
  const data = datasetInMemory({
    ...{ name: 'pictures', synthetic: false, classes, shape, pixels },
    labels: Int32Array.from(labels),
  });
  const { model, recipe, fitted, dispose } = await openTrained('lenet5');
  const found: Answered[] = [];
  for await (const { image, label, scores } of predict({ model, recipe, data, fitted })) {
    const nearest = scores.indexOf(scores.reduce((least, score) => Math.min(least, score)));
    found.push({ label, page: answers[image]!, node: nearest });
  }
  dispose();
  return found;
}

/** From a movement of the pen until the maps of C1 to F6 have changed: the first one, and the median of others. */
async function strokeTimes(page: Page): Promise<{ readonly first: number; readonly median: number }> {
  const times = await page.evaluate(async (strokes) => {
    const pad = document.querySelector<HTMLCanvasElement>('.pad canvas')!;
    pad.setPointerCapture = () => undefined;
    pad.hasPointerCapture = () => true;
    const box = pad.getBoundingClientRect();
    const event = (type: string, at: number) =>
      pad.dispatchEvent(
        new PointerEvent(type, {
          bubbles: true,
          pointerId: 1,
          buttons: 1,
          clientX: box.left + box.width * (0.5 + 0.12 * Math.sin(at)),
          clientY: box.top + box.height * (0.2 + (0.6 * at) / strokes),
        }),
      );
    const shown = () =>
      ['C1', 'S2', 'C3', 'S4', 'F6']
        .map((layer) => document.querySelector<HTMLCanvasElement>(`[data-layer="${layer}"] canvas`)!)
        .map((canvas) =>
          canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height).data.join(),
        );
    const found: number[] = [];
    for (let at = 0; at < strokes; at++) {
      const before = shown();
      const begun = performance.now();
      event(at === 0 ? 'pointerdown' : 'pointermove', at);
      for (;;) {
        await new Promise((resolve) => setTimeout(resolve, 1));
        const elapsed = performance.now() - begun;
        // A stroke that changes nothing is not counted.
        if (elapsed > 1000) break;
        if (shown().every((text, layer) => text !== before[layer])) {
          found.push(elapsed);
          break;
        }
      }
    }
    return found;
  }, strokesTimed);
  await page.close();
  return { first: times[0]!, median: median(times.slice(1)) };
}

void main(process.argv[2] ?? 'playground.json');
