import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { networkNames, zoo } from '../../models/registry';
import { shapesOf } from '../../src/describe/describe-network';
import { drawNetwork } from '../../src/describe/draw/draw';
import { drawnGraph, type DrawnNode } from '../../src/describe/draw/graph';
import { layOut, type Layout } from '../../src/describe/draw/layout';
import { sizeText } from '../../src/describe/draw/node';
import type { Box, Point, Shape } from '../../src/describe/draw/shapes';
import { useBackend } from '../../src/runtime/backend';
import { tf } from '../../src/core/tf';
import { command, temporaryFolder } from '../support/fixtures';

beforeAll(async () => void (await useBackend('cpu')));

const folder = temporaryFolder();
type Maps = tf.SymbolicTensor;

/** Two residual steps and two heads on one layer: what no network of the zoo has. */
function residual(): tf.LayersModel {
  const convolution = (name: string) =>
    tf.layers.conv2d({ name, filters: 8, kernelSize: 3, padding: 'same', kernelInitializer: 'zeros' });
  const image = tf.input({ shape: [16, 16, 8], name: 'image' });
  const first = convolution('a/1').apply(image);
  const second = convolution('a/2').apply(first) as Maps;
  const sum = tf.layers.add({ name: 'a/sum' }).apply([image, second]) as Maps;
  const scores = (name: string, below: Maps) =>
    tf.layers
      .dense({ name: `${name}/scores`, units: 3, kernelInitializer: 'zeros' })
      .apply(tf.layers.globalAveragePooling2d({ name: `${name}/mean` }).apply(below)) as Maps;
  const last = convolution('b').apply(sum) as Maps;
  return tf.model({ inputs: image, outputs: [scores('main', last), scores('x', sum), scores('y', sum)] });
}

const images: { name: string; model: () => tf.LayersModel }[] = [
  { name: 'residual', model: residual },
  ...networkNames.map((name) => ({ name, model: () => shapesOf(name, zoo[name]) })),
];

