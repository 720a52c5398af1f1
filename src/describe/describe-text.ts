/** A described network as text for a terminal. */
import { columns, columnsThenText, count, wrapped } from '../core/text/columns';
import type { NetworkDescription } from './describe-network';
import { layerTable } from './layers/layer-table';
import type { MemoryEstimate } from './memory';
import type { WeightPrior } from './weight-prior';
import type { Network, PublishedResult } from '../core/network';
import { percent } from '../evaluate/evaluation-text';

/** A network's description for a terminal of 100 columns; `everyLayer` also shows layers that have nothing to count. */
export function describedText(network: NetworkDescription, everyLayer = false): string {
  const { name, paper } = network;
  return [
    ...wrapped(`${name}:`, `${paper.authors}. ${paper.title}. ${paper.venue}, ${paper.year}.`),
    ...calledLines(network),
    '',
    ...layerTable(network, everyLayer),
    '',
    ...totals(network),
    '',
    ...memoryLines(network.memory),
    '',
    ...priorLines(network.prior),
    '',
    ...literatureLines(network),
  ].join('\n');
}

function calledLines({ called }: NetworkDescription): string[] {
  const { aliases = [], elsewhere } = called ?? {};
  return [
    ...(aliases.length > 0 ? [`also called ${aliases.join(', ')}`] : []),
    ...(elsewhere === undefined ? [] : wrapped('', elsewhere)),
  ];
}

/** Our totals beside the paper's, with `=` or `≠`, and the counts that papers do not state. */
function totals({ compared, paper: { parameters, connections }, ...network }: NetworkDescription): string[] {
  const quoted = parameters.quoted ? [`the paper prints “${parameters.quoted}”`] : [];
  const sources: Readonly<Record<string, string>> = {
    parameters: [...quoted, ...(parameters.where ? [parameters.where] : [])].join(', '),
    connections: connections?.where ?? '',
  };
  const beside = compared
    .filter(({ what, same }) => !same || what in sources)
    .map(({ what, ours, paper, same }) => ({
      cells: [what, count(ours), same ? '=' : '≠', count(paper)],
      text: sources[what] ?? '',
    }));
  const ours = (what: string, value: number, text: string) =>
    value === 0 ? [] : [{ cells: [what, count(value), '', ''], text }];
  return columnsThenText(
    [
      { cells: ['', 'ours', '', 'paper'], text: '' },
      ...beside,
      ...ours('multiply-adds', network.multiplyAdds, 'of one image; neither biases nor pooling count'),
      ...ours('auxiliary parameters', network.auxiliaryParameters, 'of the heads that evaluation drops'),
      ...ours('fixed parameters', network.fixedParameters, 'which training does not move'),
    ],
    [1, 3],
  );
}

function memoryLines(memory: MemoryEstimate): string[] {
  const of = (bytes: number) => {
    const [value, unit] = bytes < 2 ** 20 ? [bytes / 2 ** 10, 'KiB'] : [bytes / 2 ** 20, 'MiB'];
    return `${value.toLocaleString('en', { maximumSignificantDigits: 4 })} ${unit}`;
  };
  const { batch, weights, gradients, optimiser, activationsForward, activationsKept, evaluation, training } =
    memory;
  return [
    `memory at batch ${batch}, estimated from the shapes in single precision, without the backend's own:`,
    ...columns(
      [
        [
          '  training',
          of(training),
          `weights ${of(weights)}, gradients ${of(gradients)}, optimiser ${of(optimiser)},`,
        ],
        ['', '', `the input and every layer's output, kept for the backward pass: ${of(activationsKept)}`],
        [
          '  evaluation',
          of(evaluation),
          `activations ${of(activationsForward)}, each dropped after its last reader`,
        ],
      ],
      [1],
    ),
  ];
}

function priorLines({ precisionPerImage, images, deviation, exceptions }: WeightPrior): string[] {
  if (precisionPerImage === 0) return wrapped('weight decay 0:', 'no prior on the weights (a flat one).');
  const found = deviation === null ? '' : `; here N = ${count(images!)} and σ = ${deviation.toPrecision(3)}`;
  const others = exceptions.length > 0 ? ' Some weights have another λ, by the recipe’s multipliers.' : '';
  return wrapped(
    `weight decay ${precisionPerImage}:`,
    `with a loss that is the mean of −log p over N images, λ stands for a Gaussian prior N(0, σ²) on each weight, of precision 1/σ² = λN${found}.${others}`,
  );
}

/** The published results of a network, and the caveats about our version, for a terminal of 100 columns. */
export function literatureLines({ paper, recipe }: Pick<Network, 'paper' | 'recipe'>): string[] {
  return [
    ...publishedLines(paper.results),
    ...Object.entries(recipe.guesses).flatMap(([field, why]) => wrapped(`guess, ${field}:`, why)),
    ...paper.departures.flatMap(({ paper: theirs, ours, why }) =>
      wrapped('departure.', `The paper: ${theirs} Here: ${ours} ${why}`),
    ),
    ...(paper.discrepancies ?? []).flatMap((text) => wrapped('discrepancy:', text)),
  ];
}

/** One line for each measurement, with its kinds of error side by side. */
function publishedLines(results: readonly PublishedResult[]): string[] {
  if (results.length === 0) return ['published: no error'];
  const measurement = ({ dataset, protocol, where }: PublishedResult) => `${dataset}: ${protocol} (${where})`;
  const rows = [...new Set(results.map(measurement))].map((text) => {
    const errors = results
      .filter((result) => measurement(result) === text)
      .map(({ metric, error }) => `${metric} ${percent(error)}`);
    return { cells: [`  ${errors.join(', ')}`], text };
  });
  return ['published', ...columnsThenText(rows, []), ''];
}
