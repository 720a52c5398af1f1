/** What a shift of a map by one pixel changes in its pooled map. */
import { number, percent } from '../../../src/core/text/numbers';
import { kernels } from '../../texts/kernels';
import { useTexts } from '../../texts/language';
import { MapPanel, scaleOf, unitOf } from '../parts/map-panel';
import type { Plane } from '../plane';
import { Select } from '../../parts/field';
import { oneOf, type Settings } from '../settings';
import { poolResult, type PoolSetting } from './choice';
import { changeOf, shifted, shifts, type Change, type Shift } from './pool';

interface ShiftedProps {
  readonly settings: Settings;
  readonly set: (changes: Partial<Settings>) => void;
  readonly plane: Plane;
  readonly setting: PoolSetting;
  /** The pooled map without a shift. */
  readonly result: Plane;
}

const directions = Object.keys(shifts) as readonly Shift[];

export function ShiftedPooling({ settings, set, plane, setting, result }: ShiftedProps) {
  const texts = useTexts(kernels);
  const shift = oneOf(settings['pool.shift'], directions, 'right');
  const moved = shifted(plane, shift);
  const after = poolResult(moved, setting)!;
  const differences = { ...result, values: after.values.map((value, at) => value - result.values[at]!) };
  const scale = scaleOf(Float32Array.of(...result.values, ...after.values));
  const unit = unitOf(plane);
  return (
    <section aria-labelledby="shift">
      <h3 id="shift">{texts.shift}</h3>
      <p>{texts.shiftAbout}</p>
      <div class="row">
        <Select label={texts.shiftTo} value={shift} onChoose={(value) => set({ 'pool.shift': value })}>
          {directions.map((direction) => (
            <option value={direction}>{texts[direction]}</option>
          ))}
        </Select>
      </div>
      <div class="maps">
        <MapPanel id="pooled-before" title={texts.pooledBefore} plane={result} {...{ scale, unit }} />
        <MapPanel id="pooled-after" title={texts.pooledAfter} plane={after} {...{ scale, unit }} />
        <MapPanel id="pooled-difference" title={texts.difference} plane={differences} unit={unit} />
        <div class="scroll">
          <table class="changes">
            <thead>
              <tr>
                <th scope="col">{texts.whatChanged}</th>
                <th scope="col">{texts.changed}</th>
                <th scope="col">{texts.largestChange}</th>
                <th scope="col">{texts.meanChange}</th>
              </tr>
            </thead>
            <tbody>
              <ChangeRow id="map" name={texts.changeOfMap} change={changeOf(plane, moved)} />
              <ChangeRow id="pooled" name={texts.changeOfPooled} change={changeOf(result, after)} />
            </tbody>
          </table>
        </div>
      </div>
    </section>
  );
}

function ChangeRow({
  id,
  name,
  change: { share, largest, mean },
}: {
  readonly id: string;
  readonly name: string;
  readonly change: Change;
}) {
  return (
    <tr data-change={id}>
      <th scope="row">{name}</th>
      <td class="number" data-value={share}>
        {percent(share)}
      </td>
      <td class="number" data-value={largest}>
        {number(largest)}
      </td>
      <td class="number" data-value={mean}>
        {number(mean)}
      </td>
    </tr>
  );
}
