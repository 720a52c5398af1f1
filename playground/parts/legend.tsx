/** What the colours of a map mean, in numbers. */
import { number } from '../../src/core/text/numbers';
import { colourOf, type Scale } from '../../src/describe/draw/palette';

export function Legend({ scale }: { readonly scale: Scale }) {
  const { least, most } = scale;
  const ends = [least, (least + most) / 2, most];
  const stops = ends.map((value) => `rgb(${colourOf(value, scale).join(' ')})`);
  return (
    <span class="legend">
      <span class="number">{number(least)}</span>
      <span
        class="ramp"
        aria-hidden="true"
        style={{ background: `linear-gradient(to right, ${stops.join(', ')})` }}
      />
      <span class="number">{number(most)}</span>
    </span>
  );
}
