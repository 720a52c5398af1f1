/** The command `inspect`: its sheets, its JSON beside what `classify` answers, and what it refuses. */
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { useBackend } from '../../src/runtime/backend';
import { inspect, openTrained } from '../../verbs';
import { command, temporaryFolder } from '../support/fixtures';

const root = temporaryFolder();
const digit = join(root, 'seven <1>.png');
const inverted = join(root, 'photos', 'inverted.png');

beforeAll(async () => {
  await useBackend();
  const drawn = (ink: string, paper: string) =>
    Buffer.from(
      `<svg xmlns="http://www.w3.org/2000/svg" width="28" height="28"><rect width="28" height="28" fill="${paper}"/><path d="M7 7 H20 L12 22" fill="none" stroke="${ink}" stroke-width="2.6"/></svg>`,
    );
  await sharp(drawn('white', 'black')).png().toFile(digit);
  mkdirSync(join(root, 'photos', 'deep'), { recursive: true });
  await sharp(drawn('black', 'white')).png().toFile(inverted);
  for (const side of [4, 9, 14])
    await sharp({ create: { width: 28, height: 28, channels: 3, background: 'black' } })
      .composite([{ input: { create: { width: side, height: side, channels: 3, background: 'white' } } }])
      .png()
      .toFile(join(root, 'photos', 'deep', `${side}.png`));
});

