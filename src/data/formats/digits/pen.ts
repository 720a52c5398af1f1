/** Draws strokes with a round pen, as grey pixels. */
import type { Point, Stroke } from './strokes';

const { ceil, floor, max, min, round, sqrt } = Math;

/** The number of straight pieces of a curve between two of its points. */
const pieces = 5;

/** The stroke as straight pieces; a curve is the Catmull-Rom spline through its points. */
export function trace({ kind, points }: Stroke): readonly Point[] {
  if (kind === 'line') return points;
  const path: Point[] = [points[0]!];
  for (let index = 1; index < points.length; index++) {
    const from = points[index - 1]!;
    const to = points[index]!;
    const before = points[index - 2] ?? from;
    const after = points[index + 1] ?? to;
    for (let piece = 1; piece <= pieces; piece++) {
      const t = piece / pieces;
      path.push([
        spline(before[0], from[0], to[0], after[0], t),
        spline(before[1], from[1], to[1], after[1], t),
      ]);
    }
  }
  return path;
}

/** Catmull-Rom: from b at t = 0 to c at t = 1, with the slopes (c − a)/2 and (d − b)/2. */
function spline(a: number, b: number, c: number, d: number, t: number): number {
  return b + (t / 2) * (c - a + t * (2 * a - 5 * b + 4 * c - d + t * (3 * (b - c) + d - a)));
}

/**
 * Inks the straight piece from one point to another with a round pen, its edge one pixel soft, into a grey image
 * `[size, size]` (0 empty, 255 ink). Points and radius are in pixels; pixel centres lie at whole numbers.
 */
export function ink(
  image: Uint8Array,
  size: number,
  [fromX, fromY]: Point,
  [toX, toY]: Point,
  radius: number,
): void {
  const reach = radius + 0.5;
  const core = max(0, radius - 0.5);
  const alongX = toX - fromX;
  const alongY = toY - fromY;
  const squared = alongX * alongX + alongY * alongY;
  const left = max(0, ceil(min(fromX, toX) - reach));
  const right = min(size - 1, floor(max(fromX, toX) + reach));
  const top = max(0, ceil(min(fromY, toY) - reach));
  const bottom = min(size - 1, floor(max(fromY, toY) + reach));
  for (let y = top; y <= bottom; y++) {
    for (let x = left; x <= right; x++) {
      const projection = squared > 0 ? ((x - fromX) * alongX + (y - fromY) * alongY) / squared : 0;
      const nearest = projection < 0 ? 0 : projection > 1 ? 1 : projection;
      const offX = x - fromX - nearest * alongX;
      const offY = y - fromY - nearest * alongY;
      const distance = offX * offX + offY * offY;
      if (distance >= reach * reach) continue;
      const grey = distance <= core * core ? 255 : min(255, round(255 * (reach - sqrt(distance))));
      const place = y * size + x;
      if (grey > image[place]!) image[place] = grey;
    }
  }
}
