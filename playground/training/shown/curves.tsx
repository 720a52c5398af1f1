/** The curves of a training: the loss of its batches, and its error on test images. */
import { Select } from '../../parts/field';
import { Curve, type CurveMark } from '../../parts/curves/curve';
import { grouped, number, percent } from '../../../src/core/text/numbers';
import { useSetting } from '../../page-state';
import { useTexts } from '../../texts/language';
import { training as table } from '../../texts/training';
import type { TrainingState } from '../state';
import { recentMean, recentUpdates, smoothed } from '../trace';

export function Curves({ state }: { readonly state: TrainingState }) {
  const texts = useTexts(table);
  return (
    <section class="curves" aria-label={texts.curves}>
      <LossCurve state={state} />
      <ErrorCurve state={state} />
    </section>
  );
}

function LossCurve({ state }: { readonly state: TrainingState }) {
  const texts = useTexts(table);
  const [scale, setScale] = useSetting('training.axis', 'log');
  const { trace } = state;
  const thin = trace.points.map(({ update, mean }) => [update, mean] as const);
  const bold = smoothed(trace).map(({ update, mean }) => [update, mean] as const);
  const last = recentMean(trace);
  return (
    <figure>
      <div class="row">
        <h3>{texts.lossCurve}</h3>
        <Select label={texts.scale} value={scale} onChoose={setScale}>
          <option value="log">{texts.log}</option>
          <option value="linear">{texts.linear}</option>
        </Select>
      </div>
      <Curve
        lines={[
          { look: 'thin', points: thin },
          { look: 'bold', points: bold },
        ]}
        marks={useMarks(state)}
        scale={scale === 'linear' ? 'linear' : 'log'}
        least={0}
        across={texts.updates}
        up={texts.loss}
        label={
          last === undefined
            ? texts.noLoss
            : texts.lossLabel(number(thin[0]![1]), number(last), grouped(state.done))
        }
      />
      <figcaption class="quiet note">{texts.lossCaption(recentUpdates, trace.perPoint)}</figcaption>
    </figure>
  );
}

function ErrorCurve({ state }: { readonly state: TrainingState }) {
  const texts = useTexts(table);
  const { tests, facts } = state;
  const points = tests.map(({ at, images, mistakes }) => [at, mistakes / images] as const);
  const [first, last] = [points[0], points.at(-1)];
  return (
    <figure>
      <div class="row">
        <h3>{texts.errorCurve}</h3>
      </div>
      <Curve
        lines={[{ look: 'bold', points, dots: true }]}
        marks={useMarks(state)}
        scale="linear"
        least={0}
        across={texts.updates}
        up={texts.testError}
        format={(share) => percent(share, 0)}
        label={first && last ? texts.errorLabel(percent(first[1]), percent(last[1])) : texts.errorCurve}
      />
      {facts && (
        <figcaption class="quiet note">
          {texts.errorCaption(grouped(facts.tested), grouped(facts.testImages), facts.testEvery)}
        </figcaption>
      )}
    </figure>
  );
}

/** Where the rate was changed, and where the training diverged. */
function useMarks({ rates, divergence }: TrainingState): readonly CurveMark[] {
  const texts = useTexts(table);
  const changes = rates.map(({ after, rate }) => ({ x: after, text: texts.rateMark(number(rate)) }));
  const end = divergence ? [{ x: divergence.at, text: texts.divergedMark, isEnd: true }] : [];
  return [...changes, ...end].sort((one, other) => one.x - other.x);
}
