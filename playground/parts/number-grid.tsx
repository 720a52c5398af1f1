/** A small table of numbers on the colours of their scale. */
import { number } from './numbers';
import { colourOf, type Scale } from './palette';

export interface NumberGridProps {
  /** Row by row. */
  readonly values: ArrayLike<number>;
  readonly width: number;
  readonly scale: Scale;
  readonly caption: string;
  /** What programs find it by. */
  readonly name?: string;
  readonly digits?: number;
}

export function NumberGrid({ values, width, scale, caption, name, digits = 2 }: NumberGridProps) {
  const rows = Array.from({ length: Math.ceil(values.length / width) }, (_, row) =>
    Array.from(
      { length: Math.min(width, values.length - row * width) },
      (_cell, column) => row * width + column,
    ),
  );
  return (
    <table class="number-grid" data-name={name}>
      <caption>{caption}</caption>
      <tbody>
        {rows.map((places) => (
          <tr>
            {places.map((at) => {
              const colour = colourOf(values[at]!, scale);
              const ink = luminance(colour) > 0.18 ? '#000' : '#fff';
              return (
                <td data-value={values[at]} style={{ background: `rgb(${colour.join(' ')})`, color: ink }}>
                  {number(values[at]!, digits)}
                </td>
              );
            })}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** The relative luminance of WCAG 2, by which black or white stands out from a colour. */
function luminance(colour: readonly number[]): number {
  const [red, green, blue] = colour.map((level) => (level / 255) ** 2.2);
  return 0.2126 * red! + 0.7152 * green! + 0.0722 * blue!;
}
