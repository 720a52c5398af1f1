/** The table of the layers of a network, with totals. */
import { option } from '../../core/text/wording';
import { columns, count } from '../../core/text/columns';
import type { LayerDescription } from '../describe-model';
import type { NetworkDescription } from '../describe-network';

const head = ['layer', 'output', 'parameters', '', 'multiply-adds', 'connections', 'field'];

/** A network's layers as rows of cells: those of the main path with its total, and those of the auxiliary heads. */
export interface LayerCells {
  readonly head: readonly string[];
  readonly main: readonly (readonly string[])[];
  readonly heads: readonly (readonly string[])[];
  /** The number of layers left out because they have nothing to count. */
  readonly hidden: number;
}

/** @param everyLayer also include layers that only pass values on */
export function layerCells(network: NetworkDescription, everyLayer: boolean): LayerCells {
  const shown = network.layers.filter((layer) => everyLayer || tellsSomething(layer, network.layers));
  const differing = new Set(network.compared.filter(({ same }) => !same).map(({ what }) => what));
  const rowsOf = (auxiliary: boolean) =>
    shown.filter((layer) => layer.auxiliary === auxiliary).map((layer) => rowOf(layer, differing));
  const { parameters, multiplyAdds, connections } = network;
  const main = [
    ['input', network.input.join('×'), '', '', '', '', '1/1'],
    ...rowsOf(false),
    ['total', '', count(parameters), '', count(multiplyAdds), count(connections)],
  ];
  return { head, main, heads: rowsOf(true), hidden: network.layers.length - shown.length };
}

/**
 * A network's layers, one per line, the auxiliary heads separately; `everyLayer` includes layers that only pass values
 * on.
 */
export function layerTable(network: NetworkDescription, everyLayer: boolean): string[] {
  const { main, heads, hidden } = layerCells(network, everyLayer);
  const lines = columns([head, ...main, ...heads], [2, 4, 5, 6]);
  const apart = main.length + 1;
  return [
    ...lines.slice(0, apart),
    ...(heads.length ? ['', 'auxiliary heads, which evaluation drops', ...lines.slice(apart)] : []),
    '',
    'field: the square of input pixels that a unit sees / how far apart two units look (padding counts).',
    ...(hidden
      ? [`Left out for having nothing to count: ${hidden}; ${option('layers', 'all')} shows them.`]
      : []),
  ];
}

/** @param differing counts that differ from the paper's, such as `parameters of conv1`; they get a mark */
function rowOf(layer: LayerDescription, differing: ReadonlySet<string>): string[] {
  const { name, outputShape, parameters, multiplyAdds, connections, receptiveField } = layer;
  const differs = ['parameters', 'connections'].some((what) => differing.has(`${what} of ${name}`));
  return [
    name,
    outputShape.join('×'),
    count(parameters),
    differs ? '≠' : '',
    count(multiplyAdds),
    count(connections),
    `${receptiveField.size}/${Number(receptiveField.stride.toFixed(1))}`,
  ];
}

/** Whether a layer has weights or work, has a larger receptive field than the layer below, or joins branches. */
function tellsSomething(layer: LayerDescription, layers: readonly LayerDescription[]): boolean {
  if (layer.inputs.length > 1 || layer.parameters + layer.fixedParameters + layer.multiplyAdds > 0)
    return true;
  const below = layers.find(({ name }) => name === layer.inputs[0])?.receptiveField ?? { size: 1, stride: 1 };
  const { size, stride } = layer.receptiveField;
  return size !== below.size || stride !== below.stride;
}
