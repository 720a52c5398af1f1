/** How a kernel moves over a map: stride, padding, turn, and the size of the output that follows. */
import { useMemo } from 'preact/hooks';
import { number } from '../../../src/core/text/numbers';
import { kernels } from '../../texts/kernels';
import { useTexts } from '../../texts/language';
import type { FirstLayer } from '../first-layer';
import { largestDifference, type Plane } from '../plane';
import { NumberField, Select } from '../../parts/field';
import type { Settings } from '../settings';
import { sizeFormula } from './correlate';
import { settingsOf } from './kernel-choice';
import { benchResult, type BenchResult, type BenchSetting } from './result';

interface GeometryProps {
  readonly settings: Settings;
  readonly set: (changes: Partial<Settings>) => void;
  readonly setting: BenchSetting;
  readonly layer: FirstLayer | undefined;
}

export function Geometry({ settings, set, setting, layer }: GeometryProps) {
  const texts = useTexts(kernels);
  const { stride, padding, turned } = setting;
  return (
    <div class="row">
      <Select label={texts.stride} value={String(stride)} onChoose={(value) => set({ stride: value })}>
        {[1, 2, 3, 4].map((each) => (
          <option value={String(each)}>{each}</option>
        ))}
      </Select>
      <Select label={texts.padding} value={String(padding)} onChoose={(value) => set({ padding: value })}>
        <option value="valid">{texts.paddingValid}</option>
        <option value="same">{texts.paddingSame}</option>
        {Array.from({ length: 10 }, (_, at) => at + 1).map((width) => (
          <option value={String(width)}>{texts.paddingWidth(width)}</option>
        ))}
      </Select>
      {padding !== 'valid' && (
        <NumberField
          label={texts.border}
          value={settings.border}
          step="any"
          onChoose={(border) => set({ border })}
        />
      )}
      <Select label={texts.turn} value={turned ? 'yes' : 'no'} onChoose={(value) => set({ turned: value })}>
        <option value="no">{texts.correlation}</option>
        <option value="yes">{texts.convolution}</option>
      </Select>
      {setting.choice.kind === 'trained' && layer && (
        <button type="button" onClick={() => set(settingsOf(layer))}>
          {texts.asLayer(layer.name)}
        </button>
      )}
    </div>
  );
}

/** The size of the output by its formula, rounded down and up. */
export function OutputSize({
  map,
  setting,
  result,
}: {
  readonly map: Plane;
  readonly setting: BenchSetting;
  readonly result: BenchResult;
}) {
  const texts = useTexts(kernels);
  const { size } = setting.kernels[0]!;
  const { top, bottom, left, right } = result.borders;
  const down = [map.height, [top, bottom]] as const;
  const across = [map.width, [left, right]] as const;
  const square = String(down) === String(across);
  const sides = square
    ? [[texts.bothSides, ...down] as const]
    : [[texts.rows, ...down] as const, [texts.columns, ...across] as const];
  const line = (rounding: 'floor' | 'ceil') =>
    sides.map(([name, side, around]) => (
      <div class="formula" data-rounding={rounding}>
        {sizeFormula(side, around, size, setting.stride, rounding)} <span class="quiet">{name}</span>
      </div>
    ));
  return (
    <dl class="sizes">
      <dt>⌊(n + 2p − k) / s⌋ + 1</dt>
      <dd>
        {line('floor')}
        <span class="quiet">{texts.floorIs}</span>
      </dd>
      <dt>⌈(n + 2p − k) / s⌉ + 1</dt>
      <dd>
        {line('ceil')}
        <span class="quiet">{texts.ceilIs}</span>
      </dd>
      <dd class="quiet">{texts.formulaIs}</dd>
    </dl>
  );
}

/** What turning the kernel changes, said plainly. */
export function TurnExplained({
  map,
  setting,
  result,
  layer,
}: {
  readonly map: Plane;
  readonly setting: BenchSetting;
  readonly result: BenchResult;
  readonly layer: FirstLayer | undefined;
}) {
  const texts = useTexts(kernels);
  const other = useMemo(
    () => benchResult(map, { ...setting, turned: !setting.turned }, layer).output,
    [map, setting, layer],
  );
  const most = other && result.output && largestDifference(result.output, other);
  return (
    <p>
      {texts.turnAbout}{' '}
      {typeof most === 'number' && (most === 0 ? texts.turnSame : texts.turnApart(number(most)))}
    </p>
  );
}
