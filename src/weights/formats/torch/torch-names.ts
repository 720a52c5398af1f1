/** Removes from the names of a state dict what PyTorch's wrappers and training scripts add. */
import type { ForeignTensor } from '../foreign-weights';

/** `DataParallel` and `AveragedModel` wrap the whole model or a part of it; so does `torch.compile`. */
const wrappers = new Set(['module', '_orig_mod']);

/** A counter that `AveragedModel` stores next to the averages. */
const averages = 'n_averaged';

/**
 * The same entries with the names that they would have without wrappers: `module.features.0.weight` and
 * `features.module.0.weight` become `features.0.weight`. The names are unchanged if two would become equal.
 */
export function unwrapped<T>(entries: readonly (readonly [string, T])[]): readonly (readonly [string, T])[] {
  const renamed = entries
    .filter(([name]) => name !== averages)
    .map(([name, value]) => [withoutWrappers(name), value] as const);
  return new Set(renamed.map(([name]) => name)).size === renamed.length ? renamed : entries;
}

function withoutWrappers(name: string): string {
  const parts = name.split('.');
  return parts.filter((part, at) => at === parts.length - 1 || !wrappers.has(part)).join('.');
}

/** The prefix in front of the names that a network's files have. */
export interface Prefixed {
  readonly tensors: readonly ForeignTensor[];
  /** Such as `model.`; empty if nothing was removed. */
  readonly prefix: string;
  /** Several prefixes that match equally well; then none is removed. */
  readonly rivals: readonly string[];
}

/**
 * A file's tensors without the prefix that a training script puts before each name (`model.` of Lightning,
 * `backbone.`), if removing exactly one such prefix gives names of the network.
 * @param layers the toolkit's names of the network's layers, `features.0`
 */
export function withoutPrefix(tensors: readonly ForeignTensor[], layers: readonly string[]): Prefixed {
  const known = new Set(layers);
  const counts = new Map<string, number>();
  for (const { name } of tensors) {
    const layer = name.slice(0, Math.max(0, name.lastIndexOf('.')));
    const parts = layer.split('.');
    // Layers of the zoo have at most four parts; the limit keeps the cost proportional to the length of the names.
    for (let at = Math.max(0, parts.length - deepest); at < parts.length; at++) {
      if (!known.has(parts.slice(at).join('.'))) continue;
      const prefix = parts.slice(0, at).map((part) => `${part}.`);
      counts.set(prefix.join(''), (counts.get(prefix.join('')) ?? 0) + 1);
    }
  }
  const plain = { tensors, prefix: '', rivals: [] };
  const most = Math.max(0, ...counts.values());
  // A single layer's name, such as `fc`, occurs in many networks; and names that match as they are need no change.
  if ((counts.get('') ?? 0) >= most || most < leastInCommon) return plain;
  const best = [...counts].filter(([, count]) => count === most).map(([prefix]) => prefix);
  if (best.length > 1) return { ...plain, rivals: best };
  const [prefix] = best as [string];
  const renamed = tensors.map((tensor) =>
    tensor.name.startsWith(prefix) ? { ...tensor, name: tensor.name.slice(prefix.length) } : tensor,
  );
  const unique = new Set(renamed.map(({ name }) => name)).size === renamed.length;
  return unique ? { tensors: renamed, prefix, rivals: [] } : plain;
}

const deepest = 6;
const leastInCommon = 4;
