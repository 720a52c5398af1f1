/** The figures of docs/architecture.md, drawn as SVG: the life of a batch and the life of an update. */
import { escaped } from '../../src/describe/draw/svg';

/** A function in a figure, with its file and what it does. */
export interface Box {
  readonly id: string;
  /** The lane, counted from 0 from the left. */
  readonly lane: number;
  readonly row: number;
  /** The function’s name, as it stands in the file. */
  readonly name: string;
  readonly file: string;
  /** One string for each line. */
  readonly text: readonly string[];
}

/** An arrow between two boxes: straight down within a lane, or across to a lane beside it. */
export interface Arrow {
  readonly from: string;
  readonly to: string;
  readonly label?: string;
}

export interface Figure {
  readonly title: string;
  /** The headings of the lanes. */
  readonly lanes: readonly string[];
  readonly boxes: readonly Box[];
  readonly arrows: readonly Arrow[];
}

const batch: Figure = {
  title: 'The life of a batch',
  lanes: ['the thread that trains', 'worker threads: one a core, 16 at most'],
  boxes: [
    {
      id: 'batches', lane: 0, row: 0, name: 'trainingBatches', file: 'src/data/loader/batches.ts',
      text: ['the batches of all epochs, after those that', 'an interrupted training has done'],
    },
    {
      id: 'plans', lane: 0, row: 1, name: 'epochPlans', file: 'src/data/loader/sampler.ts',
      text: ['for each batch, the indices of its images and', 'a seed for each, derived from the run’s seed'],
    },
    {
      id: 'prefetched', lane: 0, row: 2, name: 'prefetched', file: 'src/data/loader/prefetch.ts',
      text: ['takes a free slot of shared memory, and', 'divides the plan into tasks of 8 images at most'],
    },
    {
      id: 'pool', lane: 0, row: 3, name: 'ThreadPool', file: 'src/data/loader/worker-pool.ts',
      text: ['gives each task to the idlest worker;', 'two tasks to a worker at most'],
    },
    {
      id: 'task', lane: 1, row: 3, name: 'preparedImages', file: 'src/data/loader/worker-task.ts',
      text: ['decodes an image while it distorts the one', 'before; notes images that cannot be read'],
    },
    {
      id: 'decode', lane: 1, row: 4, name: 'openImage', file: 'src/data/image/open-image.ts',
      text: ['reads the header, checks it, and decodes', 'no more than the crop needs'],
    },
    {
      id: 'transform', lane: 1, row: 5, name: 'createTransform', file: 'src/data/loader/transform.ts',
      text: ['crops, flips, distorts and preprocesses by the', 'image’s seed; writes float32 into the slot'],
    },
    {
      id: 'assembled', lane: 0, row: 5, name: 'assembled', file: 'src/data/loader/prefetch.ts',
      text: ['closes the gaps of images that could not be', 'read; adds the labels'],
    },
    {
      id: 'whiten', lane: 0, row: 6, name: 'batchWhitener', file: 'src/data/loader/whiten-batch.ts',
      text: ['whitens the batch by one matrix product,', 'where the recipe whitens'],
    },
    {
      id: 'train', lane: 0, row: 7, name: 'train', file: 'src/train/train.ts',
      text: ['one update; the slot is free again when', 'the next batch is asked for'],
    },
  ],
  arrows: [
    { from: 'batches', to: 'plans' },
    { from: 'plans', to: 'prefetched' },
    { from: 'prefetched', to: 'pool' },
    { from: 'pool', to: 'task', label: 'tasks' },
    { from: 'task', to: 'decode' },
    { from: 'decode', to: 'transform' },
    { from: 'transform', to: 'assembled', label: 'slot' },
    { from: 'pool', to: 'assembled', label: 'in the order of the plans' },
    { from: 'assembled', to: 'whiten' },
    { from: 'whiten', to: 'train' },
  ],
}; // prettier-ignore

