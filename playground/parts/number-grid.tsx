/** A small table of numbers on the colours of their scale. */
import { number } from '../../src/core/text/numbers';
import { colourOf, type Scale } from '../../src/describe/draw/palette';

interface NumberGridProps {
  /** Row by row. */
  readonly values: ArrayLike<number>;
  readonly width: number;
  readonly scale: Scale;
  readonly caption: string;
  /** What programs find it by. */
  readonly name?: string;
  readonly digits?: number;
  /** The place of a value with a star. */
  readonly starred?: number | undefined;
}

export function NumberGrid({ values, width, scale, caption, name, digits = 2, starred }: NumberGridProps) {
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
            {places.map((at) => (
              <td
                style={cellStyle(values[at]!, scale)}
                data-value={values[at]}
                title={String(values[at])}
                class={at === starred ? 'starred' : undefined}
              >
                {at === starred && '★ '}
                {number(values[at]!, digits)}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** The text is black or white, whichever stands out: by the relative luminance of WCAG 2. */
function cellStyle(value: number, scale: Scale): { readonly background: string; readonly color: string } {
  const colour = colourOf(value, scale);
  const [red, green, blue] = colour.map((part) => ((part / 255 + 0.055) / 1.055) ** 2.4);
  const luminance = 0.2126 * red! + 0.7152 * green! + 0.0722 * blue!;
  return { background: `rgb(${colour.join(' ')})`, color: luminance > 0.18 ? '#000' : '#fff' };
}
