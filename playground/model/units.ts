/** The units of a layer: their names in the address, and where they stand in a picture of the layer’s output. */
import { elementCount } from '../../src/core/shape';
import { mapOf, type LayerOutput } from '../../src/describe/units/activations';
import type { Unit } from '../../src/describe/units/reads';

/** A unit, and the layer that it is of. */
interface NamedUnit {
  readonly layer: string;
  readonly unit: Unit;
}

/** The unit that a text names: `C3.7.4.5` is map 7 of C3 at row 4 and column 5, each from 0; `F6.12` is unit 12. */
export function namedUnit(text: string): NamedUnit | undefined {
  const [, layer, numbers] = /^(.+?)((?:\.\d+)+)$/.exec(text) ?? [];
  if (layer === undefined) return undefined;
  const [map, ...place] = numbers!.slice(1).split('.').map(Number) as [number, ...number[]];
  return { layer, unit: [...place, map] };
}

/** The text that names a unit. */
export function unitText(layer: string, unit: Unit): string {
  return [layer, unit.at(-1)!, ...unit.slice(0, -1)].join('.');
}

/** Whether an output has a unit. @param shape without the batch */
export function hasUnit(shape: readonly number[], unit: Unit): boolean {
  return unit.length === shape.length && unit.every((index, axis) => index < shape[axis]!);
}

/** How an output is laid out to be drawn: as its maps, or a vector’s units in the rows of a single one. */
export interface Layout {
  /** Of the output, without the batch. */
  readonly shape: readonly number[];
  readonly maps: number;
  readonly height: number;
  readonly width: number;
  /** Whether it is a vector; maps of 1×1, as LeNet-5’s C5 has, are one. */
  readonly isVector: boolean;
}

/** @param shape `[height, width, maps]` or `[units]` */
export function layoutOf(shape: readonly number[]): Layout {
  const units = elementCount(shape);
  if (units > shape.at(-1)!) {
    const [height, width, maps] = shape as [number, number, number];
    return { shape, maps, height, width, isVector: false };
  }
  const width = rowLength(units);
  return { shape, maps: 1, height: Math.ceil(units / width), width, isVector: true };
}

/** The length of rows that makes a nearly square picture of a vector, without a rest if there is one. */
export function rowLength(units: number): number {
  // LeNet-5’s F6 stands as the bitmaps of 7×12 with which it is compared: LeCun et al. 1998, Fig. 3.
  if (units === 84) return 7;
  if (units <= 20) return units;
  const root = Math.ceil(Math.sqrt(units));
  for (let width = root; width <= 2 * root; width++) if (units % width === 0) return width;
  return root;
}

/** A map as it is drawn; of a vector, all units, and zeros after the last. */
export function drawnMap(
  output: LayerOutput,
  map: number,
  { height, width, isVector }: Layout,
): Float32Array {
  if (!isVector) return mapOf(output, map);
  const picture = new Float32Array(height * width);
  picture.set(output.values);
  return picture;
}

/** The unit at a place of a drawn map; where a vector has ended, its last. */
export function unitAt({ shape, width, isVector }: Layout, map: number, row: number, column: number): Unit {
  if (!isVector) return [row, column, map];
  return [...shape.slice(0, -1).map(() => 0), Math.min(shape.at(-1)! - 1, row * width + column)];
}

/** Where a unit is drawn. */
export function placeIn(
  { width, isVector }: Layout,
  unit: Unit,
): { readonly map: number; readonly row: number; readonly column: number } {
  const last = unit.at(-1)!;
  if (isVector) return { map: 0, row: Math.floor(last / width), column: last % width };
  return { map: last, row: unit[0]!, column: unit[1]! };
}
