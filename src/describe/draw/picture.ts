/** Pictures of images and maps in memory: enlarged, coloured by a scale, laid over one another, framed. */
import type { Rectangle } from '../../data/image/crop';
import type { Centres, Line } from '../units/centres';
import { colourOf, paint, type Scale } from './palette';

/** A picture in memory: RGBA, row by row. */
export interface Picture {
  readonly height: number;
  readonly width: number;
  readonly pixels: Uint8ClampedArray;
}

/** Numbers over the positions of a picture, `[height, width]`. */
export interface Positions {
  readonly height: number;
  readonly width: number;
  readonly values: ArrayLike<number>;
  /** Where in an image of a size the positions look. Default: they are its pixels, or parts of one size. */
  readonly centres?: Centres;
}

/** An image of one channel, grey, or of three, in colours; 0–255. */
export function imagePicture(
  pixels: ArrayLike<number>,
  [height, width, channels]: readonly [number, number, number],
): Picture {
  const painted = new Uint8ClampedArray(4 * height * width);
  for (let place = 0; place < height * width; place++) {
    for (let channel = 0; channel < 3; channel++)
      painted[4 * place + channel] = pixels[place * channels + (channels === 3 ? channel : 0)]!;
    painted[4 * place + 3] = 255;
  }
  return { height, width, pixels: painted };
}

/** Numbers by the colours of a scale. */
export function mapPicture({ height, width, values }: Positions, scale: Scale): Picture {
  const pixels = new Uint8ClampedArray(4 * height * width);
  paint(values, scale, pixels);
  return { height, width, pixels };
}

/** Enlarged to a size without smoothing, or made smaller by taking the nearest pixels. */
export function resized(picture: Picture, height: number, width: number): Picture {
  const pixels = new Uint8ClampedArray(4 * height * width);
  for (let y = 0, to = 0; y < height; y++) {
    const row = Math.floor(((y + 0.5) * picture.height) / height);
    for (let x = 0; x < width; x++, to += 4) {
      const from = 4 * (row * picture.width + Math.floor(((x + 0.5) * picture.width) / width));
      for (let channel = 0; channel < 4; channel++) pixels[to + channel] = picture.pixels[from + channel]!;
    }
  }
  return { height, width, pixels };
}

/** How much the strongest number hides of the picture below it. */
const strongest = 0.85;

/**
 * Numbers laid over a picture, which is grey then: each in the colour of its sign, the stronger the less is seen of the
 * picture. Between the positions' centres they are interpolated linearly, and beyond the outermost they fade to 0.
 * @param picture an image that was enlarged by `times`
 * @param scale a diverging one
 */
export function overlaid(picture: Picture, times: number, over: Positions, scale: Scale): Picture {
  const { height, width } = picture;
  const pixels = new Uint8ClampedArray(4 * height * width);
  const [above, below] = [colourOf(scale.most, scale), colourOf(scale.least, scale)];
  const most = Math.max(scale.most, -scale.least);
  const positionAt = (line: Line) => (place: number) =>
    ((place + 0.5) / times - 0.5 - line.first) / line.step;
  const { rows, columns } = over.centres ?? stretched(over, height / times, width / times);
  const [rowAt, columnAt] = [positionAt(rows), positionAt(columns)];
  // Positions that are the image's own parts reach to its edges.
  const within = (place: number, positions: number) =>
    over.centres ? place : Math.min(Math.max(place, 0), positions - 1);
  for (let y = 0, to = 0; y < height; y++)
    for (let x = 0; x < width; x++, to += 4) {
      const value = between(over, within(rowAt(y), over.height), within(columnAt(x), over.width));
      const share = strongest * Math.min(1, Math.abs(value) / most);
      const [red, green, blue] = picture.pixels.subarray(to, to + 3);
      const grey = 0.299 * red! + 0.587 * green! + 0.114 * blue!;
      const colour = value < 0 ? below : above;
      for (let channel = 0; channel < 3; channel++)
        pixels[to + channel] = grey + (colour[channel]! - grey) * share;
      pixels[to + 3] = 255;
    }
  return { height, width, pixels };
}

/** The centres of positions that part an image evenly. */
function stretched({ height, width }: Positions, rows: number, columns: number): Centres {
  const line = (pixels: number, positions: number): Line => ({
    first: (pixels / positions - 1) / 2,
    step: pixels / positions,
  });
  return { rows: line(rows, height), columns: line(columns, width) };
}

/** A number between positions: 0 from one position beyond the outermost ones on, where none looks. */
function between({ height, width, values }: Positions, row: number, column: number): number {
  const [top, left] = [Math.floor(row), Math.floor(column)];
  const [down, across] = [row - top, column - left];
  const at = (r: number, c: number) =>
    r >= 0 && r < height && c >= 0 && c < width ? values[r * width + c]! : 0;
  return (
    (at(top, left) * (1 - across) + at(top, left + 1) * across) * (1 - down) +
    (at(top + 1, left) * (1 - across) + at(top + 1, left + 1) * across) * down
  );
}

/** A picture with a frame around a part of it: two lines, one light and one orange, seen on any ground. */
export function framed(picture: Picture, { top, left, height, width }: Rectangle): Picture {
  const pixels = picture.pixels.slice();
  const draw = (inset: number, colour: readonly number[]) => {
    const [bottom, right] = [top + height - 1 - inset, left + width - 1 - inset];
    for (let y = top + inset; y <= bottom; y++)
      for (let x = left + inset; x <= right; x++)
        if (y === top + inset || y === bottom || x === left + inset || x === right)
          pixels.set([...colour, 255], 4 * (y * picture.width + x));
  };
  draw(0, [255, 255, 255]);
  draw(1, [214, 98, 0]);
  draw(2, [214, 98, 0]);
  return { ...picture, pixels };
}
