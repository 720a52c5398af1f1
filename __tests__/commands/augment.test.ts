import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { zoo } from '../../models/registry';
import { UserError } from '../../src/core/errors';
import { augmentedSamples } from '../../src/report/sheets/augmented-samples';
import { contactSheet } from '../../src/report/sheets/contact-sheet';
import { overridden } from '../../src/core/recipe/overrides';
import { command, temporaryFolder } from '../support/fixtures';

const folder = temporaryFolder();
const file = join(folder, 'half & half.png');

/** Red to the left, blue to the right. */
beforeAll(async () => {
  const pixels = Buffer.from(
    Array.from({ length: 300 * 400 }, (_, at) => (at % 400 < 200 ? [200, 0, 0] : [0, 0, 200])).flat(),
  );
  await sharp(pixels, { raw: { height: 300, width: 400, channels: 3 } })
    .png()
    .toFile(file);
});

const optionsOf = (name: keyof typeof zoo, seed = 1) => ({
  file,
  recipe: zoo[name].recipe,
  samples: 5,
  seed,
});

it('shows the image, its part in evaluation and as many samples as asked for', async () => {
  const shown = await augmentedSamples(optionsOf('alexnet'));
  expect(shown.map(({ height, width }) => `${height}×${width}`)).toEqual([
    '300×400',
    ...new Array<string>(6).fill('227×227'),
  ]);
  // 256 · 400 / 300 = 341.3; the middle square from column 42, the crop in its middle.
  expect(shown[1]!.caption).toBe('as evaluated: 14,56 of 256×341');
  const [left, right] = [shown[1]!.pixels.subarray(0, 3), shown[1]!.pixels.subarray(226 * 3, 227 * 3)];
  expect([[...left], [...right]]).toEqual([
    [200, 0, 0],
    [0, 0, 200],
  ]);
  for (const { caption, pixels } of shown.slice(2)) {
    // Blue is to the left in mirrored samples, whatever the lighting adds.
    expect(pixels[2]! > pixels[0]!).toBe(caption.endsWith('mirrored'));
  }
});

it('shows networks of one channel grey, and nothing but the image where nothing is distorted', async () => {
  const shown = await augmentedSamples(optionsOf('lenet5'));
  expect(shown).toHaveLength(2);
  // 0.299 · 200 and 0.114 · 200, by BT.601.
  expect([...shown[1]!.pixels.subarray(0, 3)]).toEqual([60, 60, 60]);
  expect([...shown[1]!.pixels.subarray(27 * 3, 28 * 3)]).toEqual([23, 23, 23]);
});

it('draws small images with square pixels, in rows of four', async () => {
  const png = await contactSheet('title', await augmentedSamples(optionsOf('nin-cifar10')));
  const { data, info } = await sharp(png).raw().toBuffer({ resolveWithObject: true });
  expect([info.width, info.height, info.channels]).toEqual([4 * 268 + 12, 46 + 2 * 290, 3]);
  // The second image of the first row is 32×32, eight times as large.
  const at = (x: number, y: number) => [
    ...data.subarray((y * info.width + x) * 3, (y * info.width + x) * 3 + 3),
  ];
  const [left, top] = [12 + 268, 46];
  expect(at(left, top)).toEqual([200, 0, 0]);
  expect(at(left + 255, top + 255)).toEqual([0, 0, 200]);
  expect(at(left + 256, top + 200)).toEqual([255, 255, 255]);
  for (const x of [0, 96, 128, 200]) {
    const block = [0, 7].flatMap((dx) => [0, 7].map((dy) => at(left + x + dx, top + 64 + dy).join()));
    expect(new Set(block).size).toBe(1);
  }
});

it('refuses what one image cannot tell', async () => {
  const augment = 'augment=[{"kind":"pcaLighting","deviation":0.1,"colours":"trainingSet"}]';
  const recipe = overridden(zoo['vgg-d'].recipe, [augment]);
  await expect(augmentedSamples({ ...optionsOf('vgg-d'), recipe })).rejects.toThrow(UserError);
});

it('is a command, which draws the same for the same seed', async () => {
  const sheet = async (seed: number) => {
    const out = join(folder, `sheet-${seed}.png`);
    const words = [
      'augment',
      file,
      '--recipe',
      'googlenet',
      '--samples',
      '3',
      '--seed',
      String(seed),
      '--out',
      out,
    ];
    const { code, stdout, stderr } = await command([...words, '--json']);
    expect([code, stderr]).toEqual([0, '']);
    return { png: readFileSync(out), report: JSON.parse(stdout) as { captions: string[]; recipe: string } };
  };
  const first = await sheet(1);
  expect(first.report.recipe).toBe('googlenet');
  expect(first.report.captions).toHaveLength(5);
  const again = await contactSheet(
    'half & half.png as googlenet sees it: areaCrop, photometric, flip, before preprocessing',
    await augmentedSamples({ ...optionsOf('googlenet'), samples: 3 }),
  );
  expect(again.equals(first.png)).toBe(true);
  const other = await augmentedSamples({ ...optionsOf('googlenet', 2), samples: 3 });
  expect(other.map(({ caption }) => caption)).not.toEqual(first.report.captions);
});
