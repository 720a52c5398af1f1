/** Reduces a model to the nodes and arrows that a drawing shows. */
import { elementCount } from '../../core/shape';
import { withoutBatch } from '../../layers/cost';
import type { tf } from '../../core/tf';
import { layerGraph, type GraphLayer } from '../layers/layer-graph';
import { settingsOf, windowOf, type Settings } from '../layers/layer-settings';

/** Feature maps or units as the drawing shows them, with the operation that produces them. */
export interface DrawnNode {
  readonly name: string;
  /** `[height, width, maps]`, or `[units]`. */
  readonly shape: readonly number[];
  /** The operation that produces it, as lines of an arrow's label; empty where branches are joined. */
  readonly operation: readonly string[];
  readonly tint: Tint;
  readonly inputs: readonly DrawnNode[];
  /** Whether it belongs to an auxiliary head, which is dropped in evaluation. */
  readonly auxiliary: boolean;
  /** The number of equal groups that the maps are split into, because a grouped convolution produces or reads them. */
  readonly parts: number;
  /** Whether each group reads only its own group of the input. */
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
 * The nodes that a drawing of the model shows, in topological order. Element-wise layers (squashing, dropout,
 * normalisation), flattening and padding have no node of their own: some add a note to the operation before them.
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

/** Breaks a text into lines of about the length of `3×3 convolution`. */
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

/** Also splits the maps that a grouped convolution reads into its groups, and the maps that are pooled into those. */
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
