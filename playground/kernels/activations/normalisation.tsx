/** Local response normalisation across the first layer's maps. */
import type { LayerOutput } from '../../../src/describe/units/activations';
import { squashings, type Squashing } from '../../model/squashing';
import { areaOf } from '../../parts/map-canvas';
import { Num } from '../../parts/num';
import { number } from '../../../src/core/text/numbers';
import { kernels } from '../../texts/kernels';
import { useTexts } from '../../texts/language';
import { MapPanel } from '../parts/map-panel';
import { planeOfOutput } from '../plane';
import { usePointed, type Place } from '../parts/pointed';
import { NumberField, Select } from '../../parts/field';
import { numberIn, wholeIn, type Settings } from '../settings';
import { neighboursOf, normalisedPlane, normalisedUnit, ofThePaper, type Normalisation } from './normalise';

interface NormalisedProps {
  readonly settings: Settings;
  readonly set: (changes: Partial<Settings>) => void;
  readonly squashing: Squashing;
  /** The sums of all maps. */
  readonly sums: LayerOutput;
  readonly layerName: string;
}

/** What the settings say; n is odd. */
function normalisationOf(settings: Settings): Normalisation {
  const n = wholeIn(settings['norm.n'], 1, 99, ofThePaper.n);
  return {
    k: numberIn(settings['norm.k'], 1e-3, 1000, ofThePaper.k),
    n: n % 2 === 0 ? n + 1 : n,
    alpha: numberIn(settings['norm.alpha'], 0, 1000, ofThePaper.alpha),
    beta: numberIn(settings['norm.beta'], 0, 10, ofThePaper.beta),
  };
}

export function NormalisedMaps({ settings, set, squashing, sums, layerName }: NormalisedProps) {
  const texts = useTexts(kernels);
  const normalisation = normalisationOf(settings);
  const activated = { ...sums, values: sums.values.map((sum) => squashings[squashing](sum)) };
  const map = wholeIn(settings['norm.map'], 0, sums.shape[2]! - 1, 0);
  const before = planeOfOutput(activated, map)!;
  const after = normalisedPlane(activated, map, normalisation);
  const { place, pointing } = usePointed(before, settings['norm.at'], (at) => set({ 'norm.at': at }));
  const marks = [areaOf(place)];
  return (
    <>
      <div class="card controls">
        <Constants {...{ settings, set, layerName, map, normalisation }} maps={sums.shape[2]!} />
      </div>
      <div class="maps">
        <MapPanel {...pointing} id="unnormalised" title={texts.before} plane={before} marks={marks} />
        <MapPanel {...pointing} id="normalised" title={texts.after} plane={after} marks={marks} />
        <Steps {...{ activated, map, place, normalisation }} />
      </div>
    </>
  );
}

function Constants({
  settings,
  set,
  layerName,
  map,
  maps,
  normalisation,
}: Pick<NormalisedProps, 'settings' | 'set' | 'layerName'> & {
  readonly map: number;
  readonly maps: number;
  readonly normalisation: Normalisation;
}) {
  const texts = useTexts(kernels);
  const fields = [
    ['norm.k', 'k', normalisation.k, '0.5'],
    ['norm.n', 'n', normalisation.n, '2'],
    ['norm.alpha', 'α', normalisation.alpha, 'any'],
    ['norm.beta', 'β', normalisation.beta, '0.05'],
  ] as const;
  const paper = ['norm.k', 'norm.n', 'norm.alpha', 'norm.beta'] as const;
  const { k, n, alpha, beta } = ofThePaper;
  const usual = [k, n, alpha, beta];
  return (
    <div class="row">
      <Select label={texts.map} value={String(map)} onChoose={(value) => set({ 'norm.map': value })}>
        {Array.from({ length: maps }, (_, each) => (
          <option value={String(each)}>{texts.mapOf(layerName, each)}</option>
        ))}
      </Select>
      {fields.map(([name, label, value, step]) => (
        <NumberField
          label={label}
          value={String(value)}
          step={step}
          onChoose={(text) => set({ [name]: text })}
        />
      ))}
      <button
        type="button"
        disabled={paper.every((name, at) => Number(settings[name]) === usual[at])}
        onClick={() => set(Object.fromEntries(paper.map((name, at) => [name, String(usual[at])])))}
      >
        {texts.paperConstants}
      </button>
    </div>
  );
}

/** One unit's normalisation, number by number. */
function Steps({
  activated: { shape, values },
  map,
  place: [row, column],
  normalisation,
}: {
  readonly activated: LayerOutput;
  readonly map: number;
  readonly place: Place;
  readonly normalisation: Normalisation;
}) {
  const texts = useTexts(kernels);
  const [, width, maps] = shape as readonly [number, number, number];
  const first = (row * width + column) * maps;
  const neighbours = neighboursOf(map, maps, normalisation.n);
  const around = neighbours.map((each) => values[first + each]!);
  const a = values[first + map]!;
  const { sumOfSquares, divisor, value } = normalisedUnit(a, around, normalisation);
  return (
    <section class="card window">
      <h4>{texts.unitValue(row, column)}</h4>
      <table>
        <thead>
          <tr>
            <th scope="col">{texts.mapNumber}</th>
            <th scope="col">aⱼ</th>
            <th scope="col">aⱼ²</th>
          </tr>
        </thead>
        <tbody>
          {neighbours.map((each, at) => (
            <tr>
              <th scope="row">{each === map ? `${each} ★` : each}</th>
              <td class="number">{number(around[at]!)}</td>
              <td class="number">{number(around[at]! ** 2)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <dl class="sizes values">
        <dt>{texts.sumOfSquares}</dt>
        <dd>
          <Num name="squares" value={sumOfSquares} />
        </dd>
        <dt>{texts.divisor}</dt>
        <dd>
          <Num name="divisor" value={divisor} />
        </dd>
        <dt>
          b = {number(a)} / {number(divisor)}
        </dt>
        <dd>
          <Num name="b" value={value} />
        </dd>
      </dl>
    </section>
  );
}
