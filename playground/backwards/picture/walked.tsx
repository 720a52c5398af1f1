/** A picture on its way to another digit: how it looks, and what the network makes of it. */
import { useMemo } from 'preact/hooks';
import { scoreKind } from '../../../src/core/score-kind';
import { mapOf } from '../../../src/describe/units/activations';
import { bestClass, className, scoresOf } from '../../model/answers';
import { Curve } from '../../parts/curves/curve';
import { Legend } from '../../parts/legend';
import { MapCanvas } from '../../parts/map-canvas';
import { Num } from '../../parts/num';
import { percent } from '../../../src/core/text/numbers';
import { divergingScale, type Scale } from '../../../src/describe/draw/palette';
import { usePageState } from '../../page-state';
import { digitCode } from '../../picture/digit-code';
import { backwards } from '../../texts/backwards';
import { useTexts } from '../../texts/language';
import type { SectionProps } from '../section';
import { greyValues, type InputRange } from './input-range';
import type { Turned } from './turning';

interface WalkedProps extends Pick<SectionProps, 'model' | 'seen'> {
  readonly wanted: number;
  readonly range: InputRange;
  /** The picture itself first. */
  readonly path: readonly Turned[];
}

export function Walked({ model, seen, wanted, range, path }: WalkedProps) {
  const texts = useTexts(backwards);
  const { change } = usePageState();
  const kind = scoreKind(model.trained.recipe.loss);
  const [first, last] = [path[0]!, path.at(-1)!];
  const from = bestClass(model, scoresOf(seen));
  const answers = useMemo(() => path.map(({ scores }) => bestClass(model, scores)), [path]);
  const flip = answers.at(-1) === wanted ? answers.findLastIndex((answer) => answer !== wanted) + 1 : 0;
  const pixels = useMemo(() => greyValues(last.input, model.trained), [model, last]);
  const numbers = [
    [texts.stepsDone, 'turn-steps', path.length - 1],
    [texts.lossFor(className(model, wanted)), 'turn-loss', last.loss],
    [texts[kind](className(model, from)), 'turn-from', last.scores[from]!],
    [texts[kind](className(model, wanted)), 'turn-wanted', last.scores[wanted]!],
  ] as const;
  return (
    <>
      <Pictures {...{ model, range }} before={first.input} now={last.input} />
      <dl class="numbers">
        {numbers.map(([title, name, value]) => (
          <div>
            <dt>{title}</dt>
            <dd>
              <Num name={name} value={value} />
            </dd>
          </div>
        ))}
        <div>
          <dt>{texts.answer}</dt>
          <dd data-name="turn-answer" data-value={answers.at(-1)}>
            <strong>{className(model, answers.at(-1)!)}</strong>
          </dd>
        </div>
        <div>
          <dt>{texts.moved}</dt>
          <dd>{percent(meanMove(first.input, last.input, range))}</dd>
        </div>
      </dl>
      <p role="status">{flip > 0 && texts.flipped(flip, className(model, wanted))}</p>
      {path.length > 1 && (
        <Curve
          label={texts.course}
          scale="linear"
          least={0}
          across={texts.steps}
          up={{ distances: texts.distance, activations: texts.activation, logits: texts.logit }[kind]}
          lines={[...new Set([wanted, from])].map((each) => ({
            look: each === wanted ? 'bold' : 'dashed',
            name: texts[kind](className(model, each)),
            points: path.map(({ scores }, step) => [step, scores[each]!]),
          }))}
        />
      )}
      <p>
        <button
          type="button"
          data-do="use"
          disabled={!pixels || path.length < 2}
          onClick={() => pixels && change({ picture: digitCode(pixels) }, true)}
        >
          {texts.use}
        </button>{' '}
        <span class="quiet">{pixels ? texts.useAbout : texts.notUsable}</span>
      </p>
    </>
  );
}

/** The picture before and now, and what changed. */
function Pictures(props: {
  readonly model: SectionProps['model'];
  readonly range: InputRange;
  readonly before: Float32Array;
  readonly now: Float32Array;
}) {
  const { model, range, before, now } = props;
  const texts = useTexts(backwards);
  const shape = model.trained.recipe.input.shape;
  const [height, width] = shape;
  const map = (values: Float32Array) => mapOf({ shape, values }, 0);
  const maps = useMemo(() => {
    const difference = map(now.map((value, at) => value - before[at]!));
    const grey: Scale = {
      kind: 'grey',
      least: range.black.reduce((least, value) => Math.min(least, value)),
      most: range.white.reduce((most, value) => Math.max(most, value)),
    };
    return [
      ['before', map(before), grey],
      ['now', map(now), grey],
      ['difference', difference, divergingScale(difference)],
    ] as const;
  }, [before, now, range]);
  return (
    <div class="pictures">
      {maps.map(([title, values, scale]) => (
        <figure>
          <MapCanvas
            {...{ values, height, width, scale, unit: Math.max(1, Math.floor(224 / width)) }}
            label={texts[title]}
          />
          <figcaption>
            {texts[title]}
            <br />
            <Legend scale={scale} />
          </figcaption>
        </figure>
      ))}
    </div>
  );
}

/** How far the pixels moved on average, as a share of their range; those of a margin do not count. */
function meanMove(before: Float32Array, now: Float32Array, { black, white }: InputRange): number {
  let [sum, count] = [0, 0];
  for (let at = 0; at < now.length; at++) {
    const span = Math.abs(white[at]! - black[at]!);
    if (span === 0) continue;
    sum += Math.abs(now[at]! - before[at]!) / span;
    count++;
  }
  return sum / Math.max(1, count);
}
