/** The choice of a kernel, with its size, and the editing of own numbers. */
import { Legend } from '../../parts/legend';
import { MapCanvas } from '../../parts/map-canvas';
import { NumberGrid } from '../../parts/number-grid';
import { number } from '../../../src/core/text/numbers';
import { divergingScale } from '../../../src/describe/draw/palette';
import { kernels as kernelTexts } from '../../texts/kernels';
import { useTexts } from '../../texts/language';
import type { FirstLayer } from '../first-layer';
import { NumberField, Select } from '../../parts/field';
import type { Settings } from '../settings';
import { kernelText, largestSize, oddSizes, resized, scales, type Kernel, type NamedKernel } from './kernels';
import { digitsIn } from './products';
import type { BenchSetting } from './result';

interface KernelChoiceProps {
  readonly settings: Settings;
  readonly set: (changes: Partial<Settings>) => void;
  readonly setting: BenchSetting;
  readonly layer: FirstLayer | undefined;
  readonly network: string;
}

const groups = [
  ['smoothing', ['identity', 'box', 'gaussian']],
  [
    'edges',
    [
      'sobelX',
      'sobelY',
      'sobelMagnitude',
      'prewittX',
      'prewittY',
      'prewittMagnitude',
      'laplacian',
      'laplacian8',
    ],
  ],
  ['others', ['sharpen', 'emboss']],
] as const satisfies readonly (readonly [string, readonly NamedKernel[]])[];

/** What sets the bench as a layer is. */
export function settingsOf({ stride, padding, border }: FirstLayer): Partial<Settings> {
  return {
    ...{ source: 'input', channel: '0', stride: String(stride), padding: String(padding) },
    ...{ border: String(border), turned: 'no', at: '' },
  };
}

export function KernelChoice({ settings, set, setting, layer, network }: KernelChoiceProps) {
  const texts = useTexts(kernelTexts);
  const { choice, kernels } = setting;
  const choose = (kernel: string) => {
    if (kernel === 'own') return set({ kernel, own: settings.own || kernelText(kernels[0]!) });
    // A trained kernel is first seen where it learned.
    set(kernel.startsWith('trained') && layer ? { kernel, ...settingsOf(layer) } : { kernel });
  };
  const named = choice.kind === 'named' ? choice.name : null;
  const value = choice.kind === 'trained' ? `trained.${choice.map}` : (named ?? choice.kind);
  return (
    <div class="stack">
      <div class="row">
        <Select label={texts.kernel} value={value} onChoose={choose}>
          {groups.map(([group, names]) => (
            <optgroup label={texts[group]}>
              {names.map((name) => (
                <option value={name}>{texts[name]}</option>
              ))}
            </optgroup>
          ))}
          <option value="own">{texts.own}</option>
          {layer && (
            <optgroup label={texts.trained(layer.name)}>
              {Array.from({ length: layer.maps }, (_, map) => (
                <option value={`trained.${map}`}>{texts.mapOf(layer.name, map)}</option>
              ))}
            </optgroup>
          )}
        </Select>
        <Sizes {...{ settings, set, setting }} />
      </div>
      {choice.kind === 'trained' && layer && (
        <TrainedKernels {...{ layer }} chosen={choice.map} onChoose={(map) => choose(`trained.${map}`)} />
      )}
      <p class="quiet about">{aboutOf(named, choice.kind, network, texts)}</p>
    </div>
  );
}

/** All kernels of the first layer that read its first channel, on one scale. */
function TrainedKernels({
  layer,
  chosen,
  onChoose,
}: {
  readonly layer: FirstLayer;
  readonly chosen: number;
  readonly onChoose: (map: number) => void;
}) {
  const texts = useTexts(kernelTexts);
  const all = Array.from({ length: layer.maps }, (_, map) => layer.kernel(map, 0));
  const scale = divergingScale(all.flatMap((kernel) => Array.from(kernel?.weights ?? [])));
  return (
    <div class="row trained">
      {all.map(
        (kernel, map) =>
          kernel && (
            <button type="button" aria-pressed={map === chosen} onClick={() => onChoose(map)}>
              <MapCanvas
                values={kernel.weights}
                height={kernel.size}
                width={kernel.size}
                unit={Math.max(4, Math.floor(44 / kernel.size))}
                scale={scale}
                label={texts.mapOf(layer.name, map)}
              />
            </button>
          ),
      )}
      <Legend scale={scale} />
    </div>
  );
}

