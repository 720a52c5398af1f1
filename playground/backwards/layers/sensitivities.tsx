/** The sensitivities: the derivatives of the loss with respect to every unit, from the output to the picture. */
import { useMemo } from 'preact/hooks';
import { amplitude, slope as steepness } from '../../../src/layers/scaled-tanh';
import { elementCount } from '../../../src/core/shape';
import { valueAt, type LayerOutput } from '../../../src/describe/units/activations';
import type { Unit } from '../../../src/describe/units/reads';
import { withoutBatch } from '../../../src/layers/cost';
import { inputsOf } from '../../../src/layers/layer-walk';
import type { tf } from '../../../src/core/tf';
import type { OpenedModel } from '../../model/opened';
import { drawnMap, hasUnit, layoutOf, namedUnit, placeIn, unitAt, unitText } from '../../model/units';
import { Legend } from '../../parts/legend';
import { areaOf, MapCanvas } from '../../parts/map-canvas';
import { Num } from '../../parts/num';
import { divergingScale } from '../../../src/describe/draw/palette';
import { usePageState, useSetting } from '../../page-state';
import { backwards } from '../../texts/backwards';
import { useTexts } from '../../texts/language';
import { unitTexts } from '../../texts/layers';
import type { Backward, LayerSlopes } from '../backward';
import type { SectionProps } from '../section';

/** What the derivatives at a layer are of. */
type Kind = 'ofSums' | 'ofStates' | 'ofScores' | 'ofImage';

/** A layer's row. */
interface Row {
  readonly name: string;
  readonly kind: Kind;
  readonly slopes: LayerOutput;
}

/** So many maps of a layer are drawn at most; of networks with more maps than that in all, fewer. */
const mostMaps = 64;
const manyMaps = { inAll: 2000, most: 8 } as const;

export function Sensitivities({ model, seen, backward }: SectionProps) {
  const texts = useTexts(backwards);
  const [every, setEvery] = useSetting('backwards.layers', 'few');
  const rows = useMemo(() => rowsOf(model, backward, every === 'all'), [model, backward, every]);
  const inAll = rows.reduce((sum, { slopes }) => sum + slopes.shape.at(-1)!, 0);
  const most = inAll > manyMaps.inAll ? manyMaps.most : mostMaps;
  return (
    <>
      <p>{texts.deltasAbout}</p>
      <label>
        <input
          type="checkbox"
          checked={every === 'all'}
          onChange={({ currentTarget }) => setEvery(currentTarget.checked ? 'all' : 'few')}
        />{' '}
        {texts.everyLayer}
      </label>
      {rows.map((row) => (
        <LayerRow key={row.name} {...{ row, most, model, seen, backward }} />
      ))}
      <p class="quiet">{texts.counting}</p>
    </>
  );
}

/** The layers from the output down, with the picture last. */
function rowsOf(model: OpenedModel, { layers, image }: Backward, every: boolean): readonly Row[] {
  const output = model.trained.model.outputs[0]!.sourceLayer;
  const shown = layers.filter(({ layer }) => every || layer === output || !onlyReshapes(layer));
  const found = shown.map(({ layer, weights, output: slopes }): Row => {
    const sums = weights.length > 0 && isLinear(layer);
    return { name: layer.name, kind: sums ? 'ofSums' : layer === output ? 'ofScores' : 'ofStates', slopes };
  });
  const picture = { name: imageName(model), kind: 'ofImage', slopes: image } as const;
  return [...found.reverse(), picture];
}

/** The name of the layer through which pictures come in. */
export function imageName({ trained }: OpenedModel): string {
  return trained.model.inputs[0]!.sourceLayer.name;
}

/** Whether a layer only squashes its values, or lays them out anew. */
function onlyReshapes(layer: tf.layers.Layer): boolean {
  if (layer.weights.length > 0) return false;
  const [below, ...others] = inputsOf(layer);
  if (others.length > 0) return false;
  return elementCount(withoutBatch(below!.shape)) === elementCount(withoutBatch(layer.outputShape));
}

function isLinear(layer: tf.layers.Layer): boolean {
  const activation = layer.getConfig()['activation'] ?? 'linear';
  return activation === 'linear';
}

