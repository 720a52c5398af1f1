/** A histogram, as bars and as its counts. */
import { number } from '../../../src/core/text/numbers';
import { kernels } from '../../texts/kernels';
import { useTexts } from '../../texts/language';
import { histogramOf } from './squash';

const [width, height] = [300, 110] as const;

export function Histogram({
  title,
  values,
  id,
}: {
  readonly title: string;
  readonly values: Float32Array;
  readonly id: string;
}) {
  const texts = useTexts(kernels);
  const { least, most, counts } = histogramOf(values);
  const highest = Math.max(...counts);
  const bar = width / counts.length;
  const border = (at: number) => number(least + ((most - least) * at) / counts.length, 3);
  return (
    <figure class="panel histogram">
      <figcaption>
        <b>{title}</b> <span class="quiet">{texts.fullest(highest)}</span>
      </figcaption>
      <svg
        viewBox={`0 0 ${width} ${height}`}
        role="img"
        aria-label={texts.histogramLabel(counts.length, number(least), number(most), highest)}
      >
        {counts.map((count, at) => (
          <rect
            x={at * bar + 1}
            width={bar - 2}
            y={height - (count / highest) * height}
            height={(count / highest) * height}
          />
        ))}
      </svg>
      <span class="ends">
        <span class="number">{number(least)}</span>
        <span class="number">{number(most)}</span>
      </span>
      <details class="quiet">
        <summary>{texts.counts}</summary>
        <table data-histogram={id}>
          <thead>
            <tr>
              <th scope="col">{texts.bin}</th>
              <th scope="col">{texts.count}</th>
            </tr>
          </thead>
          <tbody>
            {counts.map((count, at) => (
              <tr>
                <td class="number">
                  {border(at)} … {border(at + 1)}
                </td>
                <td class="number" data-value={count}>
                  {count}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </details>
    </figure>
  );
}
