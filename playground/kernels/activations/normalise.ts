/** Local response normalisation of a unit, taken apart. Source: Krizhevsky, Sutskever, Hinton 2012, §3.3. */
import type { LayerOutput } from '../../../src/describe/units/activations';
import { planeOf, type Plane } from '../plane';

/** The paper's constants. */
export interface Normalisation {
  readonly k: number;
  /** The number of neighbouring maps in the sum, odd. */
  readonly n: number;
  readonly alpha: number;
  readonly beta: number;
}

/** Those of AlexNet. */
export const ofThePaper: Normalisation = { k: 2, n: 5, alpha: 1e-4, beta: 0.75 };

/** The maps in the sum of a map: from i − ⌊n/2⌋ to i + ⌊n/2⌋, as far as there are maps. */
export function neighboursOf(map: number, maps: number, n: number): readonly number[] {
  const reach = Math.floor(n / 2);
  const first = Math.max(0, map - reach);
  return Array.from({ length: Math.min(maps - 1, map + reach) - first + 1 }, (_, at) => first + at);
}

/** b = a / (k + α Σ a_j²)^β with its steps. */
interface Normalised {
  readonly sumOfSquares: number;
  readonly divisor: number;
  readonly value: number;
}

export function normalisedUnit(
  a: number,
  around: readonly number[],
  { k, alpha, beta }: Normalisation,
): Normalised {
  const sumOfSquares = around.reduce((sum, value) => sum + value ** 2, 0);
  const divisor = (k + alpha * sumOfSquares) ** beta;
  return { sumOfSquares, divisor, value: a / divisor };
}

/** One map of a layer, normalised across the layer's maps. */
export function normalisedPlane(
  { shape, values }: LayerOutput,
  map: number,
  normalisation: Normalisation,
): Plane {
  const [height, width, maps] = shape as readonly [number, number, number];
  const neighbours = neighboursOf(map, maps, normalisation.n);
  return planeOf(height, width, (row, column) => {
    const first = (row * width + column) * maps;
    const around = neighbours.map((each) => values[first + each]!);
    return normalisedUnit(values[first + map]!, around, normalisation).value;
  });
}
