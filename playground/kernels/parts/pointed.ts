/** The unit of a map that is looked at. */
import { useState } from 'preact/hooks';
import { strongest, type Plane } from '../plane';
import { unitIn } from '../settings';

export type Place = readonly [row: number, column: number];

/** The unit under the pointer, else the one that the address names, else the map's strongest. */
export function usePointed(plane: Plane | null, chosen: string, choose: (place: string) => void) {
  const [hovered, setHovered] = useState<Place | null>(null);
  const inside = (place: Place | null) =>
    place && plane && place[0] < plane.height && place[1] < plane.width ? place : null;
  const kept: Place = plane ? (unitIn(chosen, plane) ?? strongest(plane)) : [0, 0];
  return {
    place: inside(hovered) ?? kept,
    /** What a map needs to be pointed at. */
    pointing: {
      chosen: kept,
      onChoose: (row: number, column: number) => choose(`${row}.${column}`),
      onHover: setHovered,
    },
  };
}
