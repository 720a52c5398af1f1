/** The difference of two networks as text for a terminal. */
import { columns, columnsThenText, count, signed, terminalWidth, wrapped } from '../core/text/columns';
import type { LayerDescription } from './describe-model';
import type { FieldDiff, LayerDiff, NetworkDiff } from './diff';

const marks = { same: ' ', changed: '~', removed: '-', added: '+' } as const;

/** A difference for a terminal of 100 columns; consecutive equal layers share one line. */
export function diffText(diff: NetworkDiff): string {
  const head = { cells: ['', 'layer', 'parameters', 'multiply-adds'], text: '' };
  const layers = columnsThenText([head, ...collapsed(diff.layers)], [2, 3]);
  const total = (name: string, { from, to }: { from: number; to: number }) => [
    name,
    count(from),
    count(to),
    signed(to - from),
  ];
  const totals = [
    ['', diff.from, diff.to, ''],
    total('parameters', diff.parameters),
    total('auxiliary parameters', diff.auxiliaryParameters),
    total('multiply-adds', diff.multiplyAdds),
  ].filter(([name, from, to]) => name !== 'auxiliary parameters' || from !== '0' || to !== '0');
  return [
    `from ${diff.from} to ${diff.to}: + added, - removed, ~ changed`,
    '',
    ...layers,
    '',
    ...columns(totals, [1, 2, 3]),
    '',
    ...(diff.recipe.length === 0
      ? ['The recipes are the same.']
      : ['recipe', ...diff.recipe.flatMap((field) => wrapped('  ', inWords(field), terminalWidth, 6))]),
  ].join('\n');
}

interface Row {
  readonly cells: readonly string[];
  readonly text: string;
}

function collapsed(layers: readonly LayerDiff[]): Row[] {
  const rows: Row[] = [];
  let same = 0;
  const endRun = () => {
    if (same > 0) rows.push({ cells: ['', `… ${same} the same`, '', ''], text: '' });
    same = 0;
  };
  for (const layer of layers) {
    if (layer.status === 'same') same++;
    else {
      endRun();
      rows.push(rowOf(layer));
    }
  }
  endRun();
  return rows;
}

function rowOf({ status, name, changes, parameters, multiplyAdds, layer }: LayerDiff): Row {
  const renamed = status === 'changed' && name.from !== name.to;
  const text =
    status === 'changed'
      ? [...(renamed ? [`was ${name.from}`] : []), ...changes.map(inWords)].join('; ')
      : `${summary(layer)}, output ${layer.outputShape.join('×')}`;
  return { cells: [marks[status], layer.name, signed(parameters), signed(multiplyAdds)], text };
}

/** A layer's kind and its settings, without those that have their usual values. */
function summary({ settings }: LayerDescription): string {
  const usual: Readonly<Record<string, unknown>> = {
    groups: 1,
    dilation: 1,
    bias: true,
    activation: 'linear',
  };
  return Object.entries(settings)
    .filter(([key, setting]) => usual[key] !== setting)
    .map(([key, setting]) => (key === 'kind' ? setting : `${key} ${setting}`))
    .join(', ');
}

function inWords({ field, from, to }: FieldDiff): string {
  return `${field} ${value(from)} → ${value(to)}`;
}

/** A setting or a part of a recipe, without the quotation marks of JSON. */
function value(of: unknown): string {
  if (of === null) return 'none';
  return JSON.stringify(of).replaceAll('"', '').replaceAll(',', ', ').replaceAll(':', ': ');
}
