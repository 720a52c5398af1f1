/** Activation functions on a map of sums, and normalisation across the maps that come out. */
import { squashingNames, squashings, type Squashing } from '../../model/squashing';
import { FunctionCurve } from '../../parts/curves/function-curve';
import { areaOf } from '../../parts/map-canvas';
import { Num } from '../../parts/num';
import { number } from '../../../src/core/text/numbers';
import { kernels } from '../../texts/kernels';
import { useTexts } from '../../texts/language';
import type { PartProps } from '../../app';
import type { FirstLayer } from '../first-layer';
import { chosenMap, MapChoice, type ChosenMaps } from '../parts/map-choice';
import { MapPanel } from '../parts/map-panel';
import { rangeOf } from '../../../src/describe/draw/palette';
import { largestDifference, planeOfOutput, type Plane } from '../plane';
import { usePointed } from '../parts/pointed';
import { Select } from '../../parts/field';
import { oneOf, type Settings } from '../settings';
import { Histogram } from './histogram';
import { NormalisedMaps } from './normalisation';
import { squashedPlane } from './squash';

interface ActivationsProps extends Pick<PartProps, 'seen'> {
  readonly settings: Settings;
  readonly set: (changes: Partial<Settings>) => void;
  readonly maps: ChosenMaps;
  readonly layer: FirstLayer | undefined;
}

export function ActivationFunctions({ settings, set, maps, layer, seen }: ActivationsProps) {
  const texts = useTexts(kernels);
  const before = chosenMap(settings['squash.map'], maps);
  const squashing = oneOf(settings['squash.kind'], squashingNames, 'scaledTanh');
  return (
    <section class="activations" aria-labelledby="activations">
      <h2 id="activations">{texts.activations}</h2>
      <p>{texts.activationsAbout}</p>
      <div class="card controls">
        <div class="row">
          <MapChoice
            maps={maps}
            sums={layer?.sums ?? true}
            value={settings['squash.map']}
            onChoose={(value) => set({ 'squash.map': value })}
          />
          <Select
            label={texts.squashing}
            value={squashing}
            onChoose={(value) => set({ 'squash.kind': value })}
          >
            {squashingNames.map((name) => (
              <option value={name}>{texts[name]}</option>
            ))}
          </Select>
        </div>
        <p class="quiet about">{texts[`about_${squashing}`]}</p>
      </div>
      <Squashed {...{ settings, set, before, squashing, layer, seen }} />
      <section aria-labelledby="normalisation">
        <h3 id="normalisation">{texts.normalisation}</h3>
        <p>{texts.normalisationAbout}</p>
        {maps.layer?.shape.length === 3 ? (
          <NormalisedMaps {...{ settings, set, squashing }} sums={maps.layer} layerName={maps.layerName} />
        ) : (
          <p class="quiet">{texts.noLayer}</p>
        )}
      </section>
    </section>
  );
}

function Squashed({
  settings,
  set,
  before,
  squashing,
  layer,
  seen,
}: Omit<ActivationsProps, 'maps'> & { readonly before: Plane; readonly squashing: Squashing }) {
  const texts = useTexts(kernels);
  const after = squashedPlane(before, squashing);
  const { place, pointing } = usePointed(before, settings['squash.at'], (at) => set({ 'squash.at': at }));
  const a = before.values[place[0] * before.width + place[1]]!;
  const range = rangeOf(before.values);
  const name = texts[squashing];
  const own = layer && layer.squashing === squashing && ownMap(settings['squash.map'], layer, seen);
  const most = own && largestDifference(own, after);
  return (
    <>
      <p>{texts.pointAtUnit}</p>
      <div class="maps">
        <div class="stack">
          <MapPanel {...pointing} id="sums" title={texts.before} plane={before} marks={[areaOf(place)]} />
          <Histogram id="before" title={texts.histogramBefore} values={before.values} />
        </div>
        <figure class="panel">
          <FunctionCurve
            of={squashings[squashing]}
            range={range}
            chosen={a}
            label={texts.curve(name, number(range[0]), number(range[1]))}
          />
          <figcaption>
            <p class="equation">
              {texts.unitValue(...place)}: f(
              <Num name="a" value={a} />) = <Num name="f" value={squashings[squashing](a)} />
            </p>
            <span class="quiet">{texts.curveRange}</span>
          </figcaption>
        </figure>
        <div class="stack">
          <MapPanel {...pointing} id="squashed" title={texts.after} plane={after} marks={[areaOf(place)]} />
          <Histogram id="after" title={texts.histogramAfter} values={after.values} />
        </div>
      </div>
      {typeof most === 'number' && (
        <p class="quiet" data-name="squash-difference" data-value={most}>
          {texts.sameAsLayer(layer!.squashed, number(most, 2))}
        </p>
      )}
    </>
  );
}

function ownMap(map: string, layer: FirstLayer, seen: ActivationsProps['seen']): Plane | undefined {
  return layer.squashed === layer.name
    ? undefined
    : planeOfOutput(seen.outputs.get(layer.squashed), Number(map || NaN));
}
