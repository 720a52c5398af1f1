/** A squashing function as a curve, with the dot of one unit on it. */
import { amplitude, slope } from '../../src/layers/scaled-tanh';
import { glance } from '../texts/glance';
import { useTexts } from '../texts/language';
import { number } from '../parts/numbers';

const functions = {
  ScaledTanh: (sum: number) => amplitude * Math.tanh(slope * sum),
  ReLU: (sum: number) => Math.max(0, sum),
} as const;

interface CurveProps {
  readonly kind: keyof typeof functions;
  readonly from: number;
  readonly to: number;
}

export function SquashCurve({ kind, from, to }: CurveProps) {
  const texts = useTexts(glance);
  const reach = Math.max(4, Math.ceil(Math.abs(from)));
  const highest = Math.max(2, ...[-reach, reach].map((sum) => Math.abs(functions[kind](sum))));
  const x = (sum: number) => 100 + (90 * sum) / reach;
  const y = (state: number) => 50 - (44 * state) / highest;
  const points = Array.from({ length: 81 }, (_, at) => ((at - 40) / 40) * reach);
  return (
    <svg
      class="squash"
      viewBox="0 0 200 100"
      role="img"
      aria-label={`${texts.curve}: ${number(from)}, ${number(to)}`}
    >
      <path d="M10 50H190M100 6V94" class="axis" />
      <polyline
        points={points.map((sum) => `${x(sum)},${y(functions[kind](sum))}`).join(' ')}
        class="curve"
      />
      <path d={`M${x(from)} 50V${y(to)}`} class="drop" />
      <circle cx={x(from)} cy={y(to)} r="4" class="dot" />
      <text x="190" y="62" text-anchor="end">
        a = ±{reach}
      </text>
      <text x="104" y="14">
        {number(highest, 2)}
      </text>
    </svg>
  );
}
