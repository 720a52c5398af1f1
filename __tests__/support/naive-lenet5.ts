/** LeNet-5 by the equations of its paper, written as plain loops. */

/** Table I of the paper: rows are maps of S2, columns maps of C3. */
const c3 = [
  'X...XXX..XXXX.XX',
  'XX...XXX..XXXX.X',
  'XXX...XXX..X.XXX',
  '.XXX..XXXX..X.XX',
  '..XXX..XXXX.XX.X',
  '...XXX..XXXX.XXX',
];

/** Feature maps, as `[map][row][column]`. */
export type Maps = number[][][];

/** What the layers give for one image of 32×32 values. @param weights by the names of the layers' own weights */
export function naiveLenet5(
  pixels: ArrayLike<number>,
  weights: ReadonlyMap<string, ArrayLike<number>>,
): {
  readonly s2: Maps;
  readonly s4: Maps;
  readonly f6: readonly number[];
  readonly output: readonly number[];
} {
  const at = (name: string) => weights.get(name)!;
  const { tanh, floor } = Math;
  const f = (a: number) => 1.7159 * tanh((2 / 3) * a);
  const grid = (side: number, value: (row: number, column: number) => number) =>
    Array.from({ length: side }, (_, row) =>
      Array.from({ length: side }, (__, column) => value(row, column)),
    );
  const convolve = (
    maps: Maps,
    name: string,
    outputs: number,
    reads: (input: number, output: number) => boolean,
    place: (tap: number, input: number, output: number) => number,
  ): Maps =>
    Array.from({ length: outputs }, (_, output) =>
      grid(maps[0]!.length - 4, (row, column) => {
        let sum = at(`${name}/bias`)[output]!;
        maps.forEach((map, input) => {
          if (!reads(input, output)) return;
          for (let tap = 0; tap < 25; tap++) {
            sum +=
              at(`${name}/kernel`)[place(tap, input, output)]! *
              map[row + floor(tap / 5)]![column + (tap % 5)]!;
          }
        });
        return f(sum);
      }),
    );
  const subsample = (maps: Maps, name: string): Maps =>
    maps.map((map, index) =>
      grid(map.length / 2, (row, column) => {
        const sum =
          map[2 * row]![2 * column]! +
          map[2 * row]![2 * column + 1]! +
          map[2 * row + 1]![2 * column]! +
          map[2 * row + 1]![2 * column + 1]!;
        return f(at(`${name}/coefficient`)[index]! * sum + at(`${name}/bias`)[index]!);
      }),
    );
  const linked = (input: number, output: number) => c3[input]![output] === 'X';
  const pairs = Array.from({ length: 16 }, (_, output) => output).flatMap((output) =>
    [0, 1, 2, 3, 4, 5].filter((input) => linked(input, output)).map((input) => `${input} ${output}`),
  );
  const all = () => true;
  const image = [grid(32, (row, column) => pixels[row * 32 + column]!)];
  const s2 = subsample(
    convolve(image, 'C1', 6, all, (tap, _, output) => tap * 6 + output),
    'S2',
  );
  const s4 = subsample(
    convolve(s2, 'C3', 16, linked, (tap, input, output) => tap * 60 + pairs.indexOf(`${input} ${output}`)),
    'S4',
  );
  const c5 = convolve(s4, 'C5', 120, all, (tap, input, output) => (tap * 16 + input) * 120 + output);
  const f6 = Array.from({ length: 84 }, (_, unit) =>
    f(
      c5.reduce(
        (sum, map, input) => sum + at('F6/kernel')[input * 84 + unit]! * map[0]![0]!,
        at('F6/bias')[unit]!,
      ),
    ),
  );
  const output = Array.from({ length: 10 }, (_, unit) =>
    f6.reduce((sum, x, j) => sum + (x - at('output/codes')[unit * 84 + j]!) ** 2, 0),
  );
  return { s2, s4, f6, output };
}
