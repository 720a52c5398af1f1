/** What became of each weight and tensor of an import. */
import { printable } from '../../core/errors';
import type { Difference } from '../architecture/compare';
import type { Convention } from './toolkit-layout';

/** What becomes of each weight of a network and of each tensor of a file. */
export interface MappingReport {
  readonly network: string;
  readonly convention: Convention;
  /** Whether the file's layers, which have no names, were matched in order. */
  readonly byPosition?: true;
  /** Remarks about the file for the user: which of several sets of weights was loaded, and what was skipped. */
  readonly notes?: readonly string[];
  /** How the network in the file differs from ours, according to the file; or why the two were not compared. */
  readonly architecture?: { readonly differences: readonly Difference[] } | { readonly uncompared: string };
  /** Earlier imports of these weights that the file records as made despite differences or without a comparison. */
  readonly told?: { readonly differences: readonly string[]; readonly uncompared?: string };
  /** The network's weights in the order of its layers, followed by the tensors that were not used. */
  readonly rows: readonly MappingRow[];
}

/** What became of a tensor of a file, or of a weight of the network. */
export type MappingRow =
  | (WeightRow & { readonly state: 'loaded' })
  /** The file has no tensor of that name, or says itself that the weight was never loaded or trained. */
  | (WeightRow & { readonly state: 'missing'; readonly told?: true })
  | (WeightRow & { readonly state: 'wrongShape'; readonly found: readonly number[] })
  /** A tensor of the file that the network lacks. `expected`: a count that no network needs. */
  | {
      readonly state: 'skipped';
      readonly tensor: string;
      readonly found: readonly number[];
      readonly expected: boolean;
    };

/** What became of one weight. */
export interface WeightRow {
  /** Our name, such as `conv1/kernel`, and our shape. */
  readonly weight: string;
  readonly shape: readonly number[];
  /** The file's name, and the shape that it should have in the file. */
  readonly tensor: string;
  readonly stored: readonly number[];
  /** Whether the weight belongs to a head that evaluation drops. */
  readonly auxiliary: boolean;
}

/**
 * Why a file does not contain exactly the network, in a few words; undefined if it does. Heads that evaluation drops
 * may be missing, but only as a whole. Weights that the file itself lists as never loaded may be missing too. A tensor
 * that no weight used indicates another network.
 */
export function incompleteness({ network, rows }: MappingReport): string | undefined {
  const headsAbsent = rows.every(
    (row) => row.state === 'skipped' || !row.auxiliary || row.state === 'missing',
  );
  const missing = rows.flatMap((row) =>
    row.state === 'missing' && !row.told && !(row.auxiliary && headsAbsent) ? [row.tensor] : [],
  );
  const others = rows.flatMap((row) =>
    row.state === 'wrongShape'
      ? [`${printable(row.tensor)} [${row.found.join(', ')}] for [${row.stored.join(', ')}]`]
      : [],
  );
  const unknown = rows.flatMap((row) =>
    row.state === 'skipped' && !row.expected ? [printable(row.tensor)] : [],
  );
  const findings = [
    ['missing', missing],
    ['of another shape', others],
    ['that it does not have', unknown],
  ] as const;
  const found = findings.flatMap(([what, names]) =>
    names.length > 0 ? [`${names.length} ${what} (${few(names)})`] : [],
  );
  return found.length > 0 ? `expected all tensors of ${network}, found ${found.join(', ')}` : undefined;
}

/** How the network in the file differs from ours, one line for each difference. */
export function differencesOf({ architecture }: MappingReport): readonly string[] {
  if (!architecture || 'uncompared' in architecture) return [];
  return architecture.differences.map(({ expected, found }) => `expected ${expected}, found ${found}`);
}

/** Why the network in the file is not ours, in a few words; undefined if it is, or if the file does not describe it. */
export function unlikeness({ network, architecture }: MappingReport): string | undefined {
  if (!architecture || 'uncompared' in architecture) return undefined;
  const [first, ...others] = architecture.differences;
  if (!first) return undefined;
  const more =
    others.length === 0
      ? ''
      : `, and ${others.length} more ${others.length === 1 ? 'difference' : 'differences'}`;
  return `expected ${first.expected}, as in ${network}, found ${first.found}${more}`;
}

/** The first few of some names, with `…` if there are more. */
export function few(names: readonly string[]): string {
  return [...names.slice(0, 3), ...(names.length > 3 ? ['…'] : [])].join(', ');
}
