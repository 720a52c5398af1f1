/** Draws a network in the style of the papers' figures, as an SVG file. */
import type { tf } from '../../core/tf';
import { count } from '../../core/text/columns';
import { describeModel } from '../describe-model';
import { drawnGraph, type DrawnNode, type Tint } from './graph';
import { layOut } from './layout';
import { lineHeight, textWidth, type Shape } from './shapes';
import { escaped, svgOf, tints } from './svg';

const titleSize = 18;

/**
 * A network drawn in the style of the papers' figures, as a self-contained SVG: feature maps as stacks of squares,
 * fully connected layers as bars, operations beside the arrows, branches side by side in frames. All counts come from
 * the built model's graph.
 */
export function drawNetwork(name: string, model: tf.LayersModel): string {
  const nodes = drawnGraph(model);
  const { width, height, shapes } = layOut(nodes, 84);
  const { parameters, multiplyAdds } = describeModel(model);
  const counts = `${count(parameters)} parameters, ${count(multiplyAdds)} multiply-adds`;
  const heading = headingShapes(name, counts);
  const legend = legendShapes(nodes, height);
  const widest = Math.max(width, ...[...heading, ...legend].map(({ x, width: own }) => x + own + 40));
  return svgOf([...heading, ...shapes, ...legend], {
    width: Math.ceil(widest),
    height: Math.ceil(height + 2 * lineHeight),
    title: escaped(`${name}: ${counts}`),
  });
}

type Text = Extract<Shape, { kind: 'text' }>;

function headingShapes(name: string, counts: string): Text[] {
  const line = (text: string, size: number, y: number, style: Text['style']): Text => ({
    kind: 'text', text, size, style, anchor: 'start', x: 40, y, width: textWidth(text, size, style === 'name'), height: size + 4,
  }); // prettier-ignore
  return [line(name, titleSize, 20, 'name'), line(counts, 12, 46, 'plain')];
}

const meanings: Readonly<Record<Exclude<Tint, 'image'>, string>> = {
  convolution: 'convolution',
  pooling: 'pooling',
  full: 'full connection',
  joined: 'branches joined',
  other: 'other',
};

function legendShapes(nodes: readonly DrawnNode[], y: number): Extract<Shape, { x: number }>[] {
  let x = 40;
  return (Object.keys(meanings) as (keyof typeof meanings)[])
    .filter((tint) => tint in tints && nodes.some((node) => node.tint === tint))
    .flatMap((tint) => {
      const text = meanings[tint];
      const width = textWidth(text, 11);
      const start = x;
      x += 12 + 6 + width + 24;
      return [
        { kind: 'card' as const, x: start, y: y + 1, width: 12, height: 12, tint, title: text },
        {
          kind: 'text' as const,
          text,
          size: 11,
          style: 'plain' as const,
          anchor: 'start' as const,
          x: start + 18,
          y,
          width,
          height: lineHeight,
        },
      ];
    });
}
