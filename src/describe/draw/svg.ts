/** Writes shapes as an SVG file, with colours and lettering. */
import type { Tint } from './graph';
import type { Point, Shape } from './shapes';

/** Fill and edge. */
export const tints: Readonly<Record<Tint, readonly [fill: string, edge: string]>> = {
  image: ['#eeeeee', '#555555'],
  convolution: ['#cfe2f7', '#2f5f94'],
  pooling: ['#fbdcc4', '#a85a1c'],
  full: ['#d3ecd0', '#3b7a37'],
  joined: ['#e3d9f2', '#6a4b9c'],
  other: ['#f4ecc2', '#857212'],
};

const ink = { name: '#111111', plain: '#333333', operation: '#444444' } as const;

/** The shapes as an SVG file. `title` is the label for screen readers, already escaped. */
export function svgOf(
  shapes: readonly Shape[],
  { width, height, title }: { readonly width: number; readonly height: number; readonly title: string },
): string {
  const order = ['frame', 'line', 'planes', 'bar', 'card', 'text'] as const;
  const sorted = order.flatMap((kind) => shapes.filter((shape) => shape.kind === kind));
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" font-family="Helvetica, Arial, 'Liberation Sans', 'DejaVu Sans', sans-serif">`,
    `<title>${title}</title>`,
    '<defs><marker id="head" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path d="M0 0.8 L7.5 4 L0 7.2 Z" fill="#555555"/></marker></defs>',
    `<rect width="${width}" height="${height}" fill="#ffffff"/>`,
    ...sorted.map(element),
    '</svg>',
    '',
  ].join('\n');
}

function element(shape: Shape): string {
  switch (shape.kind) {
    case 'planes':
      return planesElement(shape);
    case 'bar':
    case 'card': {
      const [fill, edge] = tints[shape.tint];
      return `<rect ${boxOf(shape)} rx="${shape.kind === 'card' ? 3 : 1}" fill="${fill}" stroke="${edge}"><title>${escaped(shape.title)}</title></rect>`;
    }
    case 'frame':
      return `<rect ${boxOf(shape)} rx="8" fill="#fafafa" stroke="#bbbbbb"/>`;
    case 'text': {
      const weight = shape.style === 'name' ? ' font-weight="bold"' : '';
      const x = number(shape.anchor === 'middle' ? shape.x + shape.width / 2 : shape.x);
      // The baseline of a line of text lies at about four fifths of its height.
      const base = number(shape.y + (shape.height - shape.size) / 2 + 0.82 * shape.size);
      return `<text x="${x}" y="${base}" font-size="${shape.size}" text-anchor="${shape.anchor}"${weight} fill="${ink[shape.style]}">${escaped(shape.text)}</text>`;
    }
    case 'line':
      return `<path d="${path(shape.points)}" fill="none" stroke="#555555"${shape.head ? ' marker-end="url(#head)"' : ''}/>`;
    default:
      return shape satisfies never;
  }
}

function planesElement(shape: Extract<Shape, { kind: 'planes' }>): string {
  const [fill, edge] = tints[shape.tint];
  const squares = Array.from({ length: shape.count }, (_, index) => {
    const back = shape.count - 1 - index;
    const [x, y] = [shape.x + back * shape.step, shape.y + index * shape.step];
    return `<rect x="${number(x)}" y="${number(y)}" width="${shape.side}" height="${shape.side}"/>`;
  });
  const edgeWidth = shape.step < 2 ? 0.4 : 0.8;
  return `<g fill="${fill}" stroke="${edge}" stroke-width="${edgeWidth}"><title>${escaped(shape.title)}</title>${squares.join('')}</g>`;
}

function boxOf({ x, y, width, height }: { x: number; y: number; width: number; height: number }): string {
  return `x="${number(x)}" y="${number(y)}" width="${number(width)}" height="${number(height)}"`;
}

function path(points: readonly Point[]): string {
  return points.map(([x, y], index) => `${index === 0 ? 'M' : 'L'}${number(x)} ${number(y)}`).join(' ');
}

/** Rounded to a tenth of a pixel. */
function number(value: number): string {
  return String(Math.round(10 * value) / 10);
}

/** Escapes text for XML. */
export function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
