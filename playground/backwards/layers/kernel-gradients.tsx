/** The kernels of a layer, each beside the derivatives of the loss with respect to it. */
import { useMemo } from 'preact/hooks';
import { Select } from '../../parts/field';
import { Legend } from '../../parts/legend';
import { areaOf, MapCanvas } from '../../parts/map-canvas';
import { Num } from '../../parts/num';
import { number } from '../../../src/core/text/numbers';
import { divergingScale, type Scale } from '../../../src/describe/draw/palette';
import { usePageState, useSettings } from '../../page-state';
import { backwards } from '../../texts/backwards';
import { useTexts } from '../../texts/language';
import type { SlopedWeights } from '../backward';
import type { SectionProps } from '../section';
import {
  shownWeights,
  weightText,
  type ChosenWeight,
  type ShownMap,
  type ShownWeights,
} from './chosen-weight';
import { sliceOf, type WeightSlice } from '../../model/kernel-slices';

export function KernelGradients({ model, backward }: SectionProps) {
  const texts = useTexts(backwards);
  const { settings } = usePageState().state;
  const weights = useMemo(() => shownWeights(model, backward, settings), [model, backward, settings]);
  const { slopes, shown, chosen } = weights;
  const scales = useMemo(() => new Map(slopes.weights.map((tensor) => [tensor, scalesOf(tensor)])), [slopes]);
  return (
    <>
      <p>{texts.kernelsAbout}</p>
      <Choices {...weights} />
      {slopes.weights.map((tensor) => (
        <p class="row quiet">
          <span>
            {tensorName(texts, tensor.name)}: {texts.weights}
          </span>
          <Legend scale={scales.get(tensor)!.values} />
          <span>{texts.gradients}</span>
          <Legend scale={scales.get(tensor)!.slopes} />
        </p>
      ))}
      <div class="kernel-pairs">
        {shown.map((map) => (
          <KernelsOfMap key={`${slopes.layer.name} ${map.output}`} {...{ map, weights, scales }} />
        ))}
      </div>
      <p class="readout" role="status" data-weight={weightText(chosen)}>
        <strong>
          {slopes.layer.name}, <WeightName chosen={chosen} vector={isVector(weights)} />
        </strong>
        : <var>w</var> = <Num name="weight" value={chosen.tensor.values[chosen.place]!} />, ∂<var>E</var>/∂
        <var>w</var> = <Num name="weight-slope" value={chosen.tensor.slopes[chosen.place]!} />
      </p>
    </>
  );
}

interface Scales {
  readonly values: Scale;
  readonly slopes: Scale;
}

function scalesOf({ values, slopes }: SlopedWeights): Scales {
  return { values: divergingScale(values), slopes: divergingScale(slopes) };
}

function Choices({ layers, slopes, map, outputs, ...weights }: ShownWeights) {
  const texts = useTexts(backwards);
  const change = useSettings();
  return (
    <p class="row">
      <Select
        label={texts.layer}
        value={slopes.layer.name}
        onChoose={(name) =>
          change({
            ...{ 'backwards.map': '', 'backwards.weight': '' },
            'backwards.layer': name === layers[0]!.layer.name ? '' : name,
          })
        }
      >
        {layers.map(({ layer }) => (
          <option value={layer.name}>{layer.name}</option>
        ))}
      </Select>
      {map !== null && (
        <Select
          label={isVector(weights) ? texts.unit : texts.map}
          value={map}
          onChoose={(value) =>
            change({ 'backwards.weight': '', 'backwards.map': value === '0' ? '' : value })
          }
        >
          {Array.from({ length: outputs }, (_, at) => (
            <option value={at}>{at}</option>
          ))}
        </Select>
      )}
    </p>
  );
}

function isVector({ node }: Pick<ShownWeights, 'node'>): boolean {
  return node.layer.outputShape.length < 4;
}

function KernelsOfMap(props: {
  readonly map: ShownMap;
  readonly weights: ShownWeights;
  readonly scales: ReadonlyMap<SlopedWeights, Scales>;
}) {
  const { map, weights, scales } = props;
  const { slopes, chosen } = weights;
  const texts = useTexts(backwards);
  const which = isVector(weights) ? texts.ofUnit(map.output) : texts.ofMap(map.output);
  return (
    <figure>
      <figcaption>{which}</figcaption>
      <div class="slices">
        {map.slices.map((slice) => {
          const tensor = slopes.weights.find(({ name }) => name === slice.tensor)!;
          const at =
            chosen.tensor === tensor && chosen.slice.places[0] === slice.places[0] ? chosen.at : null;
          return <Pair {...{ slice, tensor, at, which, scales: scales.get(tensor)! }} />;
        })}
      </div>
    </figure>
  );
}

/** Some weights beside their derivatives: as maps, or as numbers where there is one. */
function Pair(props: {
  readonly slice: WeightSlice;
  readonly tensor: SlopedWeights;
  readonly at: number | null;
  readonly which: string;
  readonly scales: Scales;
}) {
  const { slice, tensor, at, which, scales } = props;
  const { height, width, places, reads } = slice;
  const texts = useTexts(backwards);
  const change = useSettings();
  const maps = useMemo(
    () => ({ values: sliceOf(slice, tensor.values), slopes: sliceOf(slice, tensor.slopes) }),
    [slice, tensor],
  );
  const choose = (place: number) =>
    place >= 0 && change({ 'backwards.weight': weightText({ tensor, place }) });
  const name = tensorName(texts, tensor.name);
  if (places.length === 1) {
    const place = places[0]!;
    return (
      <button type="button" class="single" aria-pressed={at !== null} onClick={() => choose(place)}>
        {name}: <var>w</var> = {number(tensor.values[place]!, 3)}, ∂<var>E</var>/∂<var>w</var> ={' '}
        {number(tensor.slopes[place]!, 3)}
      </button>
    );
  }
  const chosen = at === null ? null : ([Math.floor(at / width), at % width] as const);
  const caption = reads === null ? name : texts.reads(reads);
  const shared = {
    ...{ height, width, chosen, unit: Math.min(14, Math.max(5, Math.floor(84 / width))) },
    marks: chosen ? [areaOf(chosen)] : [],
    onChoose: (row: number, column: number) => void choose(places[row * width + column]!),
  };
  const label = (what: string) => texts.sliceLabel(what, texts.listed([which, caption]));
  return (
    <div class="pair">
      <span class="quiet">{caption}</span>
      <span class="both">
        <MapCanvas {...shared} values={maps.values} scale={scales.values} label={label(texts.weights)} />
        <MapCanvas {...shared} values={maps.slopes} scale={scales.slopes} label={label(texts.gradients)} />
      </span>
    </div>
  );
}

type In = ReturnType<typeof useTexts<typeof backwards>>;

/** A tensor's name in the page's language, if it has one. */
function tensorName(texts: In, name: string): string {
  switch (name) {
    case 'kernel':
    case 'bias':
    case 'coefficient':
    case 'combination':
      return texts[name];
    default:
      return name;
  }
}

/** Which weight of its layer it is. */
export function WeightName({ chosen, vector }: { readonly chosen: ChosenWeight; readonly vector: boolean }) {
  const texts = useTexts(backwards);
  const { tensor, shown, slice, at } = chosen;
  const parts = [
    vector ? texts.ofUnit(shown.output) : texts.ofMap(shown.output),
    tensorName(texts, tensor.name),
    ...(slice.reads === null ? [] : [texts.reads(slice.reads)]),
    ...(slice.places.length > 1 ? [texts.at(Math.floor(at / slice.width), at % slice.width)] : []),
  ];
  return <>{texts.listed(parts)}</>;
}
