/** How the output of a layer is laid out to be drawn: as its maps, or a vector's units in rows. */
import { elementCount } from '../../../src/core/shape';
import { rowLength } from '../../glance/stages';
import { mapOf, type LayerOutput } from '../../../src/describe/units/activations';

/** Maps of one size. Of a vector, a single one, in which the units stand row by row, with zeros after the last. */
export interface DrawnMaps {
  readonly maps: readonly Float32Array[];
  readonly height: number;
  readonly width: number;
  /** The number of units, if the maps hold one unit each. */
  readonly units: number | null;
}

/** A unit, by its map and its place there; of a vector, its number is the map's, and the place is 0, 0. */
export interface UnitPlace {
  readonly map: number;
  readonly row: number;
  readonly column: number;
}

/** A layer's maps; those of 1×1, as of LeNet-5's C5, are units of a vector. */
export function drawnMaps(output: LayerOutput): DrawnMaps {
  const maps = output.shape.at(-1)!;
  const size = elementCount(output.shape);
  if (size > maps) {
    const [height, width] = output.shape as [number, number, number];
    return {
      maps: Array.from({ length: maps }, (_, map) => mapOf(output, map)),
      ...{ height, width, units: null },
    };
  }
  const width = unitsInRow(size);
  const height = Math.ceil(size / width);
  const padded = new Float32Array(height * width);
  padded.set(output.values);
  return { maps: [padded], height, width, units: size };
}

/** The length of the rows of a vector: LeNet-5’s F6 stands as the bitmaps of 7×12 with which it is compared. */
export function unitsInRow(units: number): number {
  return units === 84 ? 7 : rowLength(units);
}

/** The unit at a place of a drawn map; undefined where a vector has ended. */
export function unitAt(drawn: DrawnMaps, map: number, row: number, column: number): UnitPlace | undefined {
  if (drawn.units === null) return { map, row, column };
  const unit = row * drawn.width + column;
  return unit < drawn.units ? { map: unit, row: 0, column: 0 } : undefined;
}

/** Where a unit is drawn; undefined if the layer has no such unit. */
export function placeIn(drawn: DrawnMaps, { map, row, column }: UnitPlace): UnitPlace | undefined {
  if (drawn.units === null) {
    const inside = map < drawn.maps.length && row < drawn.height && column < drawn.width;
    return inside ? { map, row, column } : undefined;
  }
  if (map >= drawn.units || row > 0 || column > 0) return undefined;
  return { map: 0, row: Math.floor(map / drawn.width), column: map % drawn.width };
}

/**
 * A unit as the address says it: `C3.7.4.5` is the layer, the map, the row and the column, each from 0; of a vector,
 * `F6.12`.
 * @param shape of the layer's output, without the batch
 */
export function unitText(layer: string, { map, row, column }: UnitPlace, shape: readonly number[]): string {
  return shape.length === 3 ? `${layer}.${map}.${row}.${column}` : `${layer}.${map}`;
}

/** The unit that the address says; undefined if it says none. */
export function unitOf(text: string): (UnitPlace & { readonly layer: string }) | undefined {
  const [, layer, map, row = '0', column = '0'] = /^(.+?)\.(\d+)(?:\.(\d+)\.(\d+))?$/.exec(text) ?? [];
  if (layer === undefined) return undefined;
  return { layer, map: Number(map), row: Number(row), column: Number(column) };
}
