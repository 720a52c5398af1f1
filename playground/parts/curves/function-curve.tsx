/** The curve of a function, and one value of it; with the range of a map’s sums, if it is given. */
import { number } from '../../../src/core/text/numbers';

interface FunctionCurveProps {
  readonly of: (a: number) => number;
  readonly chosen: number;
  /** What a screen reader says of it. */
  readonly label: string;
  readonly range?: readonly [least: number, most: number];
}

const [width, height, margin] = [360, 240, 30] as const;

export function FunctionCurve({ of, chosen, label, range }: FunctionCurveProps) {
  const [least, most] = range ?? [chosen, chosen];
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
  return (
    <svg class="function-curve" viewBox={`0 0 ${width} ${height}`} role="img" aria-label={label}>
      {range && (
        <rect x={x(least)} width={Math.max(1, x(most) - x(least))} y={margin} height={height - 2 * margin} />
      )}
      <path class="axis" d={`M${margin} ${y(0)}H${width - margin}M${x(0)} ${margin}V${height - margin}`} />
      <path class="line" d={path(all)} />
      {range && <path class="taken" d={path(samples(least, most))} />}
      <path class="drop" d={`M${x(chosen)} ${y(0)}V${y(of(chosen))}`} />
      <circle cx={x(chosen)} cy={y(of(chosen))} r="6" />
      <Texts {...{ reach, x, y }} heights={[Math.min(...heights), Math.max(...heights)]} />
    </svg>
  );
}

/** The ends of the axes, and their names. */
function Texts(props: {
  readonly reach: number;
  readonly heights: readonly [least: number, most: number];
  readonly x: (a: number) => number;
  readonly y: (f: number) => number;
}) {
  const { reach, heights, x, y } = props;
  const [least, most] = heights;
  const middle = (Math.min(-0.2, least) + Math.max(0.2, most)) / 2;
  return (
    <>
      {[-reach, reach].map((end) => (
        <text x={x(end)} y={height - 8} text-anchor="middle">
          {number(end, 3)}
        </text>
      ))}
      <text x={width - 8} y={y(0) - 6} text-anchor="end">
        a
      </text>
      <text x={x(0) - 6} y={margin - 8} text-anchor="end">
        f(a)
      </text>
      {heights.map((value) => (
        <text x={x(0) + 6} y={y(value) + (value > middle ? -6 : 16)}>
          {number(value, 3)}
        </text>
      ))}
    </>
  );
}
