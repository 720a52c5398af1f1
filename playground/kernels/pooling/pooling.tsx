/** Pooling: a map, its windows, the pooled map, and what a shift of the map changes in it. */
import type { PartProps } from '../../app';
import { areaOf } from '../../parts/map-canvas';
import { Num } from '../../parts/num';
import { NumberGrid } from '../../parts/number-grid';
import { number } from '../../../src/core/text/numbers';
import { kernels } from '../../texts/kernels';
import { useTexts } from '../../texts/language';
import type { FirstLayer } from '../first-layer';
import { chosenMap, MapChoice, type ChosenMaps } from '../parts/map-choice';
import { MapPanel, scaleOf, unitOf } from '../parts/map-panel';
import { largestDifference, planeOfOutput, type Plane } from '../plane';
import { usePointed, type Place } from '../parts/pointed';
import { Select } from '../../parts/field';
import type { Settings } from '../settings';
import { poolResult, poolSetting, trainedMap, trainedValue, type PoolSetting } from './choice';
import { poolOf, valuesIn, windowAt, winnerOf } from './pool';
import { ShiftedPooling } from './shifted';

interface PoolingProps extends Pick<PartProps, 'seen'> {
  readonly settings: Settings;
  readonly set: (changes: Partial<Settings>) => void;
  readonly maps: ChosenMaps;
  readonly layer: FirstLayer | undefined;
}

export function Pooling({ settings, set, maps, layer, seen }: PoolingProps) {
  const texts = useTexts(kernels);
  const plane = chosenMap(settings['pool.map'], maps);
  const map = Number(settings['pool.map'] || NaN);
  const squashed = settings['pool.squashed'] === 'yes';
  const trained = trainedMap(layer?.subsampling, map, squashed);
  const setting = poolSetting(settings, trained, layer?.subsampling?.size);
  const result = poolResult(plane, setting);
  const { place, pointing } = usePointed(result, settings['pool.at'], (at) => set({ 'pool.at': at }));
  const window = windowAt(plane, setting.pooling, place);
  const values = valuesIn(plane, window);
  const winner = setting.pooling.of === 'maximum' ? winnerOf(values) : undefined;
  const marks = [window, ...(winner === undefined ? [] : [areaOf(placeIn(window, winner))])];
  const unit = unitOf(plane);
  return (
    <section class="pooling" aria-labelledby="pooling">
      <h2 id="pooling">{texts.pooling}</h2>
      <p>{texts.poolingAbout}</p>
      <Controls {...{ settings, set, maps, setting, layer, trained }} />
      {result ? (
        <>
          <p>{texts.pointAtPooled}</p>
          <div class="maps">
            <MapPanel id="pool-input" title={texts.map} {...{ plane, unit, marks }} />
            <MapPanel
              {...pointing}
              id="pooled"
              title={texts.pooled}
              plane={result}
              unit={unit}
              marks={[areaOf(place)]}
            />
            <Window {...{ plane, place, setting, values, window, winner }} />
          </div>
          {setting.trained && layer?.subsampling && (
            <AgainstLayer
              own={planeOfOutput(
                seen.outputs.get(squashed ? layer.subsampling.squashed : layer.subsampling.name),
                map,
              )}
              name={layer.subsampling.name}
              result={result}
            />
          )}
          <ShiftedPooling {...{ settings, set, plane, setting, result }} />
        </>
      ) : (
        <p class="error">{texts.doesNotFit}</p>
      )}
    </section>
  );
}

function placeIn({ top, left, width }: { top: number; left: number; width: number }, at: number): Place {
  return [top + Math.floor(at / width), left + (at % width)];
}

