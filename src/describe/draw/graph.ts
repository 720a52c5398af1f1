/** Reduces a model to the nodes and arrows that a drawing shows. */
import { elementCount } from '../../core/shape';
import { withoutBatch } from '../../layers/cost';
import type { tf } from '../../core/tf';
import { layerGraph, type GraphLayer } from '../layers/layer-graph';
import { settingsOf, windowOf, type Settings } from '../layers/layer-settings';

/** Feature maps or units as an image shows them, with the operation that makes them. */
export interface DrawnNode {
  readonly name: string;
  /** `[height, width, maps]`, or `[units]`. */
  readonly shape: readonly number[];
  /** What makes it, in lines for an arrow; none where branches are joined. */
  readonly operation: readonly string[];
  readonly tint: Tint;
  readonly inputs: readonly DrawnNode[];
  /** Whether it belongs to a head that evaluation drops. */
  readonly auxiliary: boolean;
  /** Into how many equal parts the maps are split, because a grouped convolution makes or reads them. */
  readonly parts: number;
  /** Whether each part reads its own part of the input alone. */
  readonly apart: boolean;
}

export type Tint = 'image' | 'convolution' | 'pooling' | 'full' | 'joined' | 'other';

interface Growing extends DrawnNode {
  readonly inputs: readonly Growing[];
  readonly operation: string[];
  parts: number;
  apart: boolean;
}

/**
 * What an image of the model shows, each after what it reads. Layers that work value by value (squashing, dropout,
 * normalisation), flattening and borders are no images of their own: some leave a note at the operation before.
 */
export function drawnGraph(model: tf.LayersModel): readonly DrawnNode[] {
  const shown = new Map<GraphLayer, Growing>();
  const nodes: Growing[] = [];
  for (const layer of layerGraph(model)) {
    const inputs = layer.inputs.map((input) => shown.get(input)!);
    const [only] = inputs;
    if (only && inputs.length === 1 && isFolded(layer)) {
      if (only.auxiliary === layer.auxiliary) only.operation.push(...noteOf(layer));
      shown.set(layer, only);
      continue;
    }
    const node = nodeOf(layer, inputs);
    shown.set(layer, node);
    nodes.push(node);
  }
  splitWhatGroupsRead(nodes);
  return nodes;
}

function nodeOf({ layer, name, auxiliary }: GraphLayer, inputs: readonly Growing[]): Growing {
  const settings = settingsOf(layer);
  const groups = Number(settings['groups'] ?? 1);
  return {
    name,
    shape: withoutBatch(layer.outputShape),
    operation: inputs.length === 0 ? [] : operationLines(settings, inputs),
    tint: tintOf(settings, inputs),
    inputs,
    auxiliary,
    parts: groups,
    apart: groups > 1,
  };
}

function isFolded({ layer, inputs }: GraphLayer): boolean {
  const kind = settingsOf(layer)['kind'];
  const weighty = layer.weights.length > 0 && kind !== 'batch normalisation';
  const same =
    elementCount(withoutBatch(layer.outputShape)) ===
    elementCount(withoutBatch(inputs[0]!.layer.outputShape));
  return !weighty && windowOf(layer, 1).size === 1 && (same || kind === 'zero padding 2D');
}

function noteOf({ layer }: GraphLayer): readonly string[] {
  const notes: Readonly<Record<string, string>> = {
    dropout: '+ dropout',
    'local response normalisation': '+ normalisation',
    'batch normalisation': '+ batch norm',
  };
  const note = notes[String(settingsOf(layer)['kind'])];
  return note === undefined ? [] : [note];
}

function operationLines(settings: Settings, inputs: readonly DrawnNode[]): string[] {
  const { kernel, window, stride } = settings;
  const kind = String(settings['kind']);
  const step = (usual: number) =>
    stride !== undefined && Number(stride) !== usual ? [`stride ${stride}`] : [];
  switch (kind) {
    case 'convolution':
      return [`${kernel} convolution`, ...step(1)];
    case 'sparse convolution': {
      const dense = Number(settings['links']) === Number(settings['maps']) * inputs[0]!.shape.at(-1)!;
      return [`${kernel} convolution`, ...step(1), ...(dense ? [] : ['of some maps'])];
    }
    case 'concatenate':
      return [];
    case 'S-cells':
    case 'C-cells':
      return [`${kernel} ${kind}`];
    default:
      return window === undefined
        ? inLines(kind)
        : [`${window} ${kind}`, ...step(Number(String(window).split('×')[0]))];
  }
}

/** Words in lines of about the length of `3×3 convolution`. */
function inLines(text: string): string[] {
  return text.split(' ').reduce<string[]>((lines, word) => {
    const last = lines.at(-1);
    if (last === undefined || last.length + word.length > 16) return [...lines, word];
    return [...lines.slice(0, -1), `${last} ${word}`];
  }, []);
}

function tintOf({ kind }: Settings, inputs: readonly DrawnNode[]): Tint {
  if (inputs.length === 0) return 'image';
  if (inputs.length > 1) return 'joined';
  if (/convolution|S-cells/.test(String(kind))) return 'convolution';
  if (/pooling|sub-sampling|average|C-cells/.test(String(kind))) return 'pooling';
  return kind === 'full connection' ? 'full' : 'other';
}

/** Maps that a grouped convolution reads are shown in its groups too, and so are those that are pooled into them. */
function splitWhatGroupsRead(nodes: readonly Growing[]): void {
  for (const node of nodes.toReversed()) {
    for (const input of node.inputs) {
      const handsOn = node.apart || (node.tint === 'pooling' && node.parts > 1);
      if (
        handsOn &&
        input.shape.length === 3 &&
        input.tint !== 'image' &&
        input.shape[2]! % node.parts === 0
      ) {
        input.parts = Math.max(input.parts, node.parts);
      }
    }
  }
  for (const node of nodes) {
    if (node.tint !== 'pooling') continue;
    const [input] = node.inputs;
    if (input && input.parts > 1 && node.shape.length === 3) node.parts = input.parts;
    node.apart = node.parts > 1;
  }
}
