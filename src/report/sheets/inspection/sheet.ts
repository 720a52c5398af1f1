/** What a sheet about a trained network consists of, and the PNG file that is drawn of it. */
import { libvips } from '../../../data/image/decode-region';
import { number } from '../../../core/text/numbers';
import { colourOf, type Scale } from '../../../describe/draw/palette';
import { textWidth } from '../../../describe/draw/shapes';
import { escaped } from '../../../describe/draw/svg';
import type { Picture } from '../../../describe/draw/picture';

/** A picture with what it says. */
export interface Figure {
  readonly title: string;
  readonly picture: Picture;
  /** What is seen, in words, for who does not see it. */
  readonly alt: string;
  readonly caption: string;
  /** What its colours mean, in numbers. */
  readonly legend?: Legend;
}

export interface Legend {
  readonly scale: Scale;
  /** What the numbers are. */
  readonly unit?: string;
}

/** An answer of the network. */
export interface AnswerRow {
  readonly label: string;
  readonly value: string;
  /** The length of its bar; null where the scores are no shares. */
  readonly share: number | null;
  /** Whether the sheet is about this class. */
  readonly chosen: boolean;
}

/** The network's answers, beside a figure of what it saw. */
export interface AnswersPart {
  readonly kind: 'answers';
  readonly figure: Figure;
  readonly heading: string;
  readonly answers: readonly AnswerRow[];
  readonly about: string;
}

/** Figures side by side. */
export interface FiguresPart {
  readonly kind: 'figures';
  readonly heading: string;
  readonly about: string;
  readonly figures: readonly Figure[];
  /** `wide` has four in a row, `small` twelve, with captions of a word. */
  readonly size: 'wide' | 'middle' | 'small';
  /** One for all of them. */
  readonly legend?: Legend;
}

export interface Sheet {
  readonly title: string;
  readonly about: string;
  readonly parts: readonly (AnswersPart | FiguresPart)[];
}

/** The width of a sheet and its margin, in pixels. */
const wide = 1240;
const margin = 28;
const gap = 16;

/** How many figures stand in a row. */
const perRow = { wide: 4, middle: 6, small: 12 } as const;

/** The width of a figure in pixels. */
export function sideOf(size: FiguresPart['size']): number {
  const count = perRow[size];
  const space = size === 'small' ? gap / 2 : gap;
  return Math.floor((wide - 2 * margin - (count - 1) * space) / count);
}

interface Drawn {
  readonly markup: string;
  readonly height: number;
}

/** The bytes of a PNG file, 1,240 pixels wide. */
export async function sheetPng(sheet: Sheet): Promise<Buffer> {
  let y = margin;
  const drawn: string[] = [];
  const add = ({ markup, height }: Drawn, below: number) => {
    drawn.push(`<g transform="translate(${margin} ${y})">${markup}</g>`);
    y += height + below;
  };
  const across = wide - 2 * margin;
  add(textBlock(sheet.title, { width: across, size: 22, bold: true }), 4);
  add(textBlock(sheet.about, { width: across, size: 13, colour: quiet }), 18);
  for (const part of sheet.parts)
    add(part.kind === 'answers' ? await answers(part) : await figures(part), 26);
  const height = Math.ceil(y - 26 + margin);
  const svg = [
    `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 ${wide} ${height}" width="${wide}" height="${height}" font-family="Helvetica, Arial, 'Liberation Sans', 'DejaVu Sans', sans-serif">`,
    `<defs>${legendRamps(sheet)}</defs>`,
    `<rect width="${wide}" height="${height}" fill="#ffffff"/>`,
    ...drawn,
    '</svg>',
  ].join('\n');
  return libvips()(Buffer.from(svg), { unlimited: true })
    .removeAlpha()
    .png({ compressionLevel: 9 })
    .toBuffer();
}

const ink = '#1b1b1b';
const quiet = '#555555';
const line = 1.32;

interface TextStyle {
  readonly width: number;
  readonly size: number;
  readonly bold?: boolean;
  readonly colour?: string;
}

