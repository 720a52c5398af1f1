/** Turns the picture into another digit for the network, step by step. */
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { scoreKind } from '../../../src/core/score-kind';
import type { OpenedModel, Seen } from '../../model/opened';
import { NumberField } from '../../parts/field';
import { useSetting } from '../../page-state';
import { backwards } from '../../texts/backwards';
import { useTexts } from '../../texts/language';
import { ClassChoice } from '../loss/loss-section';
import { inputRange, type InputRange } from './input-range';
import { descended, towards, type Turned } from './turning';
import { Walked } from './walked';

interface TurningProps {
  readonly model: OpenedModel;
  readonly seen: Seen;
  readonly wanted: number;
}

export function Turning({ model, seen, wanted }: TurningProps) {
  const texts = useTexts(backwards);
  const kind = scoreKind(model.trained.recipe.loss);
  // The loss of LeNet-5’s distances is some thirty times as steep as that of activations.
  const usualRate = kind === 'distances' ? '0.01' : '0.3';
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
        <NumberField
          label={texts.rate}
          value={rate}
          least={0}
          onChoose={(text) => setRate(text || usualRate)}
        />
        <NumberField label={texts.steps} value={most} least={0} onChoose={(text) => setMost(text || '60')} />
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
