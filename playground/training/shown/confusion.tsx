/** The confusion matrix of the test images, as a table. */
import { grouped } from '../../../src/core/text/numbers';
import { useTexts } from '../../texts/language';
import { training as table } from '../../texts/training';
import type { Tested } from '../messages';

/** How much colour a cell takes at most, in per cent, so that its number stays readable. */
const deepest = 45;

export function Confusion({
  tested,
  classes,
}: {
  readonly tested: Tested;
  readonly classes: readonly string[];
}) {
  const texts = useTexts(table);
  const { confusion, images, at } = tested;
  return (
    <section>
      <h3>{texts.confusion}</h3>
      <div class="scroll" tabIndex={0} role="region" aria-label={texts.confusion}>
        <table class="confusion" data-at={at}>
          <caption class="quiet">{texts.confusionCaption(grouped(images), grouped(at))}</caption>
          <thead>
            <tr>
              <th scope="col">{texts.shown}</th>
              {classes.map((name) => (
                <th scope="col" class="number">
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {confusion.map((row, label) => {
              const all = row.reduce((sum, count) => sum + count, 0);
              return (
                <tr>
                  <th scope="row">{classes[label]}</th>
                  {row.map((count, answer) => (
                    <td
                      class={`number${answer === label ? ' right' : ''}${count === 0 ? ' none' : ''}`}
                      style={{ '--share': `${Math.round((deepest * count) / (all || 1))}%` }}
                    >
                      {count}
                    </td>
                  ))}
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
    </section>
  );
}
