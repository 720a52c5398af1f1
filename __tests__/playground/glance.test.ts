/** The page on which a digit is drawn and looked at, in a real browser, beside the same network in Node. */
import { statSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { colourOf, divergingScale } from '../../src/describe/draw/palette';
import { digitCode } from '../../playground/picture/digit-code';
import { mnistFrame, normaliseDigit } from '../../src/data/formats/digits/normalise-digit';
import { datasetInMemory } from '../../src/data/dataset';
import { batchesInOrder } from '../../src/data/loader/batches';
import { activationsOf, type LayerOutput } from '../../src/describe/units/activations';
import { openTrained } from '../../verbs';
import { testInChromium } from '../support/pages/chromium';
import { onPlayground, playgroundFile, valueOn } from '../support/pages/playground';

let file: string;
let picture: Uint8Array;
let outputs: ReadonlyMap<string, LayerOutput>;

/** A digit as nobody drew it: a ring with a tail, off the middle. */
function ring(): Uint8Array {
  const pixels = Uint8Array.from({ length: 100 * 100 }, (_, at) => {
    const [row, column] = [Math.floor(at / 100) - 35, (at % 100) - 55];
    const radius = Math.hypot(row, column);
    const tail = column > 12 && column < 20 && row > 0 && row < 55;
    return (radius > 12 && radius < 20) || tail ? 255 : 0;
  });
  return normaliseDigit({ pixels, height: 100, width: 100 }, mnistFrame)!;
}

beforeAll(async () => {
  file = await playgroundFile();
  picture = ring();
  const trained = await openTrained('lenet5');
  const data = datasetInMemory({
    ...{ name: 'ring', synthetic: true, classes: ['9'], shape: [28, 28, 1], pixels: picture },
    labels: Int32Array.of(0),
  });
  for await (const { images } of batchesInOrder(data, trained.recipe, 1, { fitted: trained.fitted }))
    outputs = await activationsOf(trained.model).of(images.slice());
  trained.dispose();
});

const units = [
  ['C1', [11, 13, 2]],
  ['S2', [5, 6, 3]],
  ['C3', [4, 5, 7]],
  ['S4', [2, 2, 11]],
  ['C5', [0, 0, 40]],
  ['F6', [12]],
] as const;

testInChromium(
  'the page’s distances, units and maps are those of native TensorFlow in Node',
  async (browser) => {
    await onPlayground(browser, file, `#picture=${digitCode(picture)}`, async (page) => {
      const distances = outputs.get('output')!.values;
      for (let digit = 0; digit < 10; digit++) {
        for (const name of [`score-${digit}`, `distance-${digit}`])
          expect(Math.abs((await valueOn(page, name)) - distances[digit]!)).toBeLessThan(1e-3);
      }
      const nearest = distances.reduce((least, each) => Math.min(least, each));
      expect(await page.getAttribute('[data-answer]', 'data-answer')).toBe(
        String(distances.indexOf(nearest)),
      );
      for (const [layer, unit] of units) {
        const [map, ...place] = [unit.at(-1)!, ...unit.slice(0, -1)];
        await go(page, `#picture=${digitCode(picture)}&unit=${[layer, map, ...place].join('.')}`);
        const at = ({ values, shape }: LayerOutput) =>
          values[unit.reduce<number>((flat, index, axis) => flat * shape[axis]! + index, 0)]!;
        expect(Math.abs((await valueOn(page, 'sum')) - at(outputs.get(layer)!))).toBeLessThan(1e-3);
        expect(Math.abs((await valueOn(page, 'state')) - at(outputs.get(`${layer}/tanh`)!))).toBeLessThan(
          1e-4,
        );
      }
      for (const [layer, map] of [
        ['C1', 2],
        ['C3', 7],
      ] as const) {
        const { values, shape } = outputs.get(`${layer}/tanh`)!;
        const scale = divergingScale(values);
        const painted = await pixelsOn(page, layer, map);
        expect(painted).toHaveLength(4 * shape[0]! * shape[1]!);
        for (let at = 0; at < shape[0]! * shape[1]!; at++)
          colourOf(values[at * shape[2]! + map]!, scale).forEach((level, channel) =>
            expect(Math.abs(painted[4 * at + channel]! - level)).toBeLessThanOrEqual(2),
          );
      }
    });
  },
);

async function go(page: Page, fragment: string): Promise<void> {
  const [layer] = new URLSearchParams(fragment.slice(1)).get('unit')!.split('.');
  await page.evaluate((to) => {
    location.hash = to;
  }, fragment);
  await page.waitForFunction(
    (name) => document.querySelector('.spelled h3')?.textContent?.startsWith(`${name},`),
    layer!,
  );
}

async function pixelsOn(page: Page, layer: string, map: number): Promise<readonly number[]> {
  return page.$eval(`[data-layer="${layer}"] [data-map="${map}"] canvas`, (element) => {
    const canvas = element as HTMLCanvasElement;
    return [...canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height).data];
  });
}

