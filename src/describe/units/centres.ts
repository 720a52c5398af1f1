/** Where in the image the positions of a layer's maps look: the centres of their receptive fields. */
import { withoutBatch } from '../../layers/cost';
import type { GraphLayer } from '../layers/layer-graph';
import { windowOf } from '../layers/layer-settings';
import { readsOf } from './reads';

/** Along one axis: position p looks at `first` + `step` · p, in pixels; the first pixel's own centre is 0. */
export interface Line {
  readonly first: number;
  readonly step: number;
}

/** The centres of a layer's receptive fields along both axes. What lies outside the image counts as part of a field. */
export interface Centres {
  readonly rows: Line;
  readonly columns: Line;
}

/**
 * The centres of the receptive fields of a layer of maps. Padding decides where they begin, so that maps which are
 * drawn over an image cannot simply be stretched to its size: those of LeNet-5's C3 begin 6.5 pixels within it. Where
 * branches are joined, the first one's.
 */
export function centresOf({ layer, inputs: [below] }: GraphLayer): Centres {
  if (!below) return { rows: { first: 0, step: 1 }, columns: { first: 0, step: 1 } };
  const [height, width] = withoutBatch(layer.outputShape) as [number, number];
  const [rowsBelow, columnsBelow] = withoutBatch(below.layer.outputShape) as [number, number];
  // In the middle, where the window lies within the layer below, or is cut off the least.
  const [row, column] = [Math.floor(height / 2), Math.floor(width / 2)];
  const { window, outside = [0, 0] } = readsOf({ layer, inputs: [below], name: '', auxiliary: false }, [
    row,
    column,
    0,
  ])[0]!;
  const { rows, columns } = centresOf(below);
  const line = (under: Line, place: number, positions: number, start: number): Line => {
    const { size, stride } = windowOf(layer, positions);
    const middle = start + (size - 1) / 2;
    return { first: under.first + under.step * (middle - stride * place), step: under.step * stride };
  };
  return {
    rows: line(rows, row, rowsBelow, window.top - outside[0]),
    columns: line(columns, column, columnsBelow, window.left - outside[1]),
  };
}
