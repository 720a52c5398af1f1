/** A map of numbers as a picture, in which a unit can be pointed at. */
import { useLayoutEffect, useRef } from 'preact/hooks';
import { paint, paintColours, type Scale } from '../../src/describe/draw/palette';

/** A rectangle of a map’s units. */
export interface Area {
  readonly top: number;
  readonly left: number;
  readonly height: number;
  readonly width: number;
}

/** A unit as a frame, or a square that begins with it. */
export function areaOf([top, left]: readonly [row: number, column: number], size = 1): Area {
  return { top, left, height: size, width: size };
}

export interface MapProps {
  /** `[height, width]`, row by row; `[height, width, 3]` of a picture in colours. */
  readonly values: ArrayLike<number>;
  readonly height: number;
  readonly width: number;
  /** 3 for a picture in colours, each of them by the grey scale. Default: 1. */
  readonly channels?: number;
  readonly scale: Scale;
  /** What a screen reader says of it. */
  readonly label: string;
  /** The side of a unit on the screen, in CSS pixels. */
  readonly unit: number;
  /** Framed parts. */
  readonly marks?: readonly Area[];
  /** Called with the unit that is pressed, or pointed at with the arrow keys; the map is then a button. */
  readonly onChoose?: (row: number, column: number) => void;
  /** Called with the unit under the pointer, and null when it leaves. */
  readonly onHover?: (unit: readonly [row: number, column: number] | null) => void;
  /** The unit from which arrow keys move. */
  readonly chosen?: readonly [row: number, column: number] | null;
}

/** Draws the map at one pixel a unit, which the style enlarges without smoothing; frames are drawn over it. */
export function MapCanvas(props: MapProps) {
  const {
    values,
    height,
    width,
    channels = 1,
    scale,
    label,
    unit,
    marks = [],
    onChoose,
    onHover,
    chosen,
  } = props;
  const canvas = useRef<HTMLCanvasElement>(null);
  useLayoutEffect(() => {
    const context = canvas.current!.getContext('2d')!;
    const image = context.createImageData(width, height);
    if (channels === 3) paintColours(values, scale, image.data);
    else paint(values, scale, image.data);
    context.putImageData(image, 0, 0);
  }, [values, height, width, scale.kind, scale.least, scale.most]);
  const picture = (
    <>
      <canvas ref={canvas} width={width} height={height} aria-hidden="true" />
      {marks.map((area) => (
        <span
          class="mark"
          style={{
            top: `${(100 * area.top) / height}%`,
            left: `${(100 * area.left) / width}%`,
            height: `${(100 * area.height) / height}%`,
            width: `${(100 * area.width) / width}%`,
          }}
        />
      ))}
    </>
  );
  const style = { width: `${width * unit}px`, aspectRatio: `${width} / ${height}` };
  if (!onChoose && !onHover)
    return (
      <span
        class="map"
        // What a button around it says already is not said twice.
        {...(label === '' ? { 'aria-hidden': true } : { role: 'img', 'aria-label': label })}
        style={style}
      >
        {picture}
      </span>
    );
  return (
    <button
      type="button"
      class="map"
      aria-label={label}
      style={style}
      onClick={(event) => {
        // A click by the keyboard has no place: it takes the unit that is chosen, or the middle.
        const byKey = event.detail === 0;
        onChoose?.(...(byKey ? (chosen ?? [height >> 1, width >> 1]) : pointedAt(event, props)));
      }}
      onKeyDown={(event) => {
        const next = onChoose && steppedTo(event.key, props);
        if (!next) return;
        event.preventDefault();
        onChoose(...next);
      }}
      onPointerMove={onHover && ((event) => onHover(pointedAt(event, props)))}
      onPointerLeave={onHover && (() => onHover(null))}
    >
      {picture}
    </button>
  );
}

type Sized = Pick<MapProps, 'height' | 'width'>;

/** The unit under the pointer. */
function pointedAt(event: MouseEvent, { height, width }: Sized): readonly [row: number, column: number] {
  const box = (event.currentTarget as HTMLElement).querySelector('canvas')!.getBoundingClientRect();
  return [
    within(Math.floor(((event.clientY - box.top) / box.height) * height), height),
    within(Math.floor(((event.clientX - box.left) / box.width) * width), width),
  ];
}

/** The unit to which an arrow key moves: the first press chooses the one from which it would; undefined of other keys. */
function steppedTo(
  key: string,
  { height, width, chosen }: Sized & Pick<MapProps, 'chosen'>,
): readonly [row: number, column: number] | undefined {
  const move = moves[key];
  if (!move) return undefined;
  const [row, column] = chosen ?? [0, 0];
  return [within(row + (chosen ? move[0] : 0), height), within(column + (chosen ? move[1] : 0), width)];
}

function within(place: number, side: number): number {
  return Math.min(side - 1, Math.max(0, place));
}

const moves: Readonly<Record<string, readonly [down: number, right: number]>> = {
  ArrowUp: [-1, 0],
  ArrowDown: [1, 0],
  ArrowLeft: [0, -1],
  ArrowRight: [0, 1],
};
