/** The list of well-known weight files that can be imported. */
import type { Network, PublishedWeights, Toolkit } from '../core/network';
import { columns } from '../core/text/columns';
import { percent } from '../evaluate/evaluation-text';

/** A well-known weight file, with its network and toolkit. */
export interface ListedWeights extends PublishedWeights {
  readonly network: string;
  readonly toolkit: Toolkit;
}

/** The well-known weight files of some networks. */
export function publishedWeights(networks: Readonly<Record<string, Network>>): readonly ListedWeights[] {
  return Object.entries(networks).flatMap(([network, { weights = [] }]) =>
    weights.flatMap(({ toolkit, files }) => files.map((file) => ({ network, toolkit, ...file }))),
  );
}

/** The file that a network's name stands for where weights are asked for: the only one, or the preferred one. */
export function weightsByName({ weights = [] }: Network): PublishedWeights | undefined {
  const files = weights.flatMap((source) => source.files);
  return files.length === 1 ? files[0] : files.find(({ preferred }) => preferred);
}

/** The top-5 error if it is published, otherwise the first published error. */
function errorOf(results: PublishedWeights['results']): string {
  const result = results.find(({ metric }) => metric === 'top-5 error') ?? results[0];
  return result ? `${percent(result.error)} ${result.metric}` : '-';
}

/** One line for each file, and a note on those that nobody has tried. */
export function publishedWeightsText(list: readonly ListedWeights[]): string {
  const rows = list.map(({ network, toolkit, file, checksum, licence, results, unchecked }) => [
    network,
    toolkit,
    file,
    checksum ? `${checksum.kind} ${checksum.begins.slice(0, 8)}` : 'no checksum',
    errorOf(results),
    unchecked.length > 0 ? `${unchecked.join(', ')} unchecked` : 'checked',
    licence,
  ]);
  return columns(rows, []).join('\n');
}
