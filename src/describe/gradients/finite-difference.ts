/**
 * How far a derivative may lie from the finite difference, relative to the largest derivative of its tensor.
 * Single precision and the bend within a step allow about 10⁻³; a wrong factor, sign or index is off by far more.
 */
export const tolerance = 0.01;

/** An agreement that a smaller step would not improve. */
const goodEnough = tolerance / 10;

/** Relative to the size of the tensor's values, which is about 1 where it is not stated. */
const steps = [1e-2, 2.5e-3, 6e-4];

export interface Slope {
  /** The derivative that is to be checked. */
  readonly derivative: number;
  /** The largest of its tensor. */
  readonly largest: number;
  /** The size of the tensor's values. */
  readonly size: number;
  /** By how much the function changes when the entry is shifted; `by` is what the shift was after rounding. */
  at(shift: number): Promise<{ readonly change: number; readonly by: number }>;
}

export interface Comparison {
  /** Relative to the largest derivative. */
  readonly error: number;
  /** The function bends here (a ReLU at 0, two equal inputs of a maximum): there is nothing to compare with. */
  readonly skipped: boolean;
}

/** The differences to both sides, relative to the largest derivative. */
interface Sides {
  readonly up: number;
  readonly down: number;
}

/** Compares a derivative with central differences, with smaller steps as long as that helps. */
export async function compare({ derivative, largest, size, at }: Slope): Promise<Comparison> {
  const scale = largest === 0 ? 1 : largest;
  let error = Infinity;
  const found: Sides[] = [];
  for (const step of steps) {
    const up = await at(step * size);
    const down = await at(-step * size);
    const central = (up.change - down.change) / (up.by - down.by);
    error = Math.min(error, Math.abs(central - derivative) / scale);
    found.push({ up: up.change / up.by / scale, down: down.change / down.by / scale });
    if (error <= goodEnough) break;
  }
  return { error, skipped: error > tolerance && bends(error, found.at(-2)!, found.at(-1)!) };
}

/**
 * Whether an error is due to a bend: the differences to the two sides and with two steps disagree with each other
 * more than with the derivative, or those to the two sides do not come closer when the step shrinks to a quarter, as
 * they would where the function is smooth.
 */
function bends(error: number, before: Sides, after: Sides): boolean {
  const all = [before.up, before.down, after.up, after.down];
  const gap = ({ up, down }: Sides) => Math.abs(up - down);
  return (
    error <= Math.max(...all) - Math.min(...all) || (gap(after) > goodEnough && gap(after) > gap(before) / 2)
  );
}
