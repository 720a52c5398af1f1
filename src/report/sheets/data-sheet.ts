/** Draws a look at a data set: some images of each class, and pairs of images that are alike. */
import { basename } from 'node:path';
import type { OverlayOptions } from 'sharp';
import { count } from '../../core/text/columns';
import { counted } from '../../core/text/counted';
import type { ImageSet } from '../../data/dataset';
import { libvips } from '../../data/image/decode-region';
import { openImage } from '../../data/image/open-image';
import type { Size } from '../../data/image/header';
import { whole } from '../../data/image/crop';
import { textLayer } from './contact-sheet';

/** Images a class. */
const perClass = 8;
/** The most classes, and the most pairs, that a sheet shows. */
const mostClasses = 40;
const mostPairs = 48;
const side = 112;
const gap = 10;
const line = 20;
const pairsPerRow = 4;
const width = gap + perClass * (side + gap);

/** What the sheet says of the data. */
interface SheetFacts {
  readonly data: string;
  readonly images: number;
  readonly classes: readonly string[];
  readonly parts: readonly { readonly part: string; readonly perClass: readonly number[] }[];
  /** In the order in which they are shown. */
  readonly alike: readonly {
    readonly how: 'file' | 'pixels' | 'near' | 'mirrored';
    readonly bits: number;
    readonly images: readonly SheetImage[];
    readonly labels: boolean;
    readonly parts: boolean;
  }[];
}

interface SheetImage {
  readonly part: string;
  readonly class: string;
}

interface SheetPart {
  readonly set: ImageSet;
}

/**
 * @param sets the parts, in the order in which their images are numbered through
 * @param indices by group of `facts.alike`, the images in it, numbered through
 * @param bad images that cannot be read
 * @returns the bytes of a PNG file
 */
export async function dataSheet(
  facts: SheetFacts,
  sets: readonly SheetPart[],
  { bad, indices }: { readonly bad: ReadonlySet<number>; readonly indices: readonly (readonly number[])[] },
): Promise<Buffer> {
  const layers: OverlayOptions[] = [];
  let top = gap;
  const write = async (text: string, left = gap, room = width - 2 * gap) => {
    layers.push(await textLayer(text, left, top, room));
  };
  const { data, images, classes, parts, alike } = facts;
  await write(`${basename(data)}: ${count(images)} images of ${counted(classes.length, 'class', 'classes')}`);
  top += line + gap;
  for (const [label, name] of classes.slice(0, mostClasses).entries()) {
    const counts = parts.map(({ part, perClass: own }) => `${part} ${count(own[label]!)}`).join(', ');
    await write(`${name}: ${counts}`);
    top += line;
    for (const [at, index] of chosen(sets, label, bad).entries())
      layers.push(await imageLayer(sets, index, gap + at * (side + gap), top));
    top += side + gap;
  }
  if (classes.length > mostClasses) {
    await write(`and ${counted(classes.length - mostClasses, 'class', 'classes')} more`);
    top += line + gap;
  }
  if (alike.length > 0) {
    const shown = alike.length > mostPairs ? `, of which ${mostPairs} are shown` : '';
    await write(`the same image twice: ${counted(alike.length, 'group')}${shown}`);
    top += line + gap;
  }
  for (const [at, group] of alike.slice(0, mostPairs).entries()) {
    const left = gap + (at % pairsPerRow) * 2 * (side + gap);
    const [first, second] = pairOf(group.images);
    layers.push(await imageLayer(sets, indices[at]![first]!, left, top));
    layers.push(await imageLayer(sets, indices[at]![second]!, left + side + 2, top));
    const [one, other] = [group.images[first]!, group.images[second]!];
    const room = 2 * side + 2;
    layers.push(await textLayer(captionOf(group), left, top + side + 4, room));
    layers.push(await textLayer(placesOf(one, other), left, top + side + 4 + line, room));
    if (at % pairsPerRow === pairsPerRow - 1 || at === Math.min(alike.length, mostPairs) - 1)
      top += side + 2 * line + 2 * gap;
  }
  const canvas = { width, height: top, channels: 3, background: '#ffffff' } as const;
  return libvips()({ create: canvas }).composite(layers).removeAlpha().png().toBuffer();
}

/** Of a class's readable images, from all parts, some at equal distances. */
function chosen(sets: readonly SheetPart[], label: number, bad: ReadonlySet<number>): readonly number[] {
  const own: number[] = [];
  let index = 0;
  for (const { set } of sets)
    for (const each of set.labels) {
      if (each === label && !bad.has(index)) own.push(index);
      index++;
    }
  const shown = Math.min(perClass, own.length);
  return Array.from({ length: shown }, (_, at) => own[Math.floor((at * own.length) / shown)]!);
}

/** The first image of a group, and the first that is of another class or part, if one is. */
function pairOf(images: readonly SheetImage[]): readonly [number, number] {
  const [first] = images;
  const label = images.findIndex((image) => image.class !== first!.class);
  const part = images.findIndex((image) => image.part !== first!.part);
  return [0, label > 0 ? label : part > 0 ? part : 1];
}

function captionOf({ how, bits, images, labels, parts }: SheetFacts['alike'][number]): string {
  const words = {
    file: 'the same file',
    pixels: 'the same pixels',
    near: `${bits} of 256 bits apart`,
    mirrored: `mirrored, ${bits} bits apart`,
  }[how];
  const where = [labels ? 'two labels' : '', parts ? 'two parts' : ''].filter(Boolean).join(', ');
  return `${words}${images.length > 2 ? `, ${images.length} times` : ''}${where && `: ${where}`}`;
}

function placesOf(one: SheetImage, other: SheetImage): string {
  const [left, right] = [one, other].map((image) => `${image.part} ${image.class}`);
  return left === right ? left! : `${left}, ${right}`;
}

async function imageLayer(
  sets: readonly SheetPart[],
  index: number,
  left: number,
  top: number,
): Promise<OverlayOptions> {
  const { pixels, size } = await fitted(sets, index);
  const input = await libvips()(pixels, { raw: { ...size, channels: 3 } })
    .png()
    .toBuffer();
  const [down, right] = [side - size.height, side - size.width].map((room) => Math.floor(room / 2));
  return { input, left: left + right!, top: top + down! };
}

/** An image in colours, its longer side that of its place. */
async function fitted(
  sets: readonly SheetPart[],
  index: number,
): Promise<{ readonly pixels: Uint8Array; readonly size: Size }> {
  let [place, own] = [0, index];
  while (own >= sets[place]!.set.labels.length) own -= sets[place++]!.set.labels.length;
  const { set } = sets[place]!;
  if (set.kind === 'files') {
    const image = await openImage(set.files[own]!, 3);
    const size = fit(image.size);
    const crop = { region: whole(image.size), ...size, window: whole(size), flip: false };
    return { pixels: await image.decode(crop), size };
  }
  const [height, across, channels] = set.shape;
  const pixels = await set.pixels(Int32Array.of(own));
  const size = fit({ height, width: across });
  const raw = { height, width: across, channels: channels as 1 | 3 };
  const drawn = libvips()(pixels, { raw }).resize({ ...size, fit: 'fill', kernel: 'nearest' });
  return { pixels: await drawn.toColourspace('srgb').removeAlpha().raw().toBuffer(), size };
}

function fit({ height, width: across }: Size): Size {
  const scale = side / Math.max(height, across);
  const scaled = (length: number) => Math.max(1, Math.round(length * scale));
  return { height: scaled(height), width: scaled(across) };
}
