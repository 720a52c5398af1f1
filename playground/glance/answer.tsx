/** What the network answers: the scores as bars, the margin, and whether the answer would be rejected. */
import { bestClasses } from '../../browser';
import { amplitude } from '../../src/layers/scaled-tanh';
import { probabilities } from '../../src/evaluate/scores/ranking';
import type { Seen } from '../model/opened';
import { Num } from '../parts/num';
import { number, percent } from '../parts/numbers';
import { useSetting } from '../page-state';
import { noPicture, type Picture } from '../picture/picture';
import { glance } from '../texts/glance';
import { useTexts } from '../texts/language';

/** How many classes of many have a bar. */
const most = 10;

/** Margins below which answers are rejected at first: of distances, of activations between ±1, of probabilities. */
const usualThreshold = { rbfPenalty: '5', squaredError: '0.5', softmaxCrossEntropy: '0.5' } as const;

export function AnswerPanel({ seen, picture }: { readonly seen: Seen; readonly picture: Picture }) {
  const texts = useTexts(glance);
  const [threshold, setThreshold] = useSetting(
    'glance.reject',
    usualThreshold[seen.model.trained.recipe.loss.kind],
  );
  const { trained } = seen.model;
  const scores = seen.outputs.get(trained.model.outputs[0]!.sourceLayer.name)!.values;
  const { loss } = trained.recipe;
  const shares = probabilities(loss, scores);
  const values = shares ?? scores;
  const [best, second] = bestClasses(loss, scores, 2) as [number, number];
  const margin = Math.abs(values[best]! - values[second]!);
  const name = (index: number) => trained.labels?.[index] ?? String(index);
  const order =
    scores.length <= most ? Array.from(scores, (_, index) => index) : bestClasses(loss, scores, most);
  const title = {
    rbfPenalty: texts.distances,
    squaredError: texts.activations,
    softmaxCrossEntropy: texts.probabilities,
  };
  const limit = Number(threshold);
  return (
    <section class="answer card" aria-labelledby="answer-title">
      <h3 id="answer-title">{texts.answer}</h3>
      <p class="said" role="status" data-answer={best}>
        {picture === noPicture
          ? texts.empty
          : /^\d$/.test(name(best))
            ? texts.answerIs(name(best))
            : name(best)}
      </p>
      <p class="small">
        {texts.second(name(second))} {texts.margin(number(margin))}{' '}
        <span class="quiet">{texts.took(seen.milliseconds.toFixed(0))}</span>
      </p>
      <h4>{title[loss.kind]}</h4>
      <table class="bars">
        <tbody>
          {order.map((index) => (
            <tr class={index === best ? 'best' : undefined}>
              <th scope="row">{name(index)}</th>
              <td>
                <span class="bar" aria-hidden="true" style={{ width: barWidth(values, index, loss.kind) }} />
              </td>
              <td>
                {shares ? (
                  <span class="number" data-value={shares[index]} data-name={`score-${index}`}>
                    {percent(shares[index]!)}
                  </span>
                ) : (
                  <Num value={scores[index]!} name={`score-${index}`} />
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <p class="small row">
        <label>
          {texts.rejection}{' '}
          <input
            type="number"
            min="0"
            step="any"
            value={threshold}
            onChange={({ currentTarget }) => setThreshold(currentTarget.value || '0')}
          />
        </label>
        <strong>{margin < limit ? texts.rejected : texts.accepted}</strong>
      </p>
    </section>
  );
}

/** As a share of the largest; activations between their least and greatest value, for most are negative. */
function barWidth(values: Float32Array, index: number, kind: keyof typeof usualThreshold): string {
  if (kind === 'squaredError') return `${(50 * (values[index]! + amplitude)) / amplitude}%`;
  const largest = values.reduce((sum, value) => Math.max(sum, Math.abs(value)), 1e-9);
  return `${Math.max(0, (100 * values[index]!) / largest)}%`;
}