function LayerRow(
  props: Omit<SectionProps, 'picture'> & {
    readonly row: Row;
    /** So many maps are drawn. */
    readonly most: number;
  },
) {
  const { row, most, ...shown } = props;
  const texts = useTexts(backwards);
  const { state, change } = usePageState();
  const { name, kind, slopes } = row;
  const layout = layoutOf(slopes.shape);
  const { height, width, isVector } = layout;
  const count = layout.maps;
  const maps = useMemo(
    () => Array.from({ length: Math.min(count, most) }, (_, map) => drawnMap(slopes, map, layout)),
    [slopes, most],
  );
  const scale = useMemo(() => divergingScale(slopes.values), [slopes]);
  const named = namedUnit(state.unit);
  const unit = named?.layer === name && hasUnit(slopes.shape, named.unit) ? named.unit : null;
  const place = unit && placeIn(layout, unit);
  const size = Math.min(16, Math.max(2, Math.floor((isVector ? 192 : 112) / width)));
  const all = isVector ? texts.unitsOf(slopes.shape.at(-1)!) : texts.mapsOf(count, height, width);
  return (
    <div class="layer-slopes" data-layer={name}>
      <h3>{name}</h3>
      <p class="row quiet">
        <span>{texts[kind]}</span>
        <span>{count > most ? texts.firstMaps(most, count) : all}</span>
        <Legend scale={scale} />
      </p>
      <div class="slope-maps">
        {maps.map((values, map) => {
          const here = place?.map === map ? ([place.row, place.column] as const) : null;
          return (
            <MapCanvas
              {...{ values, height, width, scale, unit: size }}
              label={isVector ? texts.vectorLabel(name) : texts.mapLabel(name, map)}
              marks={here ? [areaOf(here)] : []}
              chosen={here}
              onChoose={(line, column) => change({ unit: unitText(name, unitAt(layout, map, line, column)) })}
            />
          );
        })}
      </div>
      {unit && <Readout {...{ row, unit, isVector, ...shown }} />}
    </div>
  );
}

/** The numbers of the unit that is chosen. */
function Readout(
  props: Omit<SectionProps, 'picture'> & {
    readonly row: Row;
    readonly unit: Unit;
    readonly isVector: boolean;
  },
) {
  const { row, unit, isVector, seen, backward, model } = props;
  const texts = useTexts(backwards);
  const names = useTexts(unitTexts);
  const slope = valueAt(row.slopes, unit);
  const computed = seen.outputs.get(row.name);
  const output = computed && valueAt(computed, unit);
  const above = followedBySquashing(model, backward, row.name);
  const symbol = row.kind === 'ofSums' ? 'u' : row.kind === 'ofScores' ? 'y' : 'x';
  const [map, line, column] = [unit.at(-1)!, unit[0]!, unit[1]!];
  const slopeAbove = above && valueAt(above.output, unit);
  return (
    <p class="readout" role="status" data-unit={unitText(row.name, unit)}>
      <strong>
        {isVector ? names.vectorUnit(row.name, map) : names.unitAt(row.name, map, line, column)}
      </strong>
      : {row.kind === 'ofSums' && 'δ = '}∂<var>E</var>/∂<var>{symbol}</var> ={' '}
      <Num name="slope" value={slope} />
      {output !== undefined && (
        <>
          , <var>{symbol}</var> = <Num name="output" value={output} />
        </>
      )}
      .
      {slopeAbove !== undefined && output !== undefined && (
        <>
          {' '}
          {texts.chain} <Num name="steepness" value={squashingSlope(output)} /> · (
          <Num name="slope-above" value={slopeAbove} />) ={' '}
          <Num name="product" value={squashingSlope(output) * slopeAbove} />{' '}
          <span class="quiet">({texts.chainWith})</span>
        </>
      )}
    </p>
  );
}

/** The layer of scaled hyperbolic tangents that squashes a layer's sums, if one does. */
function followedBySquashing(
  { graph }: OpenedModel,
  { layers }: Backward,
  name: string,
): LayerSlopes | undefined {
  const readers = graph.filter(({ inputs }) => inputs.some((below) => below.name === name));
  const [only] = readers;
  if (readers.length !== 1 || only!.layer.getClassName() !== 'ScaledTanh') return undefined;
  return layers.find(({ layer }) => layer === only!.layer);
}

/** f′(u) of f(u) = 1.7159 tanh(⅔u): LeCun et al. 1998, Appendix A. */
function squashingSlope(sum: number): number {
  return amplitude * steepness * (1 - Math.tanh(steepness * sum) ** 2);
}
