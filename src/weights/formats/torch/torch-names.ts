/** What wrappers of PyTorch's put into the names of a state dict, and their way out again. */
import type { ForeignTensor } from '../foreign-weights';

/** `DataParallel` and `AveragedModel`, around the whole or a part; `torch.compile`. */
const wrappers = new Set(['module', '_orig_mod']);

/** A count that `AveragedModel` keeps beside what it averages. */
const averages = 'n_averaged';

/**
 * The same entries by the names that they would have without wrappers: `module.features.0.weight` and
 * `features.module.0.weight` become `features.0.weight`. As they are where two would then have one name.
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

/** What stands before the names that a network's files have. */
export interface Prefixed {
  readonly tensors: readonly ForeignTensor[];
  /** `model.`; empty where nothing was left out. */
  readonly prefix: string;
  /** Several that would do equally well, of which none was taken. */
  readonly rivals: readonly string[];
}

/**
 * A file's tensors without what a training script puts before each name (`model.` of Lightning, `backbone.`), where
 * exactly one such beginning gives names of the network.
 * @param layers what the toolkit calls the network's layers, `features.0`
 */
export function withoutPrefix(tensors: readonly ForeignTensor[], layers: readonly string[]): Prefixed {
  const known = new Set(layers);
  const counts = new Map<string, number>();
  for (const { name } of tensors) {
    const layer = name.slice(0, Math.max(0, name.lastIndexOf('.')));
    const parts = layer.split('.');
    // Layers of the zoo have at most four parts, so that names cost no more than their lengths.
    for (let at = Math.max(0, parts.length - deepest); at < parts.length; at++) {
      if (!known.has(parts.slice(at).join('.'))) continue;
      const prefix = parts.slice(0, at).map((part) => `${part}.`);
      counts.set(prefix.join(''), (counts.get(prefix.join('')) ?? 0) + 1);
    }
  }
  const plain = { tensors, prefix: '', rivals: [] };
  const most = Math.max(0, ...counts.values());
  // One layer's name, such as `fc`, is in many networks; what is there by its own name needs no other.
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