const update: Figure = {
  title: 'The life of an update',
  lanes: ['the loop', 'compiled: one graph', 'eager: op by op'],
  boxes: [
    {
      id: 'train', lane: 0, row: 0, name: 'train', file: 'src/train/train.ts',
      text: ['takes the next batch'],
    },
    {
      id: 'rate', lane: 0, row: 1, name: 'rateAt', file: 'src/train/schedule.ts',
      text: ['the learning rate ε of this update'],
    },
    {
      id: 'choose', lane: 0, row: 2, name: 'stepFor', file: 'src/train/step/choose-step.ts',
      text: ['once: a compiled step on native TensorFlow,', 'an eager one elsewhere'],
    },
    {
      id: 'compiled', lane: 1, row: 3, name: 'compiledStep', file: 'src/train/step/compiled-step.ts',
      text: ['inputs: images, labels, rate and', 'number of the update'],
    },
    {
      id: 'record', lane: 1, row: 4, name: 'CompiledFunction', file: 'src/graph/compiled-function.ts',
      text: ['first batch of a shape: computes once', 'while it is recorded'],
    },
    {
      id: 'recorder', lane: 1, row: 5, name: 'Recorder', file: 'src/graph/record/recorder.ts',
      text: ['writes down each operation that loss', 'and gradients ask of the backend'],
    },
    {
      id: 'nodes', lane: 1, row: 6, name: 'updateNodes', file: 'src/train/step/update-nodes.ts',
      text: ['adds the nodes that change weights, what', 'is kept and averages in place'],
    },
    {
      id: 'session', lane: 1, row: 7, name: 'GraphSession', file: 'src/graph/session/session.ts',
      text: ['every batch: feeds the inputs, runs the', 'graph outside the event loop'],
    },
    {
      id: 'eager', lane: 2, row: 3, name: 'eagerStep', file: 'src/train/step/eager-step.ts',
      text: ['the same rule on any backend'],
    },
    {
      id: 'loss', lane: 2, row: 5, name: 'totalLoss', file: 'src/train/loss.ts',
      text: ['the loss of all heads; tf.variableGrads', 'takes its gradients'],
    },
    {
      id: 'assign', lane: 2, row: 7, name: 'update', file: 'src/train/step/eager-step.ts',
      text: ['assigns what is kept, weight and average,', 'a tfjs variable each'],
    },
    {
      id: 'account', lane: 0, row: 8, name: 'account', file: 'src/train/run/run.ts',
      text: ['counts the loss, writes log lines'],
    },
    {
      id: 'save', lane: 0, row: 9, name: 'endEpoch', file: 'src/train/run/run.ts',
      text: ['error on the images held out; a', 'checkpoint, for which the session’s', 'weights are copied into the model'],
    },
  ],
  arrows: [
    { from: 'train', to: 'rate' },
    { from: 'rate', to: 'choose' },
    { from: 'choose', to: 'compiled' },
    { from: 'choose', to: 'eager' },
    { from: 'compiled', to: 'eager', label: 'falls back' },
    { from: 'compiled', to: 'record' },
    { from: 'record', to: 'recorder' },
    { from: 'recorder', to: 'nodes' },
    { from: 'nodes', to: 'session' },
    { from: 'eager', to: 'loss' },
    { from: 'loss', to: 'assign' },
    { from: 'loss', to: 'recorder', label: 'recorded' },
    { from: 'session', to: 'account', label: 'loss' },
    { from: 'assign', to: 'account' },
    { from: 'account', to: 'save' },
  ],
}; // prettier-ignore

/** The figures, by the names of their files in `docs/figures/`. */
export const figures: Readonly<Record<string, Figure>> = { 'batch.svg': batch, 'update.svg': update };

const box = { width: 318, line: 15, head: 38, foot: 9 };
const gap = { lane: 70, row: 28 };
const margin = { side: 20, top: 76, bottom: 20 };

/** A figure as an SVG file, legible on light and dark pages. */
export function drawFigure({ title, lanes, boxes, arrows }: Figure): string {
  const rows = Math.max(...boxes.map(({ row }) => row)) + 1;
  const heightOf = (row: number) =>
    box.head +
    box.foot +
    box.line * Math.max(0, ...boxes.filter((one) => one.row === row).map(({ text }) => text.length));
  const tops: number[] = [];
  for (let row = 0; row < rows; row++)
    tops.push(row === 0 ? margin.top : tops[row - 1]! + heightOf(row - 1) + gap.row);
  const leftOf = (lane: number) => margin.side + lane * (box.width + gap.lane);
  const place = (id: string) => {
    const { lane, row, text } = boxes.find((one) => one.id === id)!;
    const height = box.head + box.foot + box.line * text.length;
    return { x: leftOf(lane), y: tops[row]!, height, lane, row };
  };
  const width = leftOf(lanes.length - 1) + box.width + margin.side;
  const height = tops.at(-1)! + heightOf(rows - 1) + margin.bottom;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" font-family="Helvetica, Arial, 'Liberation Sans', 'DejaVu Sans', sans-serif">`,
    `<title>${escaped(title)}</title>`,
    style,
    '<defs><marker id="head" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path class="tip" d="M0 0.8 L7.5 4 L0 7.2 Z"/></marker></defs>',
    `<rect class="page" width="${width}" height="${height}"/>`,
    `<text class="title" x="${margin.side}" y="30" font-size="18" font-weight="bold">${escaped(title)}</text>`,
    ...lanes.map(
      (lane, at) => `<text class="lane" x="${leftOf(at)}" y="60" font-size="13">${escaped(lane)}</text>`,
    ),
    ...arrows.map((arrow) => arrowElement(arrow, place(arrow.from), place(arrow.to))),
    ...boxes.map((one) => boxElement(one, place(one.id))),
    '</svg>',
    '',
  ].join('\n');
}

