/** Train live: a network learns in a worker, and one sees how. */
import { useEffect, useRef, useState } from 'preact/hooks';
import { grouped, number, percent } from '../../src/core/text/numbers';
import { usePageState, useSettings } from '../page-state';
import { useTexts } from '../texts/language';
import { training as table } from '../texts/training';
import { choicesOf, type Choices } from './choices';
import { Confusion } from './shown/confusion';
import { ChoicesForm, type Say } from './controls';
import { Curves } from './shown/curves';
import { Keep } from './shown/keep';
import { watchedUpdates } from './learning/divergence';
import { Maps } from './shown/maps';
import { begin, changeRate, givenFiles, order, training, useTraining } from './session';
import type { TrainingState } from './state';
import { recentMean, recentUpdates } from './trace';

/** Whether the training was paused because its part of the page was left. */
let wasLeft = false;

export function Training() {
  const texts = useTexts(table);
  const [choices, say] = useChoices();
  const [isChanged, setChanged] = useState(false);
  const state = useBegun(choices, () => setChanged(true));
  useEffect(
    () => () => {
      wasLeft = training()?.phase === 'playing';
      order({ kind: 'pause' });
    },
    [],
  );
  if (!state) return null;
  const { tests, facts } = state;
  return (
    <div class="training" data-phase={state.phase}>
      <h2>{texts.heading}</h2>
      <p>{texts.about}</p>
      <Buttons state={state} onPress={() => setChanged(false)} />
      <Status state={state} isChanged={isChanged} />
      <div class="training-parts">
        <ChoicesForm
          {...{ choices, state, say }}
          files={givenFiles()}
          onFiles={(files) => {
            setChanged(true);
            begin(choices, files);
          }}
        />
        <div class="training-shown">
          <Figures state={state} />
          <Curves state={state} />
          <div class="training-weights">
            <Maps state={state} />
            {facts && tests.length > 0 && <Confusion tested={tests.at(-1)!} classes={facts.classes} />}
          </div>
          <Keep state={state} />
        </div>
      </div>
    </div>
  );
}

const prefix = 'training.';

/** The choices that the address says, and what changes them there. */
function useChoices(): readonly [Choices, Say] {
  const { settings } = usePageState().state;
  const change = useSettings();
  const choices = choicesOf((name) => settings[prefix + name]);
  const say: Say = (changes) =>
    change(Object.fromEntries(Object.entries(changes).map(([name, value]) => [prefix + name, value ?? ''])));
  return [choices, say];
}

/** The training of the choices: the one that is there if it is theirs, or a new one. */
function useBegun(choices: Choices, onChange: () => void): TrainingState | null {
  const state = useTraining();
  const wanted = withoutRate(choices);
  const isFirst = useRef(true);
  useEffect(() => {
    const there = training();
    if (!there || withoutRate(there.choices) !== wanted) {
      if (!isFirst.current) onChange();
      begin(choices);
    }
    isFirst.current = false;
  }, [wanted]);
  useEffect(() => changeRate(choices.rate), [choices.rate]);
  return state;
}

/** What cannot be changed without beginning anew, as text. */
function withoutRate({ rate: _, rival, ...others }: Choices): string {
  return JSON.stringify({ ...others, ...(others.network === 'lenet5' && { rival }) });
}

interface Shown {
  readonly state: TrainingState;
}

function Buttons({ state, onPress }: Shown & { readonly onPress: () => void }) {
  const texts = useTexts(table);
  const { phase, divergence } = state;
  const isPlaying = phase === 'playing';
  const isOver = phase === 'preparing' || phase === 'failed' || divergence?.message != null;
  const press = (what: 'play' | 'pause' | 'step') => {
    wasLeft = false;
    onPress();
    order({ kind: what });
  };
  return (
    <div class="row buttons">
      <button
        type="button"
        class="main"
        disabled={isOver}
        onClick={() => press(isPlaying ? 'pause' : 'play')}
      >
        {isPlaying ? texts.pause : texts.play}
      </button>
      <button type="button" disabled={isOver} onClick={() => press('step')}>
        {texts.step}
      </button>
      <button
        type="button"
        onClick={() => {
          wasLeft = false;
          onPress();
          begin(state.choices);
        }}
      >
        {texts.restart}
      </button>
    </div>
  );
}

function Status({ state, isChanged }: Shown & { readonly isChanged: boolean }) {
  const texts = useTexts(table);
  const { phase, done, divergence, facts } = state;
  const said = () => {
    switch (phase) {
      case 'preparing':
        return texts.preparing;
      case 'playing':
        return texts.playing;
      case 'paused':
        if (done === 0) return isChanged ? texts.changed : texts.ready;
        return (wasLeft ? texts.left : texts.paused)(grouped(done));
      case 'failed':
        return '';
      default:
        return phase satisfies never;
    }
  };
  return (
    <>
      <p role="status">{said()}</p>
      {phase === 'failed' && (
        <p class="error" role="alert">
          {texts.failed(state.problem!)}
        </p>
      )}
      {divergence && (
        <p class="error" role="alert" data-diverged={divergence.at}>
          <strong>{texts.diverged(grouped(divergence.at), number(divergence.rate))}</strong>{' '}
          {divergence.message === null
            ? texts.saturated(number(divergence.loss), number(facts!.untrainedLoss!), watchedUpdates)
            : texts.notFinite(divergence.message)}
        </p>
      )}
    </>
  );
}

function Figures({ state }: Shown) {
  const texts = useTexts(table);
  const { done, facts, trace, imagesPerSecond, tests } = state;
  const loss = recentMean(trace);
  const tested = tests.at(-1);
  const figures = [
    ['done', texts.update, done, grouped(done)],
    ['epoch', texts.epoch, facts && done / facts.updatesPerEpoch, (value: number) => value.toFixed(2)],
    ['speed', texts.speed, imagesPerSecond, (value: number) => grouped(Math.round(value))],
    ['loss', texts.meanLoss(recentUpdates), loss, number],
    ['error', texts.testError, tested && tested.mistakes / tested.images, percent],
  ] as const;
  return (
    <dl class="figures" data-losses={JSON.stringify(trace.recent)}>
      {figures.map(([name, title, value, shown]) => (
        <div>
          <dt class="quiet">{title}</dt>
          <dd data-name={`training-${name}`} data-value={value ?? ''}>
            {value === null || value === undefined ? '–' : typeof shown === 'string' ? shown : shown(value)}
            {name === 'error' && tested && (
              <small class="quiet">{texts.mistakes(grouped(tested.mistakes), grouped(tested.images))}</small>
            )}
          </dd>
        </div>
      ))}
    </dl>
  );
}