function Controls({
  settings,
  set,
  maps,
  setting,
  layer,
  trained,
}: Pick<PoolingProps, 'settings' | 'set' | 'maps' | 'layer'> & {
  readonly setting: PoolSetting;
  readonly trained: unknown;
}) {
  const texts = useTexts(kernels);
  const { kind, pooling } = setting;
  const about = { maximum: texts.about_maximum, mean: texts.about_average, sum: texts.about_trained_pool };
  return (
    <div class="card controls">
      <div class="row">
        <MapChoice
          maps={maps}
          sums={false}
          value={settings['pool.map']}
          onChoose={(value) => set({ 'pool.map': value })}
        />
        <Select label={texts.poolKind} value={kind} onChoose={(value) => set({ 'pool.kind': value })}>
          <option value="maximum2">{texts.maximum2}</option>
          <option value="average2">{texts.average2}</option>
          <option value="trained" disabled={!trained}>
            {trained ? texts.subsampling(layer!.subsampling!.name) : texts.noSubsampling}
          </option>
          <option value="maximum3">{texts.maximum3}</option>
          <option value="average3">{texts.average3}</option>
        </Select>
        <Select
          label={texts.edge}
          value={pooling.rounding}
          disabled={kind === 'trained'}
          onChoose={(value) => set({ 'pool.edge': value })}
        >
          <option value="floor">{texts.edgeFloor}</option>
          <option value="ceil">{texts.edgeCeil}</option>
        </Select>
        {kind === 'trained' && (
          <label>
            <input
              type="checkbox"
              checked={settings['pool.squashed'] === 'yes'}
              onChange={({ currentTarget }) => set({ 'pool.squashed': currentTarget.checked ? 'yes' : 'no' })}
            />{' '}
            {texts.squashedToo}
          </label>
        )}
      </div>
      <p class="quiet about">
        {about[pooling.of]} {pooling.stride < pooling.size && texts.about_overlap}
      </p>
    </div>
  );
}

function Window({
  plane,
  place: [row, column],
  setting,
  values,
  window,
  winner,
}: {
  readonly plane: Plane;
  readonly place: Place;
  readonly setting: PoolSetting;
  readonly values: readonly number[];
  readonly window: { readonly height: number; readonly width: number };
  readonly winner: number | undefined;
}) {
  const texts = useTexts(kernels);
  const { pooling, trained } = setting;
  const sum = poolOf(values, 'sum');
  return (
    <section class="card window">
      <h3>{texts.window(row, column)}</h3>
      <NumberGrid
        caption={texts.windowValues}
        values={values}
        width={window.width}
        digits={3}
        scale={scaleOf(plane.values)}
        starred={winner}
      />
      <dl class="sizes values">
        <dt>
          {texts.maximum} {winner !== undefined && texts.wins}
        </dt>
        <dd>
          <Num name="maximum" value={poolOf(values, 'maximum')} />
        </dd>
        <dt>{texts.sum}</dt>
        <dd>
          <Num name="sum" value={sum} />
        </dd>
        <dt>{texts.mean}</dt>
        <dd>
          <Num name="mean" value={poolOf(values, 'mean')} />
        </dd>
        {trained && <TrainedSteps sum={sum} trained={trained} />}
      </dl>
      {window.height * window.width < pooling.size ** 2 && <p class="quiet">{texts.cutOff}</p>}
      <p class="quiet">{texts.fromZero}</p>
    </section>
  );
}

function TrainedSteps({
  sum,
  trained,
}: {
  readonly sum: number;
  readonly trained: NonNullable<PoolSetting['trained']>;
}) {
  const texts = useTexts(kernels);
  const { before, after } = trainedValue(sum, trained);
  const steps = [
    ['coefficient', texts.coefficient, trained.coefficient],
    ['bias', texts.bias, trained.bias],
    ['before', texts.beforeSquashing, before],
    ...(trained.squashing ? [['after', texts.afterSquashing, after] as const] : []),
  ] as const;
  return (
    <>
      {steps.map(([name, text, value]) => (
        <>
          <dt>{text}</dt>
          <dd>
            <Num name={name} value={value} />
          </dd>
        </>
      ))}
    </>
  );
}

function AgainstLayer({
  own,
  name,
  result,
}: {
  readonly own: Plane | undefined;
  readonly name: string;
  readonly result: Plane;
}) {
  const texts = useTexts(kernels);
  const most = own && largestDifference(own, result);
  if (most === undefined) return null;
  return (
    <p class="quiet" data-name="pool-difference" data-value={most}>
      {texts.sameAsLayer(name, number(most, 2))}
    </p>
  );
}
