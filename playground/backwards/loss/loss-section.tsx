/** The target, and the loss with its formula in numbers. */
import { mapOf } from '../../../src/describe/units/activations';
import { scoreKind } from '../../../src/core/score-kind';
import { ModelChoice } from '../../glance/glance';
import { bestClass, classCount, className, scoresOf } from '../../model/answers';
import { Select } from '../../parts/field';
import { MapCanvas } from '../../parts/map-canvas';
import { Num } from '../../parts/num';
import { number } from '../../../src/core/text/numbers';
import { greyScale } from '../../../src/describe/draw/palette';
import { useSetting } from '../../page-state';
import { auxiliaryHeads } from '../../photo/heads';
import { DigitChoices } from '../../picture/choices';
import { takesDigits } from '../../picture/picture';
import { backwards } from '../../texts/backwards';
import { useTexts } from '../../texts/language';
import type { SectionProps } from '../section';
import { lossTerms, type LossTerms } from './loss-terms';
import { useMemo } from 'preact/hooks';

export function LossSection({ model, picture, seen, backward }: SectionProps) {
  const texts = useTexts(backwards);
  const { loss } = model.trained.recipe;
  const { target, scores } = backward;
  const terms = lossTerms(loss, scores, target);
  const answer = bestClass(model, scoresOf(seen));
  const shape = model.trained.model.inputs[0]!.shape.slice(1) as [number, number, number];
  const input = useMemo(() => mapOf({ shape, values: seen.input }, 0), [seen]);
  const heads = useMemo(() => auxiliaryHeads(model.trained), [model]);
  const drops = model.trained.model.layers.some((layer) => layer.getClassName() === 'SeededDropout');
  const about = terms.kind === 'rbfPenalty' && terms.rival === null ? 'rbfPenaltyAlone' : terms.kind;
  return (
    <>
      <div class="row start">
        <MapCanvas
          {...{ values: input, height: shape[0], width: shape[1], scale: greyScale(input) }}
          unit={Math.max(1, Math.floor(128 / shape[1]))}
          label={texts.picture}
        />
        <div>
          <ModelChoice />
          <ClassChoice setting="backwards.target" {...{ model, chosen: target, label: texts.target }} />
          <p>
            {picture.label !== null && `${texts.isLabel(className(model, picture.label))} `}
            {texts.answers(className(model, answer))}
          </p>
          <p class="total">
            {texts.lossIs} <var>E</var> = <Num name="loss" value={backward.loss} />
          </p>
        </div>
      </div>
      {takesDigits(model.trained) && (
        <details>
          <summary>{texts.another}</summary>
          <DigitChoices />
        </details>
      )}
      <p>{texts[about]}</p>
      {drops && <p>{texts.dropout}</p>}
      <div class="scroll" tabIndex={0} role="group" aria-label={texts.lossTitle}>
        <Formula terms={terms} target={className(model, target)} />
        {heads.some(({ loaded }) => !loaded) && <p>{texts.randomHeads}</p>}
        {heads.some(({ loaded }) => loaded) && (
          <p>
            {texts.auxiliary} <Num name="auxiliary" value={backward.loss - terms.loss} />
          </p>
        )}
      </div>
      <ScoreTable {...{ model, backward, terms }} />
    </>
  );
}

/** Buttons for a few classes, a list for many. */
export function ClassChoice(props: {
  readonly model: SectionProps['model'];
  readonly chosen: number;
  readonly setting: string;
  readonly label: string;
}) {
  const { model, chosen, label } = props;
  const [, choose] = useSetting(props.setting, '');
  const classes = Array.from({ length: classCount(model) }, (_, index) => index);
  if (classes.length > 12)
    return (
      <Select label={label} value={chosen} onChoose={choose}>
        {classes.map((index) => (
          <option value={index}>{className(model, index)}</option>
        ))}
      </Select>
    );
  return (
    <div class="row classes" role="group" aria-label={label}>
      <span>{label}</span>
      <span>
        {classes.map((index) => (
          <button type="button" aria-pressed={index === chosen} onClick={() => choose(String(index))}>
            {className(model, index)}
          </button>
        ))}
      </span>
    </div>
  );
}

