/** One step of gradient descent in numbers, and what it does to the loss. */
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { bestClass, className } from '../../model/answers';
import { NumberField } from '../../parts/field';
import { Num } from '../../parts/num';
import { grouped, number, percent } from '../../../src/core/text/numbers';
import { usePageState, useSetting } from '../../page-state';
import { backwards } from '../../texts/backwards';
import { useTexts } from '../../texts/language';
import type { Backward } from '../backward';
import type { SectionProps } from '../section';
import { shownWeights } from '../layers/chosen-weight';
import { WeightName } from '../layers/kernel-gradients';
import { movedCopy, squaredNorm, weightCount, type MovedCopy, type UpdateStep } from './update-step';

export function Update({ model, seen, backward }: SectionProps) {
  const texts = useTexts(backwards);
  const { settings } = usePageState().state;
  const [text, setRate] = useSetting('backwards.rate', '0.001');
  const rate = Number(text) > 0 ? Number(text) : 0;
  const { now, steps, busy, step, reset } = useCopy({ model, seen, backward });
  const { slopes, chosen, node } = useMemo(() => shownWeights(model, now, settings), [model, now, settings]);
  const [weight, slope] = [chosen.tensor.values[chosen.place]!, chosen.tensor.slopes[chosen.place]!];
  return (
    <>
      <p>{texts.updateAbout}</p>
      <p class="quiet">{texts.plainStep}</p>
      <NumberField
        label={texts.rate}
        value={text}
        least={0}
        onChoose={(given) => setRate(given || '0.001')}
      />
      <h3>{texts.stepOf(steps.length + 1)}</h3>
      <ol class="steps">
        <li>
          {texts.theWeight} ({slopes.layer.name},{' '}
          <WeightName chosen={chosen} vector={node.layer.outputShape.length < 4} />
          ): <var>w</var> = <Num name="step-weight" value={weight} />
        </li>
        <li>
          {texts.stepGradient} ∂<var>E</var>/∂<var>w</var> = <Num name="step-slope" value={slope} />
        </li>
        <li>
          {texts.stepScaled} <var>ε</var> ∂<var>E</var>/∂<var>w</var> = {number(rate)} · {bracketed(slope)} ={' '}
          <Num name="step-scaled" value={rate * slope} />
        </li>
        <li>
          {texts.stepMoved} <var>w</var> − <var>ε</var> ∂<var>E</var>/∂<var>w</var> = {number(weight)} −{' '}
          {bracketed(rate * slope)} = <Num name="step-moved" value={weight - rate * slope} />
        </li>
        <li>
          {texts.stepAll(grouped(weightCount(now)))} −{number(rate)} · {number(squaredNorm(now))} ={' '}
          <Num name="step-predicted" value={-rate * squaredNorm(now)} />
        </li>
      </ol>
      <p class="row">
        <button type="button" disabled={busy || rate === 0} onClick={() => step(rate)} data-do="apply">
          {texts.apply}
        </button>
        <button type="button" disabled={busy || steps.length === 0} onClick={reset}>
          {texts.reset}
        </button>
        <span role="status">
          {steps.length > 0 && texts.copyAnswers(className(model, bestClass(model, now.scores)))}
        </span>
      </p>
      {steps.length > 0 && <StepTable steps={steps} />}
      <p class="quiet">{texts.overshoot}</p>
    </>
  );
}

/** A copy of the model, and the step that it is taking. */
interface Moving {
  readonly copy: MovedCopy;
  taken: Promise<unknown>;
}

/** A copy of the model, made when the first step is taken; a new picture or target starts anew. */
function useCopy({ model, seen, backward }: Pick<SectionProps, 'model' | 'seen' | 'backward'>) {
  const moving = useRef<Moving>();
  const [now, setNow] = useState<Backward>();
  const [steps, setSteps] = useState<readonly UpdateStep[]>([]);
  const [busy, setBusy] = useState(false);
  const reset = () => {
    const left = moving.current;
    moving.current = undefined;
    if (left) void left.taken.finally(() => left.copy.dispose());
    setNow(undefined);
    setSteps([]);
    setBusy(false);
  };
  useEffect(() => reset, [backward]);
  const step = (rate: number) => {
    const here = (moving.current ??= {
      copy: movedCopy(model.trained, seen.input),
      taken: Promise.resolve(),
    });
    setBusy(true);
    here.taken = here.copy.step(now ?? backward, rate).then(({ done, backward: after }) => {
      if (moving.current !== here) return;
      setNow(after);
      setSteps((before) => [...before, done]);
      setBusy(false);
    });
  };
  return { now: now ?? backward, steps, busy, step, reset };
}

function bracketed(value: number): string {
  return value < 0 ? `(${number(value)})` : number(value);
}

function StepTable({ steps }: { readonly steps: readonly UpdateStep[] }) {
  const texts = useTexts(backwards);
  const heads = [
    ...[texts.step, 'ε', texts.lossBefore, texts.predicted, texts.actual],
    ...[texts.lossAfter, texts.ratio],
  ];
  return (
    <div class="scroll" tabIndex={0} role="group" aria-label={texts.updateTitle}>
      <table>
        <thead>
          <tr>
            {heads.map((head) => (
              <th scope="col" class="number">
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {steps.map(({ rate, before, predicted, after }, at) => (
            <tr data-step={at + 1}>
              <th scope="row" class="number">
                {at + 1}
              </th>
              <td class="number">{number(rate)}</td>
              <td class="number">
                <Num name="before" value={before} />
              </td>
              <td class="number">
                <Num name="predicted" value={predicted} />
              </td>
              <td class="number">
                <Num name="actual" value={after - before} />
              </td>
              <td class="number">
                <Num name="after" value={after} />
              </td>
              <td class="number">{predicted === 0 ? '–' : percent((after - before) / predicted)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
