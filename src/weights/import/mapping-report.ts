/** What became of each weight and tensor of an import. */
import { printable } from '../../core/errors';
import type { Difference } from '../architecture/compare';
import type { Convention } from './toolkit-layout';

/** What becomes of each weight of a network, and of each tensor of a file. */
export interface MappingReport {
  readonly network: string;
  readonly convention: Convention;
  /** Whether the file's layers, which have no names, were taken in their order. */
  readonly byPosition?: true;
  /** What a person should know of the file: which of several sets of weights was taken, what was passed over. */
  readonly notes?: readonly string[];
  /** How the file’s network differs from ours, by what it says of its layers; or why that was not compared. */
  readonly architecture?: { readonly differences: readonly Difference[] } | { readonly uncompared: string };
  /** What the file tells of an earlier import of its weights, which was made despite differences or without comparing. */
  readonly told?: { readonly differences: readonly string[]; readonly uncompared?: string };
  /** The network's weights in the order of its layers, then the tensors that none of them took. */
  readonly rows: readonly MappingRow[];
}

export type MappingRow =
  | (WeightRow & { readonly state: 'loaded' })
  /** The file has no tensor of that name; or it tells itself that the weight was never loaded nor trained. */
  | (WeightRow & { readonly state: 'missing'; readonly told?: true })
  | (WeightRow & { readonly state: 'wrongShape'; readonly found: readonly number[] })
  /** The file's, not the network's. `expected`: a count that no network needs. */
  | {
      readonly state: 'skipped';
      readonly tensor: string;
      readonly found: readonly number[];
      readonly expected: boolean;
    };

export interface WeightRow {
  /** Our name, `conv1/kernel`, and our shape. */
  readonly weight: string;
  readonly shape: readonly number[];
  /** The file's name, and the shape that it would have there. */
  readonly tensor: string;
  readonly stored: readonly number[];
  /** Whether it belongs to a head that evaluation drops. */
  readonly auxiliary: boolean;
}

/**
 * Why a file is not all of the network, in a few words; nothing if it is. Heads that evaluation drops may be wanting,
 * but not in parts, and so may what the file itself tells was never loaded. A tensor that no weight took tells of another
 * network.
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

/** In what the file’s network differs from ours, a line each. */
export function differencesOf({ architecture }: MappingReport): readonly string[] {
  if (!architecture || 'uncompared' in architecture) return [];
  return architecture.differences.map(({ expected, found }) => `expected ${expected}, found ${found}`);
}

/** Why a file’s network is not ours, in a few words; nothing where it is, or says nothing of itself. */
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

/** The first of some names, and whether there are more. */
export function few(names: readonly string[]): string {
  return [...names.slice(0, 3), ...(names.length > 3 ? ['…'] : [])].join(', ');
}
