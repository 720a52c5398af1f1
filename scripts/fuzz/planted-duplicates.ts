/**
 * Plants duplicates of each kind and unreadable files in a temporary copy of a folder, and counts what `inspectData` finds.
 *
 *     npx tsx scripts/fuzz/planted-duplicates.ts --data FOLDER --out results/inspect-data
 *
 * `--sheet FILE.png` keeps the sheet; with `--hashes 100000` it also times the search among so many random hashes.
 */
import { cpSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { basename, dirname, extname, join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import sharp from 'sharp';
import { inspectData, type InspectedData } from '../../index';
import { writeFileAtomically } from '../../src/core/io/files';
import { permutation, seededRandom } from '../../src/core/random';
import { deviceOf } from '../../src/core/text/device';
import { markdownTable } from '../../src/core/text/markdown-table';
import { nearPairs } from '../../src/data/inspect/near-pairs';
import { commit } from '../cli/terminal/output';

const each = 20;

interface Kind {
  readonly name: string;
  /** The bytes of the duplicate, and its extension. */
  make(bytes: Buffer): Promise<readonly [Buffer, string]>;
}

const jpeg = (
  name: string,
  change: (image: sharp.Sharp, bytes: Buffer) => Promise<sharp.Sharp> | sharp.Sharp,
): Kind => ({
  name,
  make: async (bytes) => [
    await (await change(sharp(bytes).autoOrient(), bytes)).jpeg({ quality: 85 }).toBuffer(),
    '.jpg',
  ],
});

async function upright(bytes: Buffer) {
  const { autoOrient } = await sharp(bytes).metadata();
  return autoOrient;
}

const scaled = (factor: number) => async (image: sharp.Sharp, bytes: Buffer) =>
  image.resize(Math.round((await upright(bytes)).width * factor));

const cropped = (share: number) => async (image: sharp.Sharp, bytes: Buffer) => {
  const { width, height } = await upright(bytes);
  const [left, top] = [Math.round(width * share), Math.round(height * share)];
  return image.extract({ left, top, width: width - 2 * left, height: height - 2 * top });
};

const kinds: readonly Kind[] = [
  { name: 'copied', make: async (bytes) => [bytes, '.jpg'] },
  {
    name: 'the same pixels as PNG',
    make: async (bytes) => [await sharp(bytes, { ignoreIcc: true }).autoOrient().png().toBuffer(), '.png'],
  },
  ...[85, 50, 20, 5].map((quality) => ({
    name: `encoded again, JPEG quality ${quality}`,
    make: async (bytes: Buffer) =>
      [await sharp(bytes).autoOrient().jpeg({ quality }).toBuffer(), '.jpg'] as const,
  })),
  jpeg('resized to half', scaled(0.5)),
  jpeg('resized to a quarter', scaled(0.25)),
  jpeg('squeezed to 128×128', (image) => image.resize(128, 128, { fit: 'fill' })),
  jpeg('30 % brighter', (image) => image.modulate({ brightness: 1.3 })),
  jpeg('30 % darker', (image) => image.modulate({ brightness: 0.7 })),
  jpeg('grey', (image) => image.greyscale()),
  jpeg('blurred, σ 2', (image) => image.blur(2)),
  jpeg('mirrored left to right', (image) => image.flop()),
  jpeg('mirrored top to bottom', (image) => image.flip()),
  jpeg('turned by 90°', (image) => image.rotate(90)),
  jpeg('turned by 2°', (image) => image.rotate(2, { background: '#888888' })),
  jpeg('1 % cut off each side', cropped(0.01)),
  jpeg('2 % cut off each side', cropped(0.02)),
  jpeg('5 % cut off each side', cropped(0.05)),
  jpeg('with a border of 10 pixels', (image) =>
    image.extend({ top: 10, bottom: 10, left: 10, right: 10, background: '#ffffff' }),
  ),
];

interface Planted {
  readonly kind: string;
  readonly original: string;
  readonly copy: string;
}

/** Duplicates of training images, each of another one, in the next class of the test set. */
async function plant(folder: string, before: InspectedData): Promise<readonly Planted[]> {
  const files = before.parts.some(({ part }) => part === 'test') ? trainFiles(folder, before) : [];
  const order = permutation(files.length, seededRandom(1));
  const planted: Planted[] = [];
  let next = 0;
  for (const { name, make } of kinds)
    for (let copy = 0; copy < each; copy++) {
      const original = files[order[next++]!]!;
      const [bytes, ending] = await make(readFileSync(original));
      const own = before.classes.indexOf(basename(dirname(original)));
      const other = before.classes[(own + 1) % before.classes.length]!;
      const path = join(folder, 'test', other, `planted-${next}${ending}`);
      writeFileSync(path, bytes);
      planted.push({ kind: name, original, copy: path });
    }
  return planted;
}

function trainFiles(folder: string, { classes }: InspectedData): readonly string[] {
  return classes.flatMap((name) =>
    readdirSync(join(folder, 'train', name))
      .filter((file) => extname(file) === '.jpg')
      .sort()
      .map((file) => join(folder, 'train', name, file)),
  );
}

/** What cannot be read, by the words that its reason must hold. */
function plantUnreadable(folder: string, { classes }: InspectedData): readonly (readonly [string, RegExp])[] {
  const place = join(folder, 'train', classes[0]!);
  const whole = readFileSync(trainFiles(folder, { classes } as InspectedData)[0]!);
  const heic = Buffer.concat([
    Buffer.from('\0\0\0\x18ftypheic\0\0\0\0mif1heic', 'latin1'),
    Buffer.alloc(500, 7),
  ]);
  const files: readonly (readonly [string, Buffer, RegExp])[] = [
    ['broken-truncated.jpg', whole.subarray(0, Math.floor(whole.length / 2)), /truncated/],
    ['broken-empty.jpg', Buffer.alloc(0), /an empty file/],
    ['broken-text.jpg', Buffer.from('not an image\n'), /13 bytes that begin 6e6f7420/],
    ['broken-heic.jpg', heic, /a HEIC file/],
    ['broken.heic', heic, /HEIC, which is not read/],
  ];
  for (const [name, bytes] of files) writeFileSync(join(place, name), bytes);
  return files.map(([name, , reason]) => [join(place, name), reason]);
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      data: { type: 'string' },
      out: { type: 'string' },
      hashes: { type: 'string' },
      sheet: { type: 'string' },
    },
  });
  const { data, out, hashes, sheet } = values;
  if (data === undefined || out === undefined) throw new Error('expected --data FOLDER --out FOLDER');
  mkdirSync(out, { recursive: true });
  const work = mkdtempSync(join(tmpdir(), 'planted-'));
  const folder = join(work, basename(data));
  try {
    cpSync(data, folder, { recursive: true });
    const before = await timed(() => inspectData(folder, { sheet: join(work, 'before.png') }));
    const planted = await plant(folder, before.found);
    const broken = plantUnreadable(folder, before.found);
    const after = await timed(() => inspectData(folder, { sheet }));
    const text = report({ data, before, after, planted, broken, folder, hashes: Number(hashes ?? 0) });
    await writeFileAtomically(join(out, 'README.md'), text);
    console.log(text);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

interface Timed {
  readonly found: InspectedData;
  readonly cpuSeconds: number;
  /** The most that the process ever held, in MB. */
  readonly megabytes: number;
}

async function timed(look: () => Promise<InspectedData>): Promise<Timed> {
  const start = process.cpuUsage();
  const found = await look();
  const { user, system } = process.cpuUsage(start);
  return { found, cpuSeconds: (user + system) / 1e6, megabytes: process.resourceUsage().maxRSS / 1024 };
}

interface Reported {
  readonly data: string;
  readonly folder: string;
  readonly before: Timed;
  readonly after: Timed;
  readonly planted: readonly Planted[];
  readonly broken: readonly (readonly [string, RegExp])[];
  readonly hashes: number;
}

function report({ data, folder, before, after, planted, broken, hashes }: Reported): string {
  const pairOf = (one: string, other: string) =>
    after.found.alike.find(({ images }) =>
      [one, other].every((file) => images.some((image) => image.file === file)),
    );
  const rows = kinds.map(({ name }) => {
    const own = planted.filter(({ kind }) => kind === name);
    const pairs = own.flatMap(({ original, copy }) => pairOf(original, copy) ?? []);
    const bits = pairs.map((pair) => pair.bits);
    const ways = [...new Set(pairs.map(({ how }) => how))].join(', ');
    const told = pairs.filter((pair) => pair.labels && pair.parts).length;
    return [
      name,
      `${pairs.length} of ${own.length}`,
      ways || '–',
      bits.length === 0 ? '–' : `${Math.min(...bits)} to ${Math.max(...bits)}`,
      `${told}`,
    ];
  });
  const known = new Set(planted.map(({ copy }) => copy));
  const others = after.found.alike.filter(({ images }) => !images.some(({ file }) => known.has(file)));
  const wrong = after.found.alike.filter(
    ({ images }) =>
      images.some(({ file }) => known.has(file)) &&
      !planted.some(({ original, copy }) =>
        [original, copy].every((file) => images.some((image) => image.file === file)),
      ),
  );
  const short = (file: string) => file.replace(`${folder}/`, '');
  const brokenRows = broken.map(([file, reason]) => {
    const told = after.found.unreadable.find((each) => each.file === file);
    return [short(file), told && reason.test(told.reason) ? 'told' : 'MISSED', told?.reason ?? '–'];
  });
  const cost = ({ found, cpuSeconds, megabytes }: Timed) =>
    `${found.images} images in ${found.seconds.toFixed(1)} s (${cpuSeconds.toFixed(1)} s of processor time, ${((1000 * cpuSeconds) / found.images).toFixed(1)} ms an image), at most ${Math.round(megabytes)} MB of memory with Node and libvips`;
  return [
    '# What `inspect-data` finds',
    '',
    `\`npx tsx scripts/fuzz/planted-duplicates.ts --data ${basename(data)} --out results/inspect-data${hashes ? ` --hashes ${hashes}` : ''}\`, commit \`${commit()}\`, ${deviceOf({ cpu: cpus()[0]?.model ?? '', cores: cpus().length })}, Node ${process.version}, ${new Date().toISOString().slice(0, 10)}.`,
    '',
    `The folder as it is: ${cost(before)}. Found: ${before.found.alike.length === 0 ? 'no image twice' : before.found.alike.map(({ how, bits, images }) => `${how}, ${bits} bits: ${images.map(({ file }) => short(file)).join(' and ')}`).join('; ')}; ${before.found.unreadable.length} unreadable.`,
    '',
    `The copy with ${each} duplicates of each kind, each of another training photo and put into another class of the test set: ${cost(after)}.`,
    '',
    markdownTable(['duplicate', 'found', 'as', 'bits of 256', 'told as two labels and two parts'], rows),
    '',
    `Groups without a planted image: ${others.length} (${before.found.alike.length} without the planting). Groups with a planted image that is of another photo: ${wrong.length}${wrong.length ? `: ${wrong.map(({ how, bits, images }) => `${how}, ${bits} bits: ${images.map(({ file }) => `${short(file)}${known.has(file) ? ` (${planted.find(({ copy }) => copy === file)!.kind} of ${short(planted.find(({ copy }) => copy === file)!.original)})` : ''}`).join(' and ')}`).join('; ')}` : ''}.`,
    '',
    markdownTable(['unreadable file', '', 'reason given'], brokenRows),
    '',
    ...(hashes ? [searchText(hashes), ''] : []),
  ].join('\n');
}

/** The search alone, among random hashes with a thousand near pairs. */
function searchText(images: number): string {
  const random = seededRandom(1);
  const draw = () => Uint32Array.from({ length: images * 8 }, () => random.integer(2 ** 32));
  const [hashes, mirrored] = [draw(), draw()];
  for (let pair = 0; pair < 1000; pair++) {
    const copy = hashes.slice(16 * pair, 16 * pair + 8);
    for (let flip = 0; flip < 31; flip++) copy[flip % 8]! ^= 1 << random.integer(32);
    hashes.set(copy, 16 * pair + 8);
  }
  const held = process.memoryUsage();
  const start = performance.now();
  const { pairs } = nearPairs(hashes, mirrored, new Uint8Array(images));
  const seconds = (performance.now() - start) / 1000;
  const grown = process.memoryUsage().arrayBuffers - held.arrayBuffers;
  return (
    `The search for near pairs alone, among ${images.toLocaleString('en')} random hashes and their mirror images with 1,000 pairs at most 31 bits apart: ` +
    `${pairs.length} pairs in ${seconds.toFixed(0)} s, beside the hashes (64 bytes an image) ${(grown / images).toFixed(1)} bytes an image not yet freed at the end.`
  );
}

void main();
