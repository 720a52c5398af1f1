/** A correlation written as its definition, with nothing of the code under test. */

export interface Naive {
  readonly height: number;
  readonly width: number;
  readonly values: ArrayLike<number>;
  readonly kernel: ArrayLike<number>;
  readonly size: number;
  readonly stride: number;
  readonly padding: 'valid' | 'same' | number;
  /** The value of the padding. */
  readonly border: number;
}

/** The outputs row by row: each reads the map at its place, and the border's value where there is none. */
export function naiveCorrelation(given: Naive): number[] {
  const { height, width, values, kernel, size, stride, padding, border } = given;
  const [rows, top] = along(height, given);
  const [columns, left] = along(width, given);
  const outputs: number[] = [];
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++) {
      let sum = 0;
      for (let at = 0; at < size * size; at++) {
        const y = row * stride - top + Math.floor(at / size);
        const x = column * stride - left + (at % size);
        const outside = y < 0 || x < 0 || y >= height || x >= width;
        if (outside && padding === 'valid') throw new Error('a window outside of an unpadded map');
        sum += kernel[at]! * (outside ? border : values[y * width + x]!);
      }
      outputs.push(sum);
    }
  return outputs;
}

/** How many outputs there are along a side, and how much padding lies before the first value. */
function along(side: number, { size, stride, padding }: Naive): readonly [count: number, before: number] {
  if (padding === 'same') {
    const count = Math.ceil(side / stride);
    return [count, Math.max(0, (count - 1) * stride + size - side) >> 1];
  }
  const around = padding === 'valid' ? 0 : padding;
  let count = 0;
  while (count * stride + size <= side + 2 * around) count++;
  return [count, around];
}
