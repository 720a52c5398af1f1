/** Turns the picture into another digit for the network, step by step. */
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { scoreKind } from '../../../src/core/score-kind';
import { mapOf } from '../../../src/describe/units/activations';
import type { OpenedModel, Seen } from '../../model/opened';
import { Legend } from '../../parts/legend';
import { MapCanvas } from '../../parts/map-canvas';
import { percent } from '../../parts/numbers';
import { divergingScale, type Scale } from '../../parts/palette';
import { usePageState, useSetting } from '../../page-state';
import { digitCode } from '../../picture/digit-code';
import { backwards } from '../../texts/backwards';
import { useTexts } from '../../texts/language';
import { ClassChoice } from '../loss/loss-section';
import { answerOf, className, seenScores, Value } from '../section';
import { Course } from './course';
import { greyValues, inputRange, type InputRange } from './input-range';
import { descended, towards, type Turned } from './turning';

interface TurningProps {
  readonly model: OpenedModel;
  readonly seen: Seen;
  readonly wanted: number;
}

export function Turning({ model, seen, wanted }: TurningProps) {
  const texts = useTexts(backwards);
  const kind = scoreKind(model.trained.recipe.loss);
  // Distances of LeNet-5 are some hundred times as steep as activations.
  const usualRate = kind === 'distances' ? '0.01' : '0.1';
  const [rate, setRate] = useSetting('backwards.turnRate', usualRate);
  const [most, setMost] = useSetting('backwards.turnSteps', '60');
  const range = useMemo(() => inputRange(model.trained), [model]);
  const walk = useWalk({ model, seen, wanted }, Number(rate) > 0 ? Number(rate) : 0, range);
  const left = Math.max(0, Math.min(1000, Math.floor(Number(most)) || 0) - (walk.path.length - 1));
  return (
    <>
      <p>{texts.turnAbout}</p>
      <ClassChoice setting="backwards.wanted" {...{ model, chosen: wanted, label: texts.wanted }} />
      <p class="row">
        <NumberChoice label={texts.rate} value={rate} set={(text) => setRate(text || usualRate)} />
        <NumberChoice label={texts.steps} value={most} set={(text) => setMost(text || '60')} />
        <button type="button" data-do="step" disabled={walk.busy} onClick={() => walk.go(1)}>
          {texts.oneStep}
        </button>
        <button
          type="button"
          data-do="play"
          disabled={!walk.busy && left === 0}
          onClick={() => (walk.busy ? walk.stop() : walk.go(left))}
        >
          {walk.busy ? texts.pause : texts.play}
        </button>
        <button type="button" disabled={walk.path.length < 2} onClick={walk.again}>
          {texts.again}
        </button>
      </p>
      {walk.path.length > 0 && <Walked {...{ model, seen, wanted, range }} path={walk.path} />}
    </>
  );
}

function NumberChoice(props: {
  readonly label: string;
  readonly value: string;
  readonly set: (text: string) => void;
}) {
  return (
    <label>
      {props.label}{' '}
      <input
        type="number"
        min="0"
        step="any"
        value={props.value}
        onChange={({ currentTarget }) => props.set(currentTarget.value)}
      />
    </label>
  );
}

/** The steps that were taken, the picture itself first, and what takes more. A new picture starts anew. */
function useWalk({ model, seen, wanted }: TurningProps, rate: number, range: InputRange) {
  const [path, setPath] = useState<readonly Turned[]>([]);
  const [busy, setBusy] = useState(false);
  const walking = useRef<AbortController>();
  const steps = useRef<readonly Turned[]>([]);
  const show = (found: readonly Turned[]) => {
    steps.current = found;
    setPath(found);
  };
  const stop = () => {
    walking.current?.abort();
    setBusy(false);
  };
  const go = (count: number, from = steps.current) => {
    walking.current?.abort();
    const control = new AbortController();
    walking.current = control;
    setBusy(count > 0);
    void walked({ model, seen, wanted }, { rate, range, count, from, show, signal: control.signal }).then(
      () => control.signal.aborted || setBusy(false),
    );
  };
  useEffect(() => {
    go(0, []);
    return () => walking.current?.abort();
  }, [model, seen, wanted]);
  return { path, busy, go, stop, again: () => go(0, steps.current.slice(0, 1)) };
}

/** Takes some steps from where the last one led, and shows each. */
async function walked(
  { model, seen, wanted }: TurningProps,
  walk: {
    readonly rate: number;
    readonly range: InputRange;
    readonly count: number;
    readonly from: readonly Turned[];
    readonly show: (path: readonly Turned[]) => void;
    readonly signal: AbortSignal;
  },
): Promise<void> {
  const { rate, range, signal, show } = walk;
  const still = matchMedia('(prefers-reduced-motion: reduce)').matches;
  let path = walk.from.length > 0 ? walk.from : [await towards(model.trained, seen.input, wanted)];
  if (signal.aborted) return;
  show(path);
  for (let step = 1; step <= walk.count; step++) {
    const next = descended(path.at(-1)!, rate, range);
    path = [...path, await towards(model.trained, next, wanted)];
    // The page paints between two steps; where motion is not wanted, only the last one is shown.
    await new Promise((resolve) => setTimeout(resolve, still ? 0 : 30));
    if (signal.aborted) return;
    if (!still || step === walk.count) show(path);
  }
}

function Walked({
  model,
  seen,
  wanted,
  range,
  path,
}: TurningProps & { readonly range: InputRange; readonly path: readonly Turned[] }) {
  const texts = useTexts(backwards);
  const { change } = usePageState();
  const kind = scoreKind(model.trained.recipe.loss);
  const [first, last] = [path[0]!, path.at(-1)!];
  const from = answerOf(model, seenScores(model, seen));
  const answers = useMemo(() => path.map(({ scores }) => answerOf(model, scores)), [path]);
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
              <Value name={name} value={value} />
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
        <Course
          label={texts.course}
          axis={texts.steps}
          lines={[from, wanted]
            .filter((each, at, all) => all.indexOf(each) === at)
            .map((each) => ({
              name: texts[kind](className(model, each)),
              values: path.map(({ scores }) => scores[each]!),
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
  readonly model: OpenedModel;
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
    const grey: Scale = { kind: 'grey', least: Math.min(...range.black), most: Math.max(...range.white) };
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
