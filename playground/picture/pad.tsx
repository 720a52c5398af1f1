/** The pad on which a digit is drawn, by mouse, finger or keyboard. */
import type { RefObject } from 'preact';
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { mnistFrame, normaliseDigit } from '../../src/data/formats/digits/normalise-digit';
import { usePageState } from '../page-state';
import { glance } from '../texts/glance';
import { useTexts } from '../texts/language';
import { digitCode } from './digit-code';
import { noPicture, type Picture } from './picture';

/** The pad's side in its own pixels, and how far the arrow keys move the pen. */
const side = 280;
const step = 10;
/** As wide beside the digit as pens are in MNIST. */
const penWidth = 20;

type Point = readonly [x: number, y: number];

export function Pad({ picture }: { readonly picture: Picture }) {
  const texts = useTexts(glance);
  const canvas = useRef<HTMLCanvasElement>(null);
  const { begin, draw, clear, undo } = useStrokes(canvas, picture);
  const [pen, setPen] = useState<{ readonly at: Point; readonly down: boolean } | null>(null);
  const place = (event: PointerEvent): Point => {
    const box = canvas.current!.getBoundingClientRect();
    return [((event.clientX - box.left) * side) / box.width, ((event.clientY - box.top) * side) / box.height];
  };
  const press = (event: KeyboardEvent) => {
    const { at, down } = pen ?? { at: [side / 2, side / 2] as const, down: false };
    const move = moves[event.key];
    if (move) {
      const next = [bounded(at[0] + step * move[0]), bounded(at[1] + step * move[1])] as const;
      setPen({ at: next, down });
      if (down) draw(next);
    } else if (event.key === ' ') {
      setPen({ at, down: !down });
      if (!down) begin(at);
    } else if (event.key === 'Delete' || event.key === 'Backspace') clear();
    else return;
    event.preventDefault();
  };
  return (
    <div class="pad">
      <div class="pad-paper">
        <canvas
          ref={canvas}
          width={side}
          height={side}
          tabIndex={0}
          role="application"
          aria-label={texts.pad}
          aria-describedby="pad-help"
          onKeyDown={press}
          onBlur={() => setPen(null)}
          onPointerDown={(event) => {
            event.currentTarget.setPointerCapture(event.pointerId);
            begin(place(event));
          }}
          onPointerMove={(event) => {
            if (event.buttons === 0 || !event.currentTarget.hasPointerCapture(event.pointerId)) return;
            const between = event.getCoalescedEvents?.() ?? [];
            for (const each of between.length > 0 ? between : [event]) draw(place(each));
          }}
        />
        {pen && (
          <span
            class={pen.down ? 'pen down' : 'pen'}
            style={{ left: `${(100 * pen.at[0]) / side}%`, top: `${(100 * pen.at[1]) / side}%` }}
          />
        )}
      </div>
      <span class="visually-hidden" role="status">
        {pen && texts.penAt(Math.round(pen.at[1] / step), Math.round(pen.at[0] / step), pen.down)}
      </span>
      <div class="row">
        <button type="button" onClick={clear}>
          {texts.clear}
        </button>
        <button type="button" onClick={undo}>
          {texts.undo}
        </button>
      </div>
      <p id="pad-help" class="quiet small">
        {texts.padHelp}
      </p>
    </div>
  );
}

/** The strokes on the pad, on the picture that was there before them; what they make is the page’s picture. */
function useStrokes(canvas: RefObject<HTMLCanvasElement>, picture: Picture) {
  const { change } = usePageState();
  const strokes = useRef<Point[][]>([]);
  const ground = useRef<Uint8Array>(noPicture.pixels);
  // The pictures that were drawn here and are not shown yet: those come back late while the pen goes on.
  const sent = useRef<string[]>([]);
  const waiting = useRef<'none' | 'more' | null>(null);
  const shown = useRef(picture.name);
  shown.current = picture.name;

  // Before the pen can come: a stroke must not meet the picture before this one.
  useLayoutEffect(() => {
    const at = sent.current.indexOf(picture.name);
    sent.current = sent.current.slice(at + 1);
    if (at >= 0) return;
    sent.current = [];
    ground.current = picture.pixels;
    strokes.current = [];
    redraw(contextOf(canvas.current!), ground.current, strokes.current);
  }, [picture]);

  const send = () => {
    const drawn = normaliseDigit(greyOf(canvas.current!), mnistFrame);
    const name = drawn ? digitCode(drawn) : '';
    if (name === (sent.current.at(-1) ?? shown.current)) return;
    sent.current.push(name);
    change({ picture: name });
  };
  // At once, and then at most once a frame: pens move faster than screens.
  const show = () => {
    redraw(contextOf(canvas.current!), ground.current, strokes.current);
    if (waiting.current) {
      waiting.current = 'more';
      return;
    }
    waiting.current = 'none';
    send();
    requestAnimationFrame(() => {
      const more = waiting.current === 'more';
      waiting.current = null;
      if (more) send();
    });
  };
  return {
    begin: (point: Point) => {
      strokes.current.push([point]);
      show();
    },
    draw: (point: Point) => {
      strokes.current.at(-1)?.push(point);
      show();
    },
    clear: () => {
      strokes.current = [];
      ground.current = noPicture.pixels;
      show();
    },
    undo: () => {
      strokes.current.pop();
      show();
    },
  };
}

const moves: Readonly<Record<string, Point>> = {
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
};

function bounded(place: number): number {
  return Math.min(side, Math.max(0, place));
}

function contextOf(canvas: HTMLCanvasElement): CanvasRenderingContext2D {
  return canvas.getContext('2d', { willReadFrequently: true })!;
}

/** The picture underneath, enlarged, and the strokes on it. */
function redraw(
  context: CanvasRenderingContext2D,
  ground: Uint8Array,
  strokes: readonly (readonly Point[])[],
): void {
  Object.assign(context, { fillStyle: 'black', strokeStyle: 'white', lineWidth: penWidth });
  Object.assign(context, { lineCap: 'round', lineJoin: 'round' });
  context.fillRect(0, 0, side, side);
  const cell = side / 28;
  ground.forEach((value, at) => {
    if (value === 0) return;
    context.fillStyle = `rgb(${value} ${value} ${value})`;
    context.fillRect((at % 28) * cell, Math.floor(at / 28) * cell, cell, cell);
  });
  for (const [first, ...others] of strokes) {
    context.beginPath();
    if (others.length === 0) {
      context.fillStyle = 'white';
      context.arc(...first!, penWidth / 2, 0, 2 * Math.PI);
      context.fill();
      continue;
    }
    context.moveTo(...first!);
    for (const point of others) context.lineTo(...point);
    context.stroke();
  }
}

function greyOf(canvas: HTMLCanvasElement) {
  const { data } = contextOf(canvas).getImageData(0, 0, side, side);
  const pixels = new Uint8Array(side * side);
  for (let at = 0; at < pixels.length; at++) pixels[at] = data[4 * at]!;
  return { pixels, height: side, width: side };
}