/** The kernel that is chosen, as it is written; own numbers can be changed. */
export function KernelNumbers({ set, setting }: Pick<KernelChoiceProps, 'set' | 'setting'>) {
  const texts = useTexts(kernelTexts);
  const { choice, kernels } = setting;
  if (choice.kind === 'own')
    return (
      <div class="stack">
        <b>{texts.kernelWritten}</b>
        <OwnNumbers kernel={kernels[0]!} onChange={(kernel) => set({ own: kernelText(kernel) })} />
      </div>
    );
  const names = kernels.length > 1 ? [texts.gradientX, texts.gradientY] : [texts.kernelWritten];
  return (
    <div class="stack">
      {kernels.map((kernel, at) => (
        <div class="scroll">
          <NumberGrid
            caption={names[at]!}
            values={kernel.weights}
            width={kernel.size}
            digits={digitsIn(kernel.size)}
            scale={divergingScale(kernel.weights)}
          />
        </div>
      ))}
      <button type="button" onClick={() => set({ kernel: 'own', own: kernelText(kernels[0]!) })}>
        {texts.edit}
      </button>
    </div>
  );
}

function aboutOf(
  name: NamedKernel | null,
  kind: BenchSetting['choice']['kind'],
  network: string,
  texts: ReturnType<typeof useTexts<typeof kernelTexts>>,
): string {
  if (kind === 'trained') return texts.about_trained(network);
  if (name === null) return texts.about_own;
  if (name.endsWith('Magnitude')) return texts.about_magnitude;
  if (name.startsWith('sobel')) return texts.about_sobel;
  if (name.startsWith('prewitt')) return texts.about_prewitt;
  if (name.startsWith('laplacian')) return texts.about_laplacian;
  return texts[`about_${name as 'identity' | 'box' | 'gaussian' | 'sharpen' | 'emboss'}`];
}

function Sizes({ settings, set, setting }: Pick<KernelChoiceProps, 'settings' | 'set' | 'setting'>) {
  const texts = useTexts(kernelTexts);
  const { choice, kernels } = setting;
  const { size } = kernels[0]!;
  const own = choice.kind === 'own';
  const fixed = choice.kind === 'trained' || (choice.kind === 'named' && !scales(choice.name));
  const sizes = own ? Array.from({ length: largestSize }, (_, at) => at + 1) : fixed ? [size] : oddSizes;
  const choose = (value: string) =>
    set(own ? { own: kernelText(resized(kernels[0]!, Number(value))) } : { size: value });
  return (
    <>
      <Select label={texts.size} value={String(size)} onChoose={choose} disabled={fixed}>
        {sizes.map((side) => (
          <option value={String(side)}>{`${side}×${side}`}</option>
        ))}
      </Select>
      {choice.kind === 'named' && choice.name === 'gaussian' && (
        <NumberField
          label={texts.sigma}
          value={settings.sigma}
          step="0.1"
          onChoose={(sigma) => set({ sigma })}
        />
      )}
    </>
  );
}

function OwnNumbers({
  kernel: { size, weights },
  onChange,
}: {
  readonly kernel: Kernel;
  readonly onChange: (kernel: Kernel) => void;
}) {
  const texts = useTexts(kernelTexts);
  const write = (at: number, text: string) => {
    const value = Number.isFinite(Number(text)) ? Number(text) : 0;
    onChange({ size, weights: Array.from(weights, (weight, place) => (place === at ? value : weight)) });
  };
  return (
    <div class="scroll">
      <div
        class="own"
        role="group"
        aria-label={texts.own}
        style={{ gridTemplateColumns: `repeat(${size}, 4.2rem)` }}
      >
        {Array.from(weights, (weight, at) => (
          <input
            type="number"
            step="any"
            value={String(weight)}
            title={number(weight)}
            aria-label={texts.weightAt(Math.floor(at / size), at % size)}
            onChange={({ currentTarget }) => write(at, currentTarget.value)}
          />
        ))}
      </div>
    </div>
  );
}
