/** A layer as it stands in Keras's description of a model. */
export interface PlacedLayer {
  readonly name: string;
  /** The layers whose outputs it takes, in order. */
  readonly below: readonly string[];
}

/**
 * The layers in the order that Keras gives them, by which it finds their weights in an `.h5` file: those that are
 * farthest from an output first, and of those equally far the one that a walk down from the outputs meets first. Keras
 * puts them so when it opens a model, in whatever order they are described.
 */
export function kerasOrder(layers: readonly PlacedLayer[], outputs: readonly string[]): string[] {
  const belowOf = new Map(layers.map(({ name, below }) => [name, below]));
  const met = new Set<string>();
  const finished: string[] = [];
  const walk = (name: string): void => {
    if (met.has(name)) return;
    met.add(name);
    belowOf.get(name)!.forEach(walk);
    finished.push(name);
  };
  outputs.forEach(walk);
  const distances = new Map<string, number>();
  // A layer comes after all that read it, so that its distance is known when it passes it on.
  for (const name of finished.reverse()) {
    const distance = distances.get(name) ?? 0;
    distances.set(name, distance);
    for (const below of belowOf.get(name)!)
      distances.set(below, Math.max(distances.get(below) ?? 0, distance + 1));
  }
  return [...met].sort((one, other) => distances.get(other)! - distances.get(one)!);
}
