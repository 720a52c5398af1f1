/** Curves over the same axes, as a drawing with a text. */
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { axisOf, pathOf, placeOn, ticksOf, type Axis, type Point } from './axis';
import { grouped, number } from '../../../src/core/text/numbers';

interface CurveLine {
  /** Bold, thin and quiet, or bold and dashed. */
  readonly look: 'bold' | 'thin' | 'dashed';
  /** Written below the drawing. */
  readonly name?: string;
  readonly points: readonly Point[];
  /** Whether each point has a dot. */
  readonly dots?: boolean;
}

/** A place on the horizontal axis that has a name. */
export interface CurveMark {
  readonly x: number;
  readonly text: string;
  /** Whether something ended there. */
  readonly isEnd?: boolean;
}

interface CurveProps {
  readonly lines: readonly CurveLine[];
  readonly marks?: readonly CurveMark[];
  readonly scale: Axis['kind'];
  readonly across: string;
  readonly up: string;
  /** What a screen reader says of it. */
  readonly label: string;
  /** Where a linear axis begins at most. */
  readonly least?: number;
  readonly format?: (value: number) => string;
}

const height = 250;
const margin = { top: 22, right: 12, bottom: 42, left: 58 } as const;

export function Curve({ lines, marks = [], scale, across, up, label, least, format = number }: CurveProps) {
  const [box, width] = useWidth();
  const points = lines.flatMap((line) => line.points);
  const horizontal = axisOf([...points.map(([x]) => x), ...marks.map(({ x }) => x)], 'linear', 0);
  const vertical = axisOf(
    points.map(([, y]) => y),
    scale,
    least,
  );
  const inner = {
    width: Math.max(40, width - margin.left - margin.right),
    height: height - margin.top - margin.bottom,
  };
  const toX = (x: number) => margin.left + (placeOn(horizontal, x) ?? 0) * inner.width;
  const toY = (y: number) => {
    const place = placeOn(vertical, y);
    return place === undefined ? undefined : margin.top + (1 - place) * inner.height;
  };
  const bottom = margin.top + inner.height;
  return (
    <div class="curve" ref={box}>
      <svg width={width} height={height} role="img" aria-label={label}>
        {ticksOf(vertical).map((tick) => (
          <g>
            <line class="grid" x1={margin.left} x2={width - margin.right} y1={toY(tick)} y2={toY(tick)} />
            <text x={margin.left - 6} y={(toY(tick) ?? 0) + 4} text-anchor="end">
              {format(tick)}
            </text>
          </g>
        ))}
        {ticksOf(horizontal, inner.width / 90)
          .filter(Number.isInteger)
          .map((tick) => (
            <text x={toX(tick)} y={bottom + 16} text-anchor="middle">
              {grouped(tick)}
            </text>
          ))}
        <path class="axis" d={`M${margin.left},${margin.top}V${bottom}H${width - margin.right}`} />
        <text class="name" x={margin.left + inner.width / 2} y={height - 6} text-anchor="middle">
          {across}
        </text>
        <text class="name" x={4} y={12}>
          {up}
        </text>
        {lines.map(({ look, points: own, dots }) => (
          <g class={look}>
            <path d={pathOf(own, toX, toY)} />
            {dots && own.map(([x, y]) => <circle cx={toX(x)} cy={toY(y)} r={own.length > 40 ? 1.5 : 3} />)}
          </g>
        ))}
        {apart(marks, toX).map(({ x, text, isEnd, isNamed }, at) => (
          <g class={isEnd ? 'mark end' : 'mark'}>
            <line x1={toX(x)} x2={toX(x)} y1={margin.top} y2={bottom} />
            {isNamed && (
              <text
                x={toX(x) + (isToTheLeft(toX(x), width) ? -4 : 4)}
                y={margin.top + 10 + 14 * (at % 2)}
                text-anchor={isToTheLeft(toX(x), width) ? 'end' : 'start'}
              >
                {text}
              </text>
            )}
          </g>
        ))}
      </svg>
      <Names lines={lines} />
    </div>
  );
}

/** The names of the lines that have one, each beside a piece of its line. */
function Names({ lines }: Pick<CurveProps, 'lines'>) {
  const named = lines.filter(({ name }) => name !== undefined);
  return named.length === 0 ? null : (
    <p class="row">
      {named.map(({ look, name }) => (
        <span>
          <svg width="30" height="8" aria-hidden="true">
            <g class={look}>
              <path d="M0 4H30" />
            </g>
          </svg>{' '}
          {name}
        </span>
      ))}
    </p>
  );
}

/** Whether a name is written to the left of its mark, as there is no room beside it. */
function isToTheLeft(x: number, width: number): boolean {
  return x > width - 110;
}

/** The marks; of those of a kind that nearly coincide, the last is drawn, and of those whose names would overlap, named. */
function apart(marks: readonly CurveMark[], toX: (x: number) => number) {
  return marks.flatMap((mark, at) => {
    const next = marks.slice(at + 1).find(({ isEnd }) => isEnd === mark.isEnd);
    const room = next ? toX(next.x) - toX(mark.x) : Infinity;
    return room < 8 ? [] : [{ ...mark, isNamed: room > 90 }];
  });
}

/** The width that the page leaves an element, in CSS pixels. */
function useWidth() {
  const box = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(480);
  useLayoutEffect(() => {
    const element = box.current!;
    const measure = () => setWidth(Math.max(200, Math.floor(element.clientWidth)));
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    measure();
    return () => observer.disconnect();
  }, []);
  return [box, width] as const;
}