/** A text broken into lines that fit. */
function textBlock(text: string, { width, size, bold = false, colour = ink }: TextStyle): Drawn {
  if (text === '') return { markup: '', height: 0 };
  const lines = wrapped(text, (words) => textWidth(words, size, bold) <= width);
  const weight = bold ? ' font-weight="bold"' : '';
  const markup = lines
    .map(
      (words, at) =>
        `<text x="0" y="${(at * line + 0.95) * size}" font-size="${size}" fill="${colour}"${weight}>${escaped(words)}</text>`,
    )
    .join('');
  return { markup, height: Math.ceil(lines.length * line * size) };
}

/** Breaks a text at its spaces; a word that is longer than a line is cut. */
function wrapped(text: string, fits: (words: string) => boolean): readonly string[] {
  const lines: string[] = [];
  let current = '';
  for (let word of text.split(' ')) {
    if (fits(current === '' ? word : `${current} ${word}`)) {
      current = current === '' ? word : `${current} ${word}`;
      continue;
    }
    if (current !== '') lines.push(current);
    while (!fits(word)) {
      let end = word.length - 1;
      while (end > 1 && !fits(word.slice(0, end))) end--;
      lines.push(word.slice(0, end));
      word = word.slice(end);
    }
    current = word;
  }
  lines.push(current);
  return lines;
}

async function image(picture: Picture, width: number): Promise<Drawn> {
  const height = Math.round((width * picture.height) / picture.width);
  const href = `data:image/png;base64,${(await pngOf(picture)).toString('base64')}`;
  const markup = [
    `<image width="${width}" height="${height}" xlink:href="${href}"/>`,
    `<rect x="-0.5" y="-0.5" width="${width + 1}" height="${height + 1}" fill="none" stroke="#b0b0b0"/>`,
  ].join('');
  return { markup, height };
}

/** Places what was drawn one below the other. */
function stacked(blocks: readonly (readonly [Drawn, number])[]): Drawn {
  let y = 0;
  const markup = blocks.map(([block, below]) => {
    const placed = `<g transform="translate(0 ${y})">${block.markup}</g>`;
    y += block.height === 0 ? 0 : block.height + below;
    return placed;
  });
  return { markup: markup.join(''), height: y };
}

async function figure(shown: Figure, width: number, small: boolean): Promise<Drawn> {
  const picture = await image(shown.picture, width);
  if (small)
    return stacked([
      [picture, 2],
      [textBlock(shown.caption, { width, size: 10.5, colour: quiet }), 0],
    ]);
  return stacked([
    [textBlock(shown.title, { width, size: 14, bold: true }), 5],
    [picture, 7],
    [shown.legend ? legend(shown.legend, width) : { markup: '', height: 0 }, 5],
    [textBlock(shown.caption, { width, size: 12 }), 0],
  ]);
}

async function figures(part: FiguresPart): Promise<Drawn> {
  const count = perRow[part.size];
  const side = sideOf(part.size);
  const small = part.size === 'small';
  const step = side + (small ? gap / 2 : gap);
  const across = wide - 2 * margin;
  const rows: (readonly [Drawn, number])[] = [
    [textBlock(part.heading, { width: across, size: 16, bold: true }), 3],
    [textBlock(part.about, { width: across, size: 12.5, colour: quiet }), 8],
    [part.legend ? legend(part.legend, 284) : { markup: '', height: 0 }, 8],
  ];
  for (let first = 0; first < part.figures.length; first += count) {
    const row = await Promise.all(
      part.figures.slice(first, first + count).map((shown) => figure(shown, side, small)),
    );
    const markup = row.map((cell, at) => `<g transform="translate(${at * step} 0)">${cell.markup}</g>`);
    rows.push([
      { markup: markup.join(''), height: Math.max(...row.map(({ height }) => height)) },
      small ? 8 : 14,
    ]);
  }
  return stacked(rows);
}

