/** The choices of a training. */
import { useEffect, useState } from 'preact/hooks';
import { Select } from '../parts/field';
import { FileChoice } from '../parts/file-choice';
import { grouped, number } from '../../src/core/text/numbers';
import { useTexts } from '../texts/language';
import { training as table } from '../texts/training';
import {
  bounds,
  networks,
  rulesOf,
  within,
  wholeWithin,
  type Choices,
  type NetworkChoice,
  type Setting,
} from './choices';
import { changeRate } from './session';
import type { TrainingState } from './state';

/** Says settings to the address; undefined takes one out of it. */
export type Say = (settings: Readonly<Partial<Record<Setting, string | undefined>>>) => void;

interface ChoicesProps {
  readonly choices: Choices;
  readonly state: TrainingState;
  readonly say: Say;
  readonly files: readonly File[] | null;
  readonly onFiles: (files: readonly File[] | null) => void;
}

const titles: Readonly<Record<NetworkChoice, string>> = {
  lenet1: 'LeNet-1 (1989)',
  lenet5: 'LeNet-5 (1998)',
  neocognitron: 'Neocognitron (1980)',
};

export function ChoicesForm({ choices, state, say, files, onFiles }: ChoicesProps) {
  const texts = useTexts(table);
  const { network, rule } = choices;
  const chosenAnew = { rate: undefined, batch: undefined } as const;
  return (
    <form class="card choices-form" aria-label={texts.choices} onSubmit={(event) => event.preventDefault()}>
      <Select
        label={texts.network}
        value={network}
        onChoose={(name) => say({ ...chosenAnew, network: name, rule: undefined })}
      >
        {Object.keys(networks).map((name) => (
          <option value={name}>{titles[name as NetworkChoice]}</option>
        ))}
      </Select>
      <Select label={texts.rule} value={rule} onChoose={(name) => say({ ...chosenAnew, rule: name })}>
        {rulesOf(network).map((each) => (
          <option value={each}>{texts[each]}</option>
        ))}
      </Select>
      <p class="quiet note">{texts[`${rule}Note`]}</p>
      <RateField
        rate={state.choices.rate}
        note={texts[rule === 'winnerTakeAll' ? 'winRateNote' : 'rateNote']}
        say={say}
      />
      {rule !== 'winnerTakeAll' && (
        <BoundedNumber
          label={texts.batch}
          value={choices.batchSize}
          read={(text) => wholeWithin(text, 'batchSize')}
          onChange={(batch) => say({ batch: String(batch) })}
        />
      )}
      {network === 'lenet5' && <Competition rival={choices.rival} say={say} />}
      <Digits choices={choices} state={state} say={say} files={files} onFiles={onFiles} />
      <p class="quiet note">{texts.restartNote}</p>
    </form>
  );
}

interface BoundedProps {
  readonly label: string;
  readonly value: number;
  /** The number that a text says; undefined if it says none that can be chosen. */
  readonly read: (text: string) => number | undefined;
  readonly onChange: (value: number) => void;
  readonly disabled?: boolean;
}

/** A number that is taken when its field is left or Enter is pressed; what cannot be chosen is put back. */
function BoundedNumber({ label, value, read, onChange, disabled = false }: BoundedProps) {
  const [text, setText] = useState(String(value));
  useEffect(() => setText(String(value)), [value]);
  const take = (given: string) => {
    const found = read(given);
    setText(String(found ?? value));
    if (found !== undefined && found !== value) onChange(found);
  };
  return (
    <label class="field">
      <span>{label}</span>
      <input
        type="text"
        inputMode="decimal"
        autocomplete="off"
        disabled={disabled}
        value={text}
        onInput={({ currentTarget }) => setText(currentTarget.value)}
        onChange={({ currentTarget }) => take(currentTarget.value)}
      />
    </label>
  );
}

/** The slider's steps are tenths of a decade. */
const sliderStep = 0.1;

interface RateProps {
  readonly rate: number;
  readonly note: string;
  readonly say: Say;
}

function RateField({ rate, note, say }: RateProps) {
  const texts = useTexts(table);
  const { least, most } = bounds.rate;
  // As it is dragged, the training follows at once, and the address when it is let go: browsers bound its changes.
  const rateAt = (exponent: string) => Number((10 ** Number(exponent)).toPrecision(2));
  return (
    <>
      <BoundedNumber
        label={texts.rate}
        value={rate}
        read={(text) => within(text, 'rate')}
        onChange={(value) => say({ rate: String(value) })}
      />
      <input
        type="range"
        class="rate"
        aria-label={texts.rateSlider}
        aria-valuetext={number(rate)}
        min={Math.log10(least)}
        max={Math.log10(most)}
        step={sliderStep}
        value={Math.round(Math.log10(rate) / sliderStep) * sliderStep}
        onInput={({ currentTarget }) => changeRate(rateAt(currentTarget.value))}
        onChange={({ currentTarget }) => say({ rate: String(rateAt(currentTarget.value)) })}
      />
      <p class="quiet note">{note}</p>
    </>
  );
}

function Competition({ rival, say }: { readonly rival: number | null; readonly say: Say }) {
  const texts = useTexts(table);
  return (
    <>
      <BoundedNumber
        label={texts.j}
        value={rival ?? 1}
        disabled={rival === null}
        read={(text) => within(text, 'rival')}
        onChange={(j) => say({ j: String(j) })}
      />
      <label class="check">
        <input
          type="checkbox"
          checked={rival !== null}
          onChange={({ currentTarget }) => say({ j: currentTarget.checked ? undefined : 'none' })}
        />{' '}
        {texts.competition}
      </label>
      <p class="quiet note">{texts.jNote}</p>
    </>
  );
}

function Digits({ choices, state: { facts }, say, files, onFiles }: ChoicesProps) {
  const texts = useTexts(table);
  return (
    <fieldset
      onDragOver={(event) => event.preventDefault()}
      onDrop={(event) => {
        event.preventDefault();
        const given = [...(event.dataTransfer?.files ?? [])];
        if (given.length > 0) onFiles(given);
      }}
    >
      <legend>{texts.data}</legend>
      <BoundedNumber
        label={texts.seed}
        value={choices.seed}
        read={(text) => wholeWithin(text, 'seed')}
        onChange={(seed) => say({ seed: String(seed) })}
      />
      {!files && (
        <BoundedNumber
          label={texts.images}
          value={choices.images}
          read={(text) => wholeWithin(text, 'images')}
          onChange={(images) => say({ images: String(images) })}
        />
      )}
      <FileChoice text={texts.files} name="digits" what="files" onChoose={onFiles} />
      <p class="quiet note">{texts.filesNote}</p>
      {files && (
        <button type="button" onClick={() => onFiles(null)}>
          {texts.drawn}
        </button>
      )}
      {facts && (
        <p class="note" data-data={facts.data}>
          {texts.dataInUse(facts.data, grouped(facts.trainingImages), grouped(facts.testImages))}
        </p>
      )}
    </fieldset>
  );
}
