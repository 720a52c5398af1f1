import { escaped } from './draw-svg';

export interface Series {
  readonly name: string;
  /** From left to right. */
  readonly points: readonly (readonly [x: number, y: number])[];
}

export interface Chart {
  readonly title: string;
  /** What the axes measure; both begin at 0. */
  readonly x: string;
  readonly y: string;
  readonly series: readonly Series[];
}

const size = { width: 640, height: 400 };
const frame = { left: 72, right: 620, top: 44, bottom: 344 };

/** Colours that people tell apart who see few (M. Okabe, K. Ito, Color universal design, 2008). */
const colours = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9'];

/** Lines through points over two axes that begin at 0, as an SVG file; no value is negative. */
export function drawChart({ title, x, y, series }: Chart): string {
  const values = (axis: 0 | 1) => series.flatMap(({ points }) => points.map((point) => point[axis]));
  const across = scaleOf(values(0), frame.left, frame.right);
  const up = scaleOf(values(1), frame.bottom, frame.top);
  const lines = series.map(({ points }, index) =>
    lineOf(
      points.map(([at, value]) => [across.place(at), up.place(value)]),
      colours[index % colours.length]!,
    ),
  );
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${size.width} ${size.height}" width="${size.width}" height="${size.height}" role="img" font-family="Helvetica, Arial, 'Liberation Sans', 'DejaVu Sans', sans-serif" font-size="13">`,
    `<title>${escaped(title)}</title>`,
    `<rect width="${size.width}" height="${size.height}" fill="#ffffff"/>`,
    text(frame.left, 24, title, 'start', 'font-weight="bold" font-size="15"'),
    ...across.marks.flatMap((mark) => [
      rule(across.place(mark), frame.bottom, across.place(mark), frame.bottom + 5, '#555555'),
      text(across.place(mark), frame.bottom + 20, String(mark), 'middle'),
    ]),
    ...up.marks.flatMap((mark) => [
      rule(frame.left, up.place(mark), frame.right, up.place(mark), '#dddddd'),
      text(frame.left - 8, up.place(mark) + 4, String(mark), 'end'),
    ]),
    rule(frame.left, frame.bottom, frame.right, frame.bottom, '#555555'),
    text((frame.left + frame.right) / 2, frame.bottom + 44, x, 'middle'),
    text(-(frame.top + frame.bottom) / 2, 18, y, 'middle', 'transform="rotate(-90)"'),
    ...lines,
    ...legend(series),
    '</svg>',
    '',
  ].join('\n');
}

interface Scale {
  readonly marks: readonly number[];
  place(value: number): number;
}

function scaleOf(values: readonly number[], from: number, to: number): Scale {
  const marks = roundMarks(values.reduce((largest, value) => Math.max(largest, value), 0));
  return { marks, place: (value) => from + (value / marks.at(-1)!) * (to - from) };
}

/** From 0 to the first that is at least `largest`: four to ten steps of 1, 2 or 5 times a power of ten. */
function roundMarks(largest: number): number[] {
  if (largest === 0) return [0, 1];
  const power = Math.floor(Math.log10(largest / 4));
  const factor = [1, 2, 5].findLast((candidate) => candidate * 10 ** power <= largest / 4) ?? 1;
  const steps = Math.ceil(largest / (factor * 10 ** power) - 1e-9);
  // Written as a decimal so that 3 × 0.1 is 0.3.
  return Array.from({ length: steps + 1 }, (_, index) => Number(`${index * factor}e${power}`));
}

function lineOf(points: readonly (readonly [number, number])[], colour: string): string {
  const path = points.map(([x, y], index) => `${index ? 'L' : 'M'}${tenth(x)} ${tenth(y)}`).join(' ');
  const dots = points.length > 40 ? [] : points;
  return [
    `<path d="${path}" fill="none" stroke="${colour}" stroke-width="2"/>`,
    ...dots.map(([x, y]) => `<circle cx="${tenth(x)}" cy="${tenth(y)}" r="3" fill="${colour}"/>`),
  ].join('');
}

/** The names of the lines, one below the other at the upper right. */
function legend(series: readonly Series[]): string[] {
  return series.flatMap(({ name }, index) => {
    const y = frame.top + 14 + 20 * index;
    const colour = colours[index % colours.length]!;
    return [
      rule(frame.right - 28, y - 4, frame.right - 6, y - 4, colour, 3),
      text(frame.right - 36, y, name, 'end'),
    ];
  });
}

function rule(x1: number, y1: number, x2: number, y2: number, colour: string, width = 1): string {
  return `<line x1="${tenth(x1)}" y1="${tenth(y1)}" x2="${tenth(x2)}" y2="${tenth(y2)}" stroke="${colour}" stroke-width="${width}"/>`;
}

function text(x: number, y: number, words: string, anchor: 'start' | 'middle' | 'end', more = ''): string {
  return `<text x="${tenth(x)}" y="${tenth(y)}" text-anchor="${anchor}" fill="#222222" ${more}>${escaped(words)}</text>`;
}

function tenth(value: number): string {
  return String(Math.round(10 * value) / 10);
}