testInChromium(
  'a unit of C3 sees 14×14 of the input, and the maps that Table I gives it',
  async (browser) => {
    await onPlayground(browser, file, '#picture=sample-3&unit=C3.7.4.5', async (page) => {
      // (5 − 1)·2 + 2 + (5 − 1) = 14, from twice its place: LeCun et al. 1998, §II.B.
      expect(await page.textContent('[data-name="field"]')).toBe(
        'It sees 14×14 of the input, from row 8, column 10.',
      );
      const read = await page.$$eval('.spelled .patch summary', (all) => all.map((each) => each.textContent));
      expect(read.map((text) => /^S2, map (\d+)/.exec(text)?.[1])).toEqual(['1', '2', '3', '4']);
      const framed = await page.$$eval('[data-layer="S2"] [data-map]', (maps) =>
        maps.flatMap((map, at) => (map.querySelector('.mark') ? [at] : [])),
      );
      expect(framed).toEqual([1, 2, 3, 4]);
      const numbers = (name: string) =>
        page.$$eval(`[data-name="${name}"] td`, (cells) =>
          cells.map((cell) => Number((cell as HTMLElement).dataset['value'])),
        );
      const [patch, kernel] = [await numbers('patch-1'), await numbers('kernel-1')];
      const product = patch.reduce((sum, value, at) => sum + value * kernel[at]!, 0);
      expect(patch).toHaveLength(25);
      expect(Math.abs(product - (await valueOn(page, 'patch-1')))).toBeLessThan(1e-5);
    });
  },
);

const says = (page: Page, text: string) =>
  page.waitForFunction((wanted) => document.querySelector('.said')!.textContent.includes(wanted), text);

testInChromium(
  'a digit is drawn by mouse and by keys, undone and cleared; its link shows it again',
  async (browser) => {
    await onPlayground(browser, file, '#picture=', async (page) => {
      await says(page, 'empty');
      const box = (await page.locator('.pad canvas').boundingBox())!;
      await page.mouse.move(box.x + box.width / 2, box.y + 0.15 * box.height);
      await page.mouse.down();
      await page.mouse.move(box.x + box.width / 2, box.y + 0.85 * box.height, { steps: 12 });
      await page.mouse.up();
      await says(page, 'It is a 1.');
      await page.waitForFunction(() => location.hash.includes('picture=drawn-'));
      const link = await page.evaluate(() => location.hash);
      await page.getByRole('button', { name: 'Undo' }).click();
      await says(page, 'empty');
      await page.locator('.pad canvas').focus();
      for (const key of [
        ...Array<string>(9).fill('ArrowUp'),
        ' ',
        ...Array<string>(18).fill('ArrowDown'),
        ' ',
      ])
        await page.keyboard.press(key);
      await says(page, 'It is a 1.');
      await page.keyboard.press('Delete');
      await says(page, 'empty');
      // The address follows a little later; a link to where it already leads would change nothing.
      await page.waitForFunction(() => !location.hash.includes('picture=drawn-'));
      await page.evaluate((to) => {
        location.hash = to;
      }, link);
      await says(page, 'It is a 1.');
    });
  },
);

testInChromium(
  'a pasted picture is taken as it is at 28×28, else freed of its paper and centred',
  async (browser) => {
    await onPlayground(browser, file, '#picture=', async (page) => {
      const paste = (side: number, onLight: boolean) =>
        page.evaluate(
          async ([size, light]) => {
            const canvas = Object.assign(document.createElement('canvas'), { width: size, height: size });
            const context = canvas.getContext('2d')!;
            context.fillStyle = light ? '#dcd8d0' : 'black';
            context.fillRect(0, 0, size, size);
            context.fillStyle = light ? '#333' : 'white';
            context.fillRect(size * 0.6, size * 0.15, size * 0.08, size * 0.6);
            const blob = await new Promise<Blob>((resolve) => canvas.toBlob((made) => resolve(made!)));
            const clipboardData = new DataTransfer();
            clipboardData.items.add(new File([blob], 'one.png', { type: 'image/png' }));
            dispatchEvent(new ClipboardEvent('paste', { clipboardData }));
          },
          [side, onLight] as const,
        );
      await paste(200, true);
      await says(page, 'It is a 1.');
      await paste(28, false);
      await page.waitForFunction(() => {
        const canvas = document.querySelector<HTMLCanvasElement>('.pad-and-seen .map canvas')!;
        // Column 17 of the picture is column 19 of the network’s 32: nothing was moved to the middle.
        const { data } = canvas.getContext('2d')!.getImageData(19, 15, 1, 1);
        return data[0]! > 200;
      });
    });
  },
);

it('the file, with LeNet-5, LeNet-1 and LeCun 1989 inside, has at most 2.5 MB', () => {
  expect(statSync(file).size).toBeLessThan(2.5e6);
});