async function answers({ figure: shown, heading, answers: rows, about }: AnswersPart): Promise<Drawn> {
  const side = sideOf('wide');
  const left = await figure(shown, side, false);
  const width = wide - 2 * margin - side - 2 * gap;
  const [valueWidth, labelWidth] = [110, 380];
  const bar = width - valueWidth - labelWidth;
  const listed = rows.map(({ label, value, share, chosen }): readonly [Drawn, number] => {
    const name = fitted(label, (words) => textWidth(words, 14, chosen) <= labelWidth - gap);
    const weight = chosen ? ' font-weight="bold"' : '';
    const shareBar =
      share === null
        ? ''
        : `<rect x="${valueWidth + labelWidth}" y="3" width="${bar}" height="14" fill="#efefef"/><rect x="${valueWidth + labelWidth}" y="3" width="${Math.max(1, bar * share)}" height="14" fill="${chosen ? '#bb5500' : '#8a8a8a'}"/>`;
    const markup = `<text x="${valueWidth - gap}" y="15" font-size="14" text-anchor="end" fill="${ink}"${weight}>${escaped(value)}</text><text x="${valueWidth}" y="15" font-size="14" fill="${ink}"${weight}>${escaped(name)}</text>${shareBar}`;
    return [{ markup, height: 21 }, 5];
  });
  const right = stacked([
    [textBlock(heading, { width, size: 14, bold: true }), 8],
    ...listed,
    [textBlock(about, { width, size: 12.5, colour: quiet }), 0],
  ]);
  return {
    markup: `${left.markup}<g transform="translate(${side + 2 * gap} 0)">${right.markup}</g>`,
    height: Math.max(left.height, right.height),
  };
}

/** A text cut off with an ellipsis where it is too long. */
function fitted(text: string, fits: (text: string) => boolean): string {
  if (fits(text)) return text;
  let end = text.length - 1;
  while (end > 1 && !fits(`${text.slice(0, end)}…`)) end--;
  return `${text.slice(0, end)}…`;
}

/** What stands at the ends of a legend, and where 0 is if it lies between. */
export function legendEnds({ scale: { least, most }, unit = '' }: Legend): readonly [string, string] {
  return [`${number(least, 3)}`, `${number(most, 3)}${unit === '' ? '' : ` ${unit}`}`];
}

/** The colours of a scale from its least to its greatest number, as stops of a gradient. */
export function rampOf(scale: Scale): readonly string[] {
  const { kind, least, most } = scale;
  const stops = kind === 'grey' ? [least, most] : [least, (least + most) / 2, most];
  return stops.map((value) => `rgb(${colourOf(value, scale).join(',')})`);
}

function legend({ scale, unit }: Legend, width: number): Drawn {
  const [least, most] = legendEnds({ scale, ...(unit !== undefined && { unit }) });
  const [before, after] = [textWidth(least, 11) + 6, textWidth(most, 11) + 6];
  const ramp = Math.max(30, Math.min(150, width - before - after));
  const markup = `<text x="0" y="10.5" font-size="11" fill="${quiet}">${escaped(least)}</text><rect x="${before}" y="1.5" width="${ramp}" height="10" fill="url(#${rampName(scale)})" stroke="#b0b0b0" stroke-width="0.6"/><text x="${before + ramp + 6}" y="10.5" font-size="11" fill="${quiet}">${escaped(most)}</text>`;
  return { markup, height: 13 };
}

/** Scales with the same colours from end to end share a gradient. */
function rampName(scale: Scale): string {
  return `ramp-${rampOf(scale)
    .join('-')
    .replaceAll(/[^\d-]+/g, '_')}`;
}

function legendRamps({ parts }: Sheet): string {
  const scales = parts.flatMap((part) => {
    const shown = part.kind === 'answers' ? [part.figure] : [part, ...part.figures];
    return shown.flatMap(({ legend: own }) => (own ? [own.scale] : []));
  });
  const ramps = new Map(scales.map((scale) => [rampName(scale), rampOf(scale)]));
  return [...ramps]
    .map(([name, stops]) => {
      const marks = stops.map(
        (colour, at) => `<stop offset="${at / (stops.length - 1)}" stop-color="${colour}"/>`,
      );
      return `<linearGradient id="${name}">${marks.join('')}</linearGradient>`;
    })
    .join('');
}

/** The bytes of a PNG file. */
export function pngOf({ height, width, pixels }: Picture): Promise<Buffer> {
  return libvips()(Buffer.from(pixels.buffer), { raw: { height, width, channels: 4 } })
    .removeAlpha()
    .png({ compressionLevel: 9 })
    .toBuffer();
}
