/** What the network answers: the scores as bars, the margin, and whether the answer would be rejected. */
import { bestClasses } from '../../browser';
import type { ScoreKind } from '../../src/core/score-kind';
import { amplitude } from '../../src/layers/scaled-tanh';
import { probabilities } from '../../src/evaluate/scores/ranking';
import { answerOf, className, scoresOf } from '../model/answers';
import type { Seen } from '../model/opened';
import { Num } from '../parts/num';
import { number, percent } from '../../src/core/text/numbers';
import { useSetting } from '../page-state';
import { noPicture, type Picture } from '../picture/picture';
import { glance } from '../texts/glance';
import { useTexts } from '../texts/language';

/** How many classes of many have a bar. */
const most = 10;

/** Margins below which answers are rejected at first: of distances, of activations between ±1, of probabilities. */
const usualThreshold = { distances: '5', activations: '0.5', logits: '0.5' } as const;

export function AnswerPanel({ seen, picture }: { readonly seen: Seen; readonly picture: Picture }) {
  const texts = useTexts(glance);
  const { loss } = seen.model.trained.recipe;
  const scores = scoresOf(seen);
  const { kind, first, second, margin } = answerOf(loss, scores);
  const [threshold, setThreshold] = useSetting('glance.reject', usualThreshold[kind]);
  const shares = probabilities(loss, scores);
  const values = shares ?? scores;
  const best = first.index;
  const name = (index: number) => className(seen.model, index);
  const order =
    scores.length <= most ? Array.from(scores, (_, index) => index) : bestClasses(loss, scores, most);
  const titles = {
    distances: texts.distances,
    activations: texts.activations,
    logits: texts.probabilities,
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
        {texts.second(name(second.index))} {texts.margin(number(margin))}{' '}
        <span class="quiet">{texts.took(seen.milliseconds.toFixed(0))}</span>
      </p>
      <h4>{titles[kind]}</h4>
      <table class="bars">
        <tbody>
          {order.map((index) => (
            <tr class={index === best ? 'best' : undefined}>
              <th scope="row">{name(index)}</th>
              <td>
                <span class="bar" aria-hidden="true" style={{ width: barWidth(values, index, kind) }} />
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
function barWidth(values: Float32Array, index: number, kind: ScoreKind): string {
  if (kind === 'activations') return `${(50 * (values[index]! + amplitude)) / amplitude}%`;
  const largest = values.reduce((sum, value) => Math.max(sum, Math.abs(value)), 1e-9);
  return `${Math.max(0, (100 * values[index]!) / largest)}%`;
}
