/** Selects the cells that win in their columns and so represent their planes. */

/** A cell of a layer: its plane, and its position in it. */
export interface Cell {
  readonly plane: number;
  readonly row: number;
  readonly column: number;
}

/**
 * The cells that represent their planes in the response to one image. A column is a square of `side` cells through all
 * planes; there is one at every position where it fits, so columns overlap. The strongest cell of each column is a
 * candidate, and of several candidates in a plane the strongest is chosen. A silent cell is no candidate; of equal
 * cells the first counts, by row, column and plane.
 * Source: Fukushima 1980, §3.
 * @param outputs `[cells, cells, planes]`, ≥ 0
 */
export function representatives(outputs: Float32Array, cells: number, side: number): readonly Cell[] {
  const planes = outputs.length / cells ** 2;
  const chosen = new Map<number, number>();
  for (let top = 0; top + side <= cells; top++) {
    for (let left = 0; left + side <= cells; left++) {
      const candidate = strongest(outputs, cells, planes, { top, left, side });
      if (candidate === undefined) continue;
      const plane = candidate % planes;
      const rival = chosen.get(plane);
      if (rival === undefined || outputs[candidate]! > outputs[rival]!) chosen.set(plane, candidate);
    }
  }
  return [...chosen].map(([plane, at]) => {
    const place = Math.floor(at / planes);
    return { plane, row: Math.floor(place / cells), column: place % cells };
  });
}

/** The index of a column's strongest cell, if any responds. */
function strongest(
  outputs: Float32Array,
  cells: number,
  planes: number,
  { top, left, side }: { readonly top: number; readonly left: number; readonly side: number },
): number | undefined {
  let best: number | undefined;
  for (let row = top; row < top + side; row++) {
    const end = (row * cells + left + side) * planes;
    for (let at = (row * cells + left) * planes; at < end; at++) {
      if (outputs[at]! > (best === undefined ? 0 : outputs[best]!)) best = at;
    }
  }
  return best;
}