const style = `<style>
.page { fill: #ffffff } .box { fill: #f1f5fb; stroke: #7f9cc4 } .name, .title { fill: #16202e } .file { fill: #46607f }
.text, .lane, .label { fill: #3c4653 } .line { stroke: #5a6572; fill: none } .tip { fill: #5a6572 } .under { stroke: #ffffff }
@media (prefers-color-scheme: dark) {
.page { fill: #12171e } .box { fill: #1d2733; stroke: #5d7da8 } .name, .title { fill: #eef3f9 } .file { fill: #9dbbe0 }
.text, .lane, .label { fill: #c6d0db } .line { stroke: #94a1b0 } .tip { fill: #94a1b0 } .under { stroke: #12171e }
}
</style>`;

interface Place {
  readonly x: number;
  readonly y: number;
  readonly height: number;
  readonly lane: number;
  readonly row: number;
}

function boxElement({ name, file, text }: Box, { x, y, height }: Place): string {
  const lines = text.map(
    (line, at) =>
      `<text class="text" x="${x + 12}" y="${y + box.head + 12 + at * box.line}" font-size="12.5">${escaped(line)}</text>`,
  );
  return [
    `<rect class="box" x="${x}" y="${y}" width="${box.width}" height="${height}" rx="5"/>`,
    `<text class="name" x="${x + 12}" y="${y + 18}" font-size="14" font-weight="bold">${escaped(name)}</text>`,
    `<text class="file" x="${x + 12}" y="${y + 34}" font-size="11.5">${escaped(file)}</text>`,
    ...lines,
  ].join('\n');
}

function arrowElement({ label }: Arrow, from: Place, to: Place): string {
  const [path, x, y, anchor] = routeOf(from, to);
  const line = `<path class="line" d="${path}" marker-end="url(#head)"/>`;
  if (label === undefined) return line;
  return `${line}\n<text class="label under" x="${x}" y="${y}" font-size="12" stroke-width="4" paint-order="stroke" text-anchor="${anchor}">${escaped(label)}</text>`;
}

/** The path of an arrow, and where its label stands. */
type Route = readonly [path: string, labelX: number, labelY: number, anchor: 'start' | 'middle'];

/** Where an arrow leaves or meets the side of a box, below its top. */
const side = 24;

/** Straight between boxes of a lane or of a row; to a lower row of another lane with one bend. */
function routeOf(from: Place, to: Place): Route {
  const centre = (place: Place) => place.x + box.width / 2;
  const bottom = from.y + from.height;
  if (from.lane === to.lane)
    return [
      `M${centre(from)} ${bottom} L${centre(to)} ${to.y}`,
      centre(from) + 8,
      (bottom + to.y) / 2 + 4,
      'start',
    ];
  const right = to.lane > from.lane;
  if (from.row === to.row) {
    const [begin, end] = right ? [from.x + box.width, to.x] : [from.x, to.x + box.width];
    return [
      `M${begin} ${from.y + side} L${end} ${to.y + side}`,
      (begin + end) / 2,
      to.y + side - 7,
      'middle',
    ];
  }
  if (right) {
    const path = `M${from.x + box.width} ${from.y + side} L${centre(to)} ${from.y + side} L${centre(to)} ${to.y}`;
    return [path, centre(to) + 8, (from.y + side + to.y) / 2, 'start'];
  }
  const end = to.x + box.width;
  const path = `M${centre(from)} ${bottom} L${centre(from)} ${to.y + side} L${end} ${to.y + side}`;
  return [path, (end + from.x) / 2, to.y + side - 7, 'middle'];
}