function Formula({ terms, target }: { readonly terms: LossTerms; readonly target: string }) {
  switch (terms.kind) {
    case 'rbfPenalty': {
      const { rival, own, nearness, competition, loss } = terms;
      const sum = nearness.reduce((total, near) => total + near, 0);
      if (rival === null)
        return (
          <p class="loss-formula">
            <var>E</var> = <var>y</var>
            <sub>{target}</sub> = {number(own)}
          </p>
        );
      return (
        <p class="loss-formula">
          <span>
            <var>E</var> = <var>y</var>
            <sub>{target}</sub> + log(<var>e</var>
            <sup>−j</sup> + Σ<sub>i</sub> <var>e</var>
            <sup>
              −y<sub>i</sub>
            </sup>
            )
          </span>
          <span>
            = {number(own)} + log(<var>e</var>
            <sup>−{number(rival)}</sup> + {number(sum)})
          </span>
          <span>
            = {number(own, 7)} {signed(competition)} = <Num name="terms" value={loss} />
          </span>
        </p>
      );
    }
    case 'squaredError': {
      const shown = terms.halves.map((half) => number(half, 2)).join(' + ');
      return (
        <p class="loss-formula">
          <span>
            <var>E</var> = ½ Σ<sub>i</sub> (<var>s</var>
            <sub>i</sub> − <var>t</var>
            <sub>i</sub>)²
          </span>
          <span>= {shown}</span>
          <span>
            = <Num name="terms" value={terms.loss} />
          </span>
        </p>
      );
    }
    case 'softmaxCrossEntropy': {
      const { probabilities, weight, loss } = terms;
      const own = probabilities[Number(target)];
      return (
        <p class="loss-formula">
          <span>
            <var>E</var> = {weight !== 1 && `${number(weight)} · `}−log <var>p</var>
            <sub>{target}</sub>
            {own !== undefined && ` = ${weight === 1 ? '' : `${number(weight)} · `}−log ${number(own)}`}
          </span>
          <span>
            = <Num name="terms" value={loss} />
          </span>
        </p>
      );
    }
    default:
      return terms satisfies never;
  }
}

/** A number that is added, with its sign, and with digits enough for what is left of a difference. */
function signed(value: number): string {
  return value < 0 ? `− ${number(-value, 7)}` : `+ ${number(value, 7)}`;
}

/** What each class adds, and how the loss reacts to its score. */
function ScoreTable({
  model,
  backward,
  terms,
}: Pick<SectionProps, 'model' | 'backward'> & { readonly terms: LossTerms }) {
  const texts = useTexts(backwards);
  const { scores, scoreSlopes, target } = backward;
  const best = Array.from(scores.keys()).sort((one, other) => scores[other]! - scores[one]!);
  const kind = scoreKind(model.trained.recipe.loss);
  // Of a thousand classes, those that matter.
  const shown =
    scores.length <= 12
      ? [...scores.keys()]
      : [...new Set([target, ...(kind === 'distances' ? best.reverse() : best).slice(0, 10)])];
  const head = { distances: texts.distance, activations: texts.activation, logits: texts.logit }[kind];
  return (
    <div class="scroll" tabIndex={0} role="group" aria-label={head}>
      <table>
        <thead>
          <tr>
            <th scope="col">{texts.class}</th>
            <th scope="col" class="number">
              {head}
            </th>
            {columnsOf(terms).map(({ title }) => (
              <th scope="col" class="number">
                {title in texts ? texts[title as 'probability'] : title}
              </th>
            ))}
            <th scope="col" class="number">
              {texts.scoreSlope}
            </th>
          </tr>
        </thead>
        <tbody>
          {shown.map((index) => (
            <tr class={index === target ? 'target' : undefined}>
              <th scope="row">
                {className(model, index)}
                {index === target && ` (${texts.isTarget})`}
              </th>
              <td class="number">
                <Num name={`score-${index}`} value={scores[index]!} />
              </td>
              {columnsOf(terms).map(({ values }) => (
                <td class="number">{number(values[index]!)}</td>
              ))}
              <td class="number">
                <Num name={`score-slope-${index}`} value={scoreSlopes[index]!} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** The columns between a score and its derivative: a formula, or the name of a text. */
function columnsOf(terms: LossTerms): readonly { title: string; values: readonly number[] }[] {
  switch (terms.kind) {
    case 'rbfPenalty':
      return terms.rival === null ? [] : [{ title: 'e⁻ʸ', values: terms.nearness }];
    case 'squaredError':
      return [
        { title: 'wantedValue', values: terms.targets },
        { title: '½ (s − t)²', values: terms.halves },
      ];
    case 'softmaxCrossEntropy':
      return [{ title: 'probability', values: terms.probabilities }];
    default:
      return terms satisfies never;
  }
}
