/** How some numbers ran over the steps: a line each, with its name at its end. */
import { number } from '../../parts/numbers';

export interface CourseProps {
  readonly label: string;
  /** What runs from left to right. */
  readonly axis: string;
  readonly lines: readonly { readonly name: string; readonly values: readonly number[] }[];
}

const [width, height] = [480, 160];
const inner = { left: 52, right: 8, top: 8, bottom: 24 };

export function Course({ label, axis, lines }: CourseProps) {
  const all = lines.flatMap(({ values }) => values);
  const [least, most] = [Math.min(0, ...all), Math.max(0, ...all)];
  const steps = Math.max(1, (lines[0]?.values.length ?? 1) - 1);
  const x = (step: number) => inner.left + ((width - inner.left - inner.right) * step) / steps;
  const y = (value: number) =>
    inner.top + ((height - inner.top - inner.bottom) * (most - value)) / (most - least || 1);
  const pathOf = (values: readonly number[]) =>
    values.map((value, step) => `${step ? 'L' : 'M'}${x(step).toFixed(1)} ${y(value).toFixed(1)}`).join('');
  const ticks = [...new Set([least, 0, most])];
  return (
    <figure class="course">
      <svg viewBox={`0 0 ${width} ${height}`} role="img" aria-label={label}>
        {ticks.map((value) => (
          <g class="tick">
            <line x1={inner.left} x2={width - inner.right} y1={y(value)} y2={y(value)} />
            <text x={inner.left - 6} y={y(value) + 4} text-anchor="end">
              {number(value, 3)}
            </text>
          </g>
        ))}
        <text x={inner.left} y={height - 6}>
          0
        </text>
        <text x={width - inner.right} y={height - 6} text-anchor="end">
          {axis}: {steps}
        </text>
        {lines.map(({ values }, at) => (
          <path class={`line line-${at}`} d={pathOf(values)} />
        ))}
      </svg>
      <figcaption class="row">
        {lines.map(({ name }, at) => (
          <span>
            <svg class="key" viewBox="0 0 30 8" aria-hidden="true">
              <path class={`line line-${at}`} d="M0 4L30 4" />
            </svg>{' '}
            {name}
          </span>
        ))}
      </figcaption>
    </figure>
  );
}
