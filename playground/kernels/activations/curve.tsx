/** The curve of a function, with the range of a map's sums, and one of them. */
import { number } from '../../parts/numbers';

export interface CurveProps {
  readonly of: (a: number) => number;
  readonly range: readonly [least: number, most: number];
  readonly chosen: number;
  readonly label: string;
}

const [width, height, margin] = [360, 240, 30] as const;

export function Curve({ of, range: [least, most], chosen, label }: CurveProps) {
  const reach = Math.max(3, Math.ceil(Math.max(-least, most)));
  const samples = (from: number, to: number) =>
    Array.from({ length: 121 }, (_, at) => from + ((to - from) * at) / 120);
  const all = samples(-reach, reach);
  const heights = all.map(of);
  const [bottom, top] = [Math.min(-0.2, ...heights), Math.max(0.2, ...heights)];
  const x = (a: number) => margin + ((a + reach) / (2 * reach)) * (width - 2 * margin);
  const y = (f: number) => height - margin - ((f - bottom) / (top - bottom)) * (height - 2 * margin);
  const path = (places: readonly number[]) =>
    places.map((a, at) => `${at ? 'L' : 'M'}${x(a).toFixed(1)} ${y(of(a)).toFixed(1)}`).join('');
  const one = (text: number) => number(text, 3);
  return (
    <svg class="curve" viewBox={`0 0 ${width} ${height}`} role="img" aria-label={label}>
      <rect
        class="range"
        x={x(least)}
        width={Math.max(1, x(most) - x(least))}
        y={margin}
        height={height - 2 * margin}
      />
      <path class="axis" d={`M${margin} ${y(0)}H${width - margin}M${x(0)} ${margin}V${height - margin}`} />
      <path class="line" d={path(all)} />
      <path class="taken" d={path(samples(least, most))} />
      <circle cx={x(chosen)} cy={y(of(chosen))} r="6" />
      <text x={margin} y={height - 8} text-anchor="middle">
        {one(-reach)}
      </text>
      <text x={width - margin} y={height - 8} text-anchor="middle">
        {one(reach)}
      </text>
      <text x={width - 8} y={y(0) - 6} text-anchor="end">
        a
      </text>
      <text x={x(0) - 6} y={margin - 8} text-anchor="end">
        f(a)
      </text>
      {[Math.min(...heights), Math.max(...heights)].map((value) => (
        <text x={x(0) + 6} y={y(value) + (value > (top + bottom) / 2 ? -6 : 16)}>
          {one(value)}
        </text>
      ))}
    </svg>
  );
}
