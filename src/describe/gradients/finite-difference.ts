/**
 * How far a derivative may lie from the finite difference, relative to the largest derivative of its tensor. Single
 * precision and the curvature within a step cause errors of about 10⁻³; a wrong factor, sign or index causes far larger
 * ones.
 */
export const tolerance = 0.01;

/** An error so small that no smaller step is tried. */
const goodEnough = tolerance / 10;

/** Step sizes, relative to the size of the tensor's values, which is about 1 if not given. */
const steps = [1e-2, 2.5e-3, 6e-4];

export interface Slope {
  /** The derivative to check. */
  readonly derivative: number;
  /** The largest derivative in its tensor. */
  readonly largest: number;
  /** The size of the tensor's values. */
  readonly size: number;
  /** The change in the function when the entry is shifted; `by` is the shift after rounding. */
  at(shift: number): Promise<{ readonly change: number; readonly by: number }>;
}

export interface Comparison {
  /** Relative to the largest derivative. */
  readonly error: number;
  /**
   * Whether the function has a kink here (a ReLU at 0, two equal inputs of a maximum), so that there is no derivative
   * to compare.
   */
  readonly skipped: boolean;
}

/** The one-sided differences, relative to the largest derivative. */
interface Sides {
  readonly up: number;
  readonly down: number;
}

/** Compares a derivative with central differences, and tries smaller steps as long as that helps. */
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
 * Whether an error is due to a kink. Either the one-sided differences at two step sizes disagree with each other more
 * than with the derivative, or the two one-sided differences do not approach each other when the step shrinks to a
 * quarter, as they would for a smooth function.
 */
function bends(error: number, before: Sides, after: Sides): boolean {
  const all = [before.up, before.down, after.up, after.down];
  const gap = ({ up, down }: Sides) => Math.abs(up - down);
  return (
    error <= Math.max(...all) - Math.min(...all) || (gap(after) > goodEnough && gap(after) > gap(before) / 2)
  );
}
