/** The differences between two networks, layer by layer. */
import type { LayerDescription } from './describe-model';
import type { NetworkDescription } from './describe-network';

/** The differences between two networks, row by row, from the first to the second. */
export interface NetworkDiff {
  readonly from: string;
  readonly to: string;
  readonly layers: readonly LayerDiff[];
  readonly parameters: Change<number>;
  readonly auxiliaryParameters: Change<number>;
  readonly multiplyAdds: Change<number>;
  /** Fields of the recipe that differ, such as `optimiser.momentum`; guesses are left out. */
  readonly recipe: readonly FieldDiff[];
}

/** A value in one network and in the other. */
export interface Change<T> {
  readonly from: T;
  readonly to: T;
}

/** How a layer differs between two networks. */
export interface LayerDiff {
  readonly status: 'same' | 'changed' | 'removed' | 'added';
  /** Null on the side where the layer does not exist. */
  readonly name: Change<string | null>;
  /** Settings that differ; `reads` where the inputs are other layers, and `output` where the output shape differs. */
  readonly changes: readonly FieldDiff[];
  readonly parameters: number;
  readonly multiplyAdds: number;
  /** The layer in the second network, or in the first if it was removed. */
  readonly layer: LayerDescription;
}

/** How a field of the recipe differs between two networks. */
export interface FieldDiff extends Change<unknown> {
  readonly field: string;
}

/** The `parameters` and `multiplyAdds` of a layer are differences: the second network's count minus the first's. */
export function diffNetworks(from: NetworkDescription, to: NetworkDescription): NetworkDiff {
  const change = (field: 'parameters' | 'auxiliaryParameters' | 'multiplyAdds') => ({
    from: from[field],
    to: to[field],
  });
  return {
    from: from.name,
    to: to.name,
    layers: aligned(from.layers, to.layers).map(([a, b]) => diffLayers(a, b, from, to)),
    parameters: change('parameters'),
    auxiliaryParameters: change('auxiliaryParameters'),
    multiplyAdds: change('multiplyAdds'),
    recipe: differences({ ...from.recipe, guesses: {} }, { ...to.recipe, guesses: {} }),
  };
}

type Pair = readonly [LayerDescription | null, LayerDescription | null];

/**
 * Pairs the layers of two networks: first layers with the same name, then, between two such pairs, layers of the same
 * kind in order. Unpaired layers are removed or added.
 */
export function aligned(from: readonly LayerDescription[], to: readonly LayerDescription[]): readonly Pair[] {
  const inFrom = new Map(from.map((layer) => [layer.name, layer]));
  const inTo = new Set(to.map(({ name }) => name));
  const pairs: Pair[] = [];
  let start = 0;
  let waiting: LayerDescription[] = [];
  const meet = (end: number) => {
    pairs.push(
      ...byKind(
        from.slice(start, end).filter(({ name }) => !inTo.has(name)),
        waiting,
      ),
    );
    waiting = [];
    start = Math.max(start, end);
  };
  for (const layer of to) {
    const partner = inFrom.get(layer.name);
    if (!partner) {
      waiting.push(layer);
      continue;
    }
    meet(from.indexOf(partner));
    pairs.push([partner, layer]);
  }
  meet(from.length);
  return pairs;
}

function byKind(removed: readonly LayerDescription[], added: readonly LayerDescription[]): Pair[] {
  const left = [...removed];
  const pairs = added.map((layer): Pair => {
    const index = left.findIndex(({ settings }) => settings['kind'] === layer.settings['kind']);
    return [index < 0 ? null : left.splice(index, 1)[0]!, layer];
  });
  return [...left.map((layer): Pair => [layer, null]), ...pairs];
}

function diffLayers(
  a: LayerDescription | null,
  b: LayerDescription | null,
  from: NetworkDescription,
  to: NetworkDescription,
): LayerDiff {
  const changes = a && b ? differences(comparable(a, to), comparable(b, from)) : [];
  return {
    status: !a ? 'added' : !b ? 'removed' : changes.length > 0 || a.name !== b.name ? 'changed' : 'same',
    name: { from: a?.name ?? null, to: b?.name ?? null },
    changes,
    parameters: (b?.parameters ?? 0) - (a?.parameters ?? 0),
    multiplyAdds: (b?.multiplyAdds ?? 0) - (a?.multiplyAdds ?? 0),
    layer: (b ?? a)!,
  };
}

/** The properties of a layer that are compared; its inputs only where the other network has layers with those names. */
function comparable({ settings, inputs, outputShape }: LayerDescription, other: NetworkDescription): object {
  const shared = inputs.every((input) => other.layers.some(({ name }) => name === input));
  return { ...settings, ...(shared && { reads: inputs.join(', ') }), output: outputShape.join('×') };
}

/** The fields in which two records differ; nested records are compared field by field where their kinds agree. */
export function differences(from: object, to: object, prefix = ''): readonly FieldDiff[] {
  const fields = [...new Set([...Object.keys(from), ...Object.keys(to)])];
  return fields.flatMap((key) => {
    const [a, b] = [(from as Record<string, unknown>)[key], (to as Record<string, unknown>)[key]];
    if (key === 'reads' && (a === undefined || b === undefined)) return [];
    const field = `${prefix}${key}`;
    if (isRecord(a) && isRecord(b) && a['kind'] === b['kind']) return differences(a, b, `${field}.`);
    return JSON.stringify(a) === JSON.stringify(b) ? [] : [{ field, from: a ?? null, to: b ?? null }];
  });
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
