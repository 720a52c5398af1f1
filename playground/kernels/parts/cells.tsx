/** A few numbers in rows and columns, coloured as on a map. */
import { number } from '../../parts/numbers';
import { colourOf, type Scale } from '../../parts/palette';

export interface CellsProps {
  readonly title: string;
  readonly values: ArrayLike<number>;
  readonly columns: number;
  readonly scale: Scale;
  /** The place of a value with a star. */
  readonly starred?: number | undefined;
}

/** The colours of a cell: its text is black or white, whichever stands out. */
export function cellStyle(
  value: number,
  scale: Scale,
): { readonly background: string; readonly color: string } {
  const colour = colourOf(value, scale);
  const linear = colour.map((part) => ((part / 255 + 0.055) / 1.055) ** 2.4);
  const luminance = 0.2126 * linear[0]! + 0.7152 * linear[1]! + 0.0722 * linear[2]!;
  return { background: `rgb(${colour.join(' ')})`, color: luminance > 0.18 ? '#000' : '#fff' };
}

export function Cells({ title, values, columns, scale, starred }: CellsProps) {
  // Large tables are to fit on a screen; the whole number shows under the pointer.
  const [size, digits] = columns > 7 ? ['small', 2] : ['', 3];
  const rows = Math.ceil(values.length / columns);
  return (
    <table class={`cells ${size}`}>
      <caption>{title}</caption>
      <tbody>
        {Array.from({ length: rows }, (_, row) => (
          <tr>
            {Array.from({ length: columns }, (_, column) => {
              const at = row * columns + column;
              const value = values[at]!;
              return (
                <td
                  style={cellStyle(value, scale)}
                  data-value={value}
                  title={String(value)}
                  class={at === starred ? 'starred' : ''}
                >
                  {at === starred ? '★ ' : ''}
                  {number(value, digits)}
                </td>
              );
            })}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** A number that a reader of the page can have at full precision. */
export function Value({ name, value }: { readonly name: string; readonly value: number }) {
  return (
    <b class="number" data-name={name} data-value={value}>
      {number(value)}
    </b>
  );
}
