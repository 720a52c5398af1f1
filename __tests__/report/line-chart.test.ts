import { spawn } from 'node:child_process';
import { join } from 'node:path';
import sharp from 'sharp';
import type { LineChart } from '../../src/report/charts/line-chart';
import { chartColours } from '../../src/report/charts/vega-chart';
import { ended } from '../support/fixtures';
import { projectRoot } from '../support/places';

// prettier-ignore
const curve = [[0, 0], [5, 0.5], [10, 1.5], [20, 2]] as const;
// prettier-ignore
const short = [[1, 3], [2, 1]] as const;

const plain = { title: 'LeNet', subtitle: 'error', x: 'passes', y: 'error, %' };
const line = (points: LineChart['series'][number]['points'], name = 'test') => ({ name, points });
const diagonal = (length: number) => line(Array.from({ length }, (_, at) => [at, at] as const));
const charts = {
  curve: { ...plain, title: 'a < b & "c"', series: [line(curve)] },
  several: { ...plain, series: [line(short, 'training & all'), line(short)] },
  forty: { ...plain, series: [diagonal(40)] },
  more: { ...plain, series: [diagonal(41)] },
  zeros: { ...plain, series: [line([[0, 0]])] },
  none: { ...plain, series: [] },
  long: { ...plain, title: `${'many words '.repeat(8)}end`, series: [line(curve)] },
} satisfies Record<string, LineChart>;

let drawn: Record<keyof typeof charts, string>;

beforeAll(async () => {
  const words = [
    '--import',
    'tsx',
    join(projectRoot, '__tests__/support/draw-lines.ts'),
    JSON.stringify(Object.values(charts)),
  ];
  const { code, stdout, stderr } = await ended(spawn(process.execPath, words));
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const files = JSON.parse(stdout) as string[];
  drawn = Object.fromEntries(Object.keys(charts).map((name, index) => [name, files[index]!])) as typeof drawn;
});

interface Placed {
  /** Those of the groups around it, too. */
  readonly classes: string;
  readonly tag: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly text: string;
  /** In pixels of the whole image. */
  readonly x: number;
  readonly y: number;
}

/** The elements of an SVG in their order, each where the groups around it have moved it. */
function placed(svg: string): Placed[] {
  const found: Placed[] = [];
  const around = [{ classes: '', x: 0, y: 0 }];
  for (const [, end, tag, rest, closed, text] of svg.matchAll(/<(\/?)(\w+)([^>]*?)(\/?)>([^<]*)/g)) {
    if (end) {
      around.pop();
      continue;
    }
    const attributes = Object.fromEntries(
      [...rest!.matchAll(/ ([\w-]+)="([^"]*)"/g)].map(([, name, value]) => [name!, value!]),
    );
    const outer = around.at(-1)!;
    const [, x = '0', y = '0'] = /^translate\(([^,]+),([^)]+)\)/.exec(attributes['transform'] ?? '') ?? [];
    const here = {
      classes: `${outer.classes} ${attributes['class'] ?? ''}`,
      x: outer.x + Number(x),
      y: outer.y + Number(y),
    };
    found.push({ ...here, tag: tag!, attributes, text: text! });
    if (!closed) around.push(here);
  }
  return found;
}

function within(elements: readonly Placed[], name: string, tag: string): Placed[] {
  return elements.filter((element) => element.classes.split(' ').includes(name) && element.tag === tag);
}

/** Where the marks of the two axes lie, by what is written at each. */
function marksOf(elements: readonly Placed[]) {
  const ticks = within(elements, 'role-axis-tick', 'line');
  const labels = within(elements, 'role-axis-label', 'text');
  expect(labels.length).toBe(ticks.length);
  const marks = labels.map(({ text, attributes, x, y }, index) => {
    const tick = ticks[index]!;
    const across = attributes['text-anchor'] === 'middle';
    // What is written stands by its tick: under it, or left of it with its middle a third of its size up.
    expect(Math.abs(across ? x - tick.x : y - 3 - tick.y)).toBeLessThanOrEqual(1);
    return { across, value: Number(text), at: across ? tick.x : tick.y };
  });
  const along = (axis: boolean) =>
    new Map(marks.filter(({ across }) => across === axis).map(({ value, at }) => [value, at]));
  return { across: along(true), up: along(false) };
}

