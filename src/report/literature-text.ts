import type { Network, PublishedResult } from '../network';
import { columnsThenText, wrapped } from './columns';
import { percent } from './evaluation-text';

/** What is published of a network, and what a reader must know to trust ours, for a terminal of 100 columns. */
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

/** One line a measurement: its errors of several kinds side by side. */
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