describe.each(images)('$name', ({ name, model }) => {
  const top = 84;
  let built: tf.LayersModel;
  let nodes: readonly DrawnNode[];
  let layout: Layout;
  beforeAll(() => {
    built = model();
    nodes = drawnGraph(built);
    layout = layOut(nodes, top);
  });
  afterAll(() => built.dispose());

  it('is well-formed, self-contained XML that names every layer drawn and its size', () => {
    const svg = drawNetwork(`<&> "${name}"`, built);
    expectWellFormed(svg);
    expect(svg).not.toMatch(/href|url\((?!#)|@import|<script|<image/);
    const titles = [...svg.matchAll(/<title>([^<]*)<\/title>/g)].map(([, text]) => unescaped(text!));
    const drawn = nodes.map((node) => [`${node.name}: ${sizeText(node)}`, ...node.operation].join(', '));
    expect(titles.filter((title) => title.includes(': '))).toEqual(expect.arrayContaining(drawn));
  });

  it('draws nothing over anything else, and nothing beyond the edge', () => {
    const { width, height, shapes } = layout;
    const boxed = shapes.filter((shape): shape is Exclude<Shape, { kind: 'line' }> => shape.kind !== 'line');
    const solid = boxed.filter(({ kind }) => kind !== 'text' && kind !== 'frame');
    const texts = boxed.filter(({ kind }) => kind === 'text');
    const frames = boxed.filter(({ kind }) => kind === 'frame');
    expect(overlaps(solid, solid)).toEqual([]);
    expect(overlaps(texts, texts)).toEqual([]);
    expect(
      overlaps(texts, solid).filter(([text, box]) => !(box.kind === 'card' && contains(box, text))),
    ).toEqual([]);
    expect(overlaps([...texts, ...solid], frames).filter(([box, frame]) => !contains(frame, box))).toEqual(
      [],
    );
    expect(boxed.filter((box) => !contains({ x: 0, y: top, width, height: height - top }, box))).toEqual([]);
  });

  it('runs no arrow through words', () => {
    const { shapes } = layout;
    const texts = shapes.filter((shape) => shape.kind === 'text');
    const lines = shapes.filter((shape) => shape.kind === 'line');
    const crossed = lines.flatMap(({ points }) =>
      points
        .slice(1)
        .flatMap((end, index) =>
          texts.filter((text) => crosses(points[index]!, end, text)).map(({ text }) => text),
        ),
    );
    expect(crossed).toEqual([]);
  });
});

it('shows AlexNet’s halves, which meet in conv3 and in fc6 alone', () => {
  const nodes = new Map(drawnGraph(shapesOf('alexnet', zoo.alexnet)).map((node) => [node.name, node]));
  const halves = (apart: boolean) =>
    [...nodes.values()].filter((node) => node.parts === 2 && node.apart === apart);
  const names = (of: readonly DrawnNode[]) => of.map(({ name }) => name);
  // §3.5 and Fig. 2: kernels of layers 2, 4 and 5 read the maps on their own GPU, those of 3 all of them.
  expect(names(halves(true))).toEqual(['pool1', 'conv2', 'pool2', 'conv4', 'conv5', 'pool5']);
  expect(names(halves(false))).toEqual(['conv1', 'conv3']);
  expect(sizeText(nodes.get('conv1')!)).toBe('2 × 48@55×55');
});

it('puts the branches of a module and an auxiliary head into frames', () => {
  const { shapes } = layOut(drawnGraph(residual()), 0);
  expect(shapes.filter(({ kind }) => kind === 'frame')).toHaveLength(3);
  const words = shapes.flatMap((shape) => (shape.kind === 'text' ? [shape.text] : []));
  expect(words).toEqual(expect.arrayContaining(['a', 'auxiliary head x', 'auxiliary head y', '8@16×16']));
});

it('the command writes the image whole', async () => {
  const path = join(folder, 'lenet5.svg');
  const { code, stdout } = await command(['describe', 'lenet5', '--svg', path, '--json']);
  expect({ code, name: (JSON.parse(stdout) as { name: string }).name }).toEqual({ code: 0, name: 'lenet5' });
  const svg = readFileSync(path, 'utf8');
  expectWellFormed(svg);
  // Fig. 2 of the paper.
  for (const size of ['6@28×28', '6@14×14', '16@10×10', '16@5×5', '120', '84'])
    expect(svg).toContain(`>${size}<`);
});

function overlaps<A extends Box, B extends Box>(some: readonly A[], others: readonly B[]): [A, B][] {
  const meet = (a: Box, b: Box) =>
    a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
  return some.flatMap((a) =>
    others.filter((b) => (a as Box) !== (b as Box) && meet(a, b)).map((b): [A, B] => [a, b]),
  );
}

function contains(outer: Box, inner: Box): boolean {
  return (
    outer.x <= inner.x &&
    outer.y <= inner.y &&
    inner.x + inner.width <= outer.x + outer.width &&
    inner.y + inner.height <= outer.y + outer.height
  );
}

/** Whether a line meets a box, tried at many points along it. */
function crosses([x0, y0]: Point, [x1, y1]: Point, { x, y, width, height }: Box): boolean {
  const steps = Math.ceil(Math.hypot(x1 - x0, y1 - y0));
  return Array.from({ length: steps + 1 }, (_, step) => step / steps).some((share) => {
    const [px, py] = [x0 + share * (x1 - x0), y0 + share * (y1 - y0)];
    return px > x && px < x + width && py > y && py < y + height;
  });
}

/** Elements closed in order, attributes quoted and unlike, no bare `&` or `<`: all that this SVG uses of XML. */
function expectWellFormed(xml: string): void {
  const open: string[] = [];
  const tag = /<(\/?)([a-zA-Z]+)((?:\s+[a-zA-Z:-]+="[^"<&]*(?:&(?:amp|lt|gt|quot);[^"<&]*)*")*)\s*(\/?)>/y;
  const text = /(?:[^<&]|&(?:amp|lt|gt|quot);)+/y;
  let at = xml.indexOf('?>') + 2;
  expect(xml.slice(0, at)).toBe('<?xml version="1.0" encoding="UTF-8"?>');
  while (at < xml.length) {
    const rule = xml[at] === '<' ? tag : text;
    rule.lastIndex = at;
    const found = rule.exec(xml);
    if (!found) throw new Error(`not XML: ${xml.slice(at, at + 80)}`);
    at = rule.lastIndex;
    if (rule === text) continue;
    const [, closes, name, attributes, alone] = found as unknown as [string, string, string, string, string];
    const keys = [...attributes.matchAll(/([a-zA-Z:-]+)="/g)].map(([, key]) => key);
    expect(new Set(keys).size).toBe(keys.length);
    if (closes) expect(open.pop()).toBe(name);
    else if (!alone) open.push(name);
  }
  expect(open).toEqual([]);
}

function unescaped(text: string): string {
  return text
    .replaceAll('&quot;', '"')
    .replaceAll('&gt;', '>')
    .replaceAll('&lt;', '<')
    .replaceAll('&amp;', '&');
}