it('puts points where the marks of the axes say', () => {
  const elements = placed(drawn.curve);
  const { across, up } = marksOf(elements);
  expect([...across.keys()]).toEqual([0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20]);
  expect([...up.keys()]).toEqual([0, 0.5, 1, 1.5, 2]);
  const points = within(elements, 'mark-symbol', 'path');
  expect(points.length).toBe(curve.length);
  curve.forEach(([x, y], index) => {
    // 5 lies halfway between two marks; marks lie on whole pixels.
    const between = (across.get(2 * Math.floor(x / 2))! + across.get(2 * Math.ceil(x / 2))!) / 2;
    expect(Math.abs(points[index]!.x - between)).toBeLessThanOrEqual(1);
    expect(Math.abs(points[index]!.y - up.get(y)!)).toBeLessThanOrEqual(1);
  });
});

it('is a file that a viewer shows: the line in its colour, on white to the corners', async () => {
  expect(drawn.curve).toMatch(
    /^<\?xml [^>]*>\n<svg [^>]*xmlns="http:\/\/www.w3.org\/2000\/svg"[^]*<\/svg>\n$/,
  );
  const image = await sharp(Buffer.from(drawn.curve)).raw().toBuffer({ resolveWithObject: true });
  const { width, height, channels } = image.info;
  const pixel = (x: number, y: number) => {
    const at = (Math.floor(y) * width + Math.floor(x)) * channels;
    return `#${image.data.subarray(at, at + channels).toString('hex')}`;
  };
  const { across, up } = marksOf(placed(drawn.curve));
  const ink = `${chartColours[0]}ff`;
  expect(pixel(across.get(10)!, up.get(1.5)!)).toBe(ink);
  // In the middle from (10, 1.5) to (20, 2) the line is two pixels wide, and its edges are soft.
  const [x, y] = [(across.get(10)! + across.get(20)!) / 2, (up.get(1.5)! + up.get(2)!) / 2];
  expect([-1, 0, 1].map((aside) => pixel(x, y + aside))).toContain(ink);
  for (const x of [0, width - 1]) for (const y of [0, height - 1]) expect(pixel(x, y)).toBe('#ffffffff');
});

it('says its title to eyes and to readers of screens, and what its axes measure', () => {
  expect(drawn.curve).toContain(' role="img"><title>a &lt; b &amp; &quot;c&quot;: error</title>');
  expect(drawn.curve.match(/role="|aria-/g)).toEqual(['role="']);
  const words = placed(drawn.curve).flatMap(({ tag, text }) => (tag === 'text' ? [text] : []));
  expect(words).toEqual(expect.arrayContaining(['a &lt; b &amp; "c"', 'error', 'passes', 'error, %']));
});

it('breaks a long title between words, and is no wider for it', () => {
  const shown = placed(drawn.long).filter(
    ({ tag, classes }) => tag === 'tspan' && / role-title-text/.test(classes),
  );
  expect(shown.length).toBe(2);
  expect(shown.map(({ text }) => text).join(' ')).toBe(charts.long.title);
  const widths = [drawn.long, drawn.curve].map((svg) => / width="(\d+)"/.exec(svg)![1]);
  expect(widths[0]).toBe(widths[1]);
});

it('names several lines beside their colours, and a single one nowhere', () => {
  const elements = placed(drawn.several);
  const names = within(elements, 'role-legend-label', 'text').map(({ text }) => text);
  expect(names).toEqual(['training &amp; all', 'test']);
  const colours = chartColours.slice(0, 2);
  const samples = within(elements, 'role-legend-symbol', 'path').map(({ attributes }) => attributes['fill']);
  expect(samples).toEqual(colours);
  const lines = within(elements, 'mark-line', 'path').map(({ attributes }) => attributes['stroke']);
  expect(lines).toEqual(colours);
  expect(drawn.curve).not.toContain('role-legend');
});

it('marks no half pass', () => {
  expect([...marksOf(placed(drawn.several)).across.keys()]).toEqual([0, 1, 2]);
});

it('marks each point of lines of up to 40', () => {
  expect(within(placed(drawn.forty), 'mark-symbol', 'path').length).toBe(40);
  expect(within(placed(drawn.more), 'mark-symbol', 'path').length).toBe(0);
  expect(within(placed(drawn.more), 'mark-line', 'path').length).toBe(1);
});

it('draws nothing but numbers for series of zeros, and none at all', () => {
  for (const svg of [drawn.zeros, drawn.none]) {
    expect(svg).not.toMatch(/NaN|Infinity|undefined/);
    expect([...marksOf(placed(svg)).up.keys()][0]).toBe(0);
  }
});