test('a sheet is a PNG file, or a page without requests on which every picture is told in words', async () => {
  const png = join(root, 'sheet.png');
  const told = await command(['inspect', 'lenet5', digit, '--out', png]);
  expect({ code: told.code, says: told.stdout.includes('distances, smaller is nearer') }).toEqual({
    code: 0,
    says: true,
  });
  expect(told.stdout).toContain('looked at: 7');
  const { format, width, height } = await sharp(png).metadata();
  expect([format, width, height > 1000]).toEqual(['png', 1240, true]);
  const html = join(root, 'sheet.html');
  const [unit, data] = [
    ['--unit', 'C3:4'],
    ['--data', join(root, 'photos')],
  ];
  expect((await command(['inspect', 'lenet5', digit, ...unit, ...data, '--out', html])).code).toBe(0);
  const page = readFileSync(html, 'utf8');
  const images = page.match(/<img[^>]*>/g)!;
  // The image, three maps of evidence, 6 + 6 + 12 + 12 maps of layers, and four images for the unit.
  expect(images.length).toBe(1 + 3 + 36 + 4);
  for (const image of images) {
    expect(/ alt="([^"]*)"/.exec(image)![1]!.length).toBeGreaterThan(5);
    expect(image).toMatch(/ src="data:image\/png;base64,/);
  }
  expect(page).toContain("default-src 'none'");
  expect(page).not.toMatch(/(?:src|href)="(?!data:)|@import|<script|undefined|NaN/);
  expect(page).toContain('seven &lt;1&gt;.png inside lenet5');
});

test('what is printed as JSON is what code gets, and the answers are those of classify', async () => {
  const out = join(root, 'json.png');
  const { code, stdout } = await command([
    'inspect',
    'lenet5',
    digit,
    '--class',
    '3',
    '--json',
    '--out',
    out,
  ]);
  expect(code).toBe(0);
  const found = JSON.parse(stdout) as {
    image: {
      predictions: { label: string; score: number }[];
      class: { label: string; score: number };
      gradCam: { values: number[]; layer: string };
      occlusion: { whole: number; values: number[] };
    };
  };
  const trained = await openTrained('lenet5');
  const [ranked, all] = [await trained.classify(digit), await trained.classify(digit, { top: 10 })];
  trained.dispose();
  // Computed in one graph there and layer by layer here: the last bits differ.
  const rounded = (given: { readonly label: string; readonly score?: number } | undefined) =>
    `${given!.label}: ${given!.score!.toPrecision(4)}`;
  expect(found.image.predictions.map(rounded)).toEqual(ranked.map(rounded));
  expect(rounded(found.image.class)).toEqual(rounded(all.find(({ label }) => label === '3')));
  expect(found.image.occlusion.whole).toBeCloseTo(-found.image.class.score, 3);
  const { image } = await inspect('lenet5', { image: readFileSync(digit), class: 3 });
  expect(found.image.gradCam.layer).toBe('C3/tanh');
  image!.gradCam!.values.forEach((value, at) => expect(found.image.gradCam.values[at]).toBeCloseTo(value, 5));
  expect(found.image.occlusion.values.length).toBe(784);
});

test('a picture that is dark on light is inverted as for classify, and it is said', async () => {
  const out = join(root, 'inverted.sheet.png');
  const { code, stdout, stderr } = await command(['inspect', 'lenet5', inverted, '--out', out]);
  expect(code).toBe(0);
  expect(stderr).toContain('inverted.png: it is dark on light, and shown inverted');
  expect(stdout).toContain('looked at: 7');
});

const given = ['inspect', 'lenet5', digit, '--out', join(root, 'none.png')] as const;
const ofUnit = [
  'inspect',
  'lenet5',
  '--out',
  join(root, 'none.png'),
  '--unit',
  'C3:1',
  '--data',
  'digits',
] as const;

test.each([
  [
    'neither image nor unit',
    ['inspect', 'lenet5'],
    'expected an image, or --unit with --data, found neither',
  ],
  [
    'no such image',
    ['inspect', 'lenet5', 'missing.png'],
    'missing.png: expected an image, found no such file\n',
  ],
  [
    'another ending',
    ['inspect', 'lenet5', digit, '--out', 'a.jpg'],
    '--out: expected a file that ends in .png or .html',
  ],
  ['no such class', [...given, '--class', 'ten'], '--class: expected the name of a class (0, 1,'],
  [
    'an index too large',
    [...given, '--class', '10'],
    '--class: expected a whole number from 0 to 9, found 10',
  ],
  ['no such layer', [...given, '--layers', 'C1,X'], '--layers: expected layers of maps (C1/tanh,'],
  ['a layer twice', [...given, '--layers', 'C1,C1'], '--layers: expected each layer once, found C1 twice'],
  [
    'maps that are not there',
    [...given, '--maps', '17'],
    '--maps: expected a whole number from 1 to 16, found 17',
  ],
  ['Grad-CAM of a vector', [...given, '--grad-cam', 'F6'], '--grad-cam: expected layers of maps'],
  [
    'an occluder of all',
    [...given, '--occluder', '32'],
    '--occluder: expected a whole number from 1 to 31, found 32',
  ],
  [
    'a stride with gaps',
    [...given, '--stride', '6'],
    '--stride: expected a whole number from 1 to 5, found 6',
  ],
  ['no grey', [...given, '--fill', '300'], '--fill: expected a grey from 0 to 255, found 300'],
  ['a unit without data', [...given, '--unit', 'C3:1'], '--unit: expected --data with it, found none'],
  [
    'data without a unit',
    [...given, '--data', 'digits'],
    '--data: expected it with --unit, found it without',
  ],
  ['top without a unit', [...given, '--top', '3'], '--top: expected it with --unit, found it without'],
  [
    'a class without an image',
    [...ofUnit, '--class', '3'],
    '--class: expected it with an image, found it without',
  ],
  [
    'a stride without an image',
    [...ofUnit, '--stride', '3'],
    '--stride: expected it with an image, found it without',
  ],
  [
    'more images than there are',
    [...ofUnit, '--top', '99999999'],
    '--top: expected a whole number from 1 to',
  ],
  [
    'no such unit',
    [...ofUnit.slice(0, 5), 'C3:16', '--data', 'digits'],
    'expected an index from 0 to 15 in C3',
  ],
] as const)('%s is refused in one line', async (_, words, says) => {
  const { code, stdout, stderr } = await command(words);
  expect({ code, stdout, lines: stderr.trimEnd().split('\n').length }).toEqual({
    code: 2,
    stdout: '',
    lines: 1,
  });
  expect(stderr).toContain(says);
  expect(existsSync(join(root, 'none.png'))).toBe(false);
});
