/** A network layer by layer: its maps, and its modules as branches, each unfolded when it is asked for. */
import { useMemo, useState } from 'preact/hooks';
import type { ComponentChildren } from 'preact';
import type { GraphLayer } from '../../src/describe/layers/layer-graph';
import { mapOf } from '../../src/describe/units/activations';
import { usePageState, useSetting } from '../page-state';
import { Select } from '../parts/field';
import { Legend } from '../parts/legend';
import { MapCanvas } from '../parts/map-canvas';
import { divergingScale, greyScale, type Scale } from '../../src/describe/draw/palette';
import { useTexts } from '../texts/language';
import { kindsInChinese, photo as table } from '../texts/photo';
import type { FoundProps } from './answers';
import type { Section } from '../../src/describe/layers/sections';

export function Sections({ model, found }: FoundProps) {
  const texts = useTexts(table);
  const [scaling, setScaling] = useSetting('photo.scale', 'own');
  const [open, setOpen] = useSetting('photo.open', '');
  const opened = open.split(' ').filter((name) => name !== '');
  const toggle = (name: string, isOpen: boolean) => {
    if (isOpen === opened.includes(name)) return;
    setOpen((isOpen ? [...opened, name] : opened.filter((other) => other !== name)).join(' '));
  };
  return (
    <section class="sections">
      <h3>{texts.layers}</h3>
      <p>{texts.layersAbout}</p>
      <p>
        <Select label={texts.scale} value={scaling} onChoose={setScaling}>
          <option value="own">{texts.own}</option>
          <option value="common">{texts.common}</option>
        </Select>
      </p>
      {model.sections.map((section) => (
        <Unfolding
          {...{ section, model, found }}
          open={opened.includes(section.name)}
          onToggle={(isOpen) => toggle(section.name, isOpen)}
        />
      ))}
    </section>
  );
}

interface UnfoldingProps extends FoundProps {
  readonly section: Section;
  readonly open: boolean;
  readonly onToggle: (open: boolean) => void;
}

function Unfolding({ section, model, found, open, onToggle }: UnfoldingProps) {
  const texts = useTexts(table);
  const words = useLayerWords(model);
  const top = section.kind === 'module' ? section.output : section.layer;
  const shape = found.seen.outputs.get(top.name)!.shape as [number, number, number];
  const what = section.kind === 'module' ? texts.module(section.branches.length) : words(section.layer);
  return (
    <details
      class={section.kind}
      data-section={section.name}
      open={open}
      onToggle={({ currentTarget }) => onToggle(currentTarget.open)}
    >
      <summary>
        <b>{section.name}</b> <span class="quiet">{what}</span>{' '}
        <span class="quiet shape">{texts.shape(...shape)}</span>
      </summary>
      {open &&
        (section.kind === 'module' ? (
          <Module {...{ section, model, found }} />
        ) : (
          <Maps layer={section.layer} found={found} />
        ))}
    </details>
  );
}

interface ModuleProps extends FoundProps {
  readonly section: Extract<Section, { kind: 'module' }>;
}

function Module({ section: { branches, output }, model, found }: ModuleProps) {
  const texts = useTexts(table);
  const words = useLayerWords(model);
  return (
    <>
      <div class="branches">
        {branches.map((branch, at) => (
          <section class="branch" data-branch={at + 1}>
            <h4>{texts.branch(at + 1, branch.map(words).join(' → '))}</h4>
            {branch.map((layer) => (
              <Maps layer={layer} found={found} side={64}>
                <b>{layer.name.split('/')[1] ?? layer.name}</b>{' '}
              </Maps>
            ))}
          </section>
        ))}
      </div>
      <h4>{texts.joined}</h4>
      <Maps layer={output} found={found} />
    </>
  );
}

/** A layer in words, such as `3×3 convolution`. */
function useLayerWords(model: FoundProps['model']): (layer: GraphLayer) => string {
  const { language } = usePageState().state;
  return ({ name, inputs }) => {
    const settingsOf = (wanted: string | undefined) =>
      model.description.layers.find((layer) => layer.name === wanted)?.settings;
    const own = settingsOf(name)!;
    // A layer that completes a convolution is named for it.
    const completed = settingsOf(inputs[0]?.inputs[0]?.name);
    const settings =
      /^(?:ReLU|batch norm)/.test(String(own['kind'])) && completed?.['kernel'] ? completed : own;
    const kind = String(settings['kind']);
    const size = settings['kernel'] ?? settings['window'];
    const word = language === 'zh' ? (kindsInChinese[kind] ?? kind) : kind;
    return size === undefined ? word : `${size} ${word}`;
  };
}

/** How many maps are shown before all are asked for. */
const fewMaps = 16;

interface MapsProps extends Pick<FoundProps, 'found'> {
  readonly layer: GraphLayer;
  /** The width of a map on the screen, in CSS pixels. Default: 84. */
  readonly side?: number;
  readonly children?: ComponentChildren;
}

function Maps({ layer: { name }, found, side = 84, children }: MapsProps) {
  const texts = useTexts(table);
  const [scaling] = useSetting('photo.scale', 'own');
  const [all, setAll] = useState(false);
  const output = found.seen.outputs.get(name)!;
  const [height, width, count] = output.shape as [number, number, number];
  const planes = useMemo(() => Array.from({ length: count }, (_, map) => mapOf(output, map)), [output]);
  const common = useMemo(() => scaleOf(output.values), [output]);
  const silent = useMemo(
    () => planes.filter((plane) => plane.every((value) => value === 0)).length,
    [planes],
  );
  return (
    <div class="layer-maps" data-layer={name}>
      <p class="quiet">
        {children}
        {texts.shape(height, width, count)} {scaling === 'common' && <Legend scale={common} />}{' '}
        {silent > 0 && texts.silent(silent)}
      </p>
      <div class="maps">
        {planes.slice(0, all ? count : fewMaps).map((values, map) => (
          <MapCanvas
            {...{ values, height, width }}
            scale={scaling === 'common' ? common : scaleOf(values)}
            label={texts.map(map + 1, name)}
            unit={side / width}
          />
        ))}
      </div>
      {!all && count > fewMaps && (
        <button type="button" onClick={() => setAll(true)}>
          {texts.showAll(count)}
        </button>
      )}
    </div>
  );
}

/** Grey from 0 for values of rectified units; blue and orange where some are negative. */
function scaleOf(values: Float32Array): Scale {
  const { least, most } = greyScale(values);
  return least < 0 ? divergingScale(values) : { kind: 'grey', least: 0, most };
}
