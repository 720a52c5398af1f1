/** One layer: what it is in a sentence, its counts beside the paper’s, and all its maps. */
import { useMemo, useState } from 'preact/hooks';
import type { LayerOutput } from '../../src/describe/units/activations';
import type { Read } from '../../src/describe/units/reads';
import type { OpenedModel } from '../model/opened';
import { drawnMap, layoutOf, placeIn, unitAt, type Layout } from '../model/units';
import { Legend } from '../parts/legend';
import { areaOf, MapCanvas, type Area } from '../parts/map-canvas';
import { grouped, number } from '../../src/core/text/numbers';
import { divergingScale, rangeOf, type Scale } from '../../src/describe/draw/palette';
import { usePageState } from '../page-state';
import { glance } from '../texts/glance';
import { useTexts } from '../texts/language';
import { functionTexts, layerTexts } from '../texts/layers';
import type { ChosenUnit, Stage } from './stages';

/** How many maps of a layer are shown at first. */
const atFirst = 16;

/** The side that maps have on the screen, about. */
const mapSide = 70;

interface LayerRowProps {
  readonly model: OpenedModel;
  readonly stage: Stage;
  readonly output: LayerOutput;
  /** The chosen unit, if it is of this layer. */
  readonly chosen: ChosenUnit | null;
  /** What the chosen unit of a layer above reads of this one. */
  readonly read: Read | null;
  readonly onChoose: (unit: ChosenUnit) => void;
  readonly onHover: (unit: ChosenUnit | null) => void;
}

export function LayerRow({ model, stage, output, chosen, read, onChoose, onHover }: LayerRowProps) {
  const texts = useTexts(glance);
  const [all, setAll] = useState(false);
  const layout = layoutOf(stage.shape);
  const scale = useMemo(() => divergingScale(output.values), [output]);
  const maps = Array.from({ length: all ? layout.maps : Math.min(layout.maps, atFirst) }, (_, map) => map);
  return (
    <section class="layer" aria-labelledby={`layer-${stage.name}`} data-layer={stage.name}>
      <LayerHead model={model} stage={stage} />
      <div class="maps">
        {maps.map((map) => (
          <StageMap key={map} {...{ stage, map, layout, scale, output, chosen, read, onChoose, onHover }} />
        ))}
      </div>
      <p class="row small">
        <Legend scale={scale} />
        {layout.maps > maps.length && (
          <button type="button" onClick={() => setAll(true)}>
            {texts.showAll(layout.maps)}
          </button>
        )}
      </p>
    </section>
  );
}

interface StageMapProps extends Omit<LayerRowProps, 'model'> {
  readonly map: number;
  readonly layout: Layout;
  readonly scale: Scale;
}

function StageMap(props: StageMapProps) {
  const { stage, map, layout, scale, output, chosen, read, onChoose, onHover } = props;
  const texts = useTexts(glance);
  const { height, width, isVector } = layout;
  const values = useMemo(() => drawnMap(output, map, layout), [output, map, height, width]);
  const unit = (row: number, column: number) => ({ stage, unit: unitAt(layout, map, row, column) });
  const place = chosen && placeIn(layout, chosen.unit);
  const own = place?.map === map ? ([place.row, place.column] as const) : null;
  const marks: Area[] = own ? [areaOf(own)] : [];
  if (read && !isVector && read.maps.includes(map)) marks.push(read.window);
  if (read && isVector) marks.push(...readUnits(read, layout));
  const [least, most] = rangeOf(values);
  const label = isVector
    ? texts.vector(stage.name)
    : texts.mapButton(stage.name, map, number(least), number(most));
  return (
    <span class={read && !isVector && !read.maps.includes(map) ? 'unread' : undefined} data-map={map}>
      <MapCanvas
        {...{ values, height, width, scale, label, marks }}
        unit={height === 1 ? 18 : unitSide(Math.max(height, width))}
        chosen={own}
        onChoose={(row, column) => onChoose(unit(row, column))}
        onHover={(at) => onHover(at && unit(...at))}
      />
    </span>
  );
}

/** The units of a vector that are read: all of them as one frame. */
function readUnits({ maps }: Read, layout: Layout): readonly Area[] {
  const { height, width } = layout;
  if (maps.length === layout.shape.at(-1)) return [{ top: 0, left: 0, height, width }];
  return maps.map((unit) => {
    const { row, column } = placeIn(layout, [unit]);
    return areaOf([row, column]);
  });
}

/** The side of a unit on the screen: half pixels, where units are not smaller than one. */
function unitSide(units: number): number {
  const side = mapSide / units;
  return side > 1 ? Math.round(2 * side) / 2 : side;
}

function LayerHead({ model, stage }: Pick<LayerRowProps, 'model' | 'stage'>) {
  const { state } = usePageState();
  const texts = useTexts(glance);
  const { layers } = model.description;
  const { paper } = model.trained.builder;
  const own = layers.find(({ name }) => name === stage.name)!;
  const kind = stage.sums.layer.getClassName();
  const text = layerTexts[kind];
  const squashed = stage.functions
    .map(({ layer }) => functionTexts[layer.getClassName()])
    .filter((each) => each !== undefined);
  const config = stage.sums.layer.getConfig()['activation'];
  const builtIn = typeof config === 'string' ? functionTexts[config] : undefined;
  const formula = [text?.formula, ...squashed, ...(builtIn ? [builtIn] : [])].filter(Boolean).join(';  ');
  return (
    <>
      <h3 id={`layer-${stage.name}`}>
        {stage.name} <span class="quiet small">{stage.shape.join('×')}</span>
      </h3>
      <p class="small">
        {text?.says[state.language] as string | undefined} <span class="formula">{formula}</span>{' '}
        <span class="quiet">
          <Count
            text={texts.parameters}
            ours={own.parameters}
            paper={paper.parameters.where && paper.parameters.layers[stage.name]}
          />
          {', '}
          <Count
            text={texts.connections}
            ours={own.connections}
            paper={'connections' in paper ? paper.connections?.layers?.[stage.name] : undefined}
          />
          . {sourceOf(model, stage.name)}
        </span>
      </p>
    </>
  );
}

/** Where LeNet-5’s paper says more of a layer than its count. */
const inLenet5: Readonly<Record<string, string>> = { C3: ', Table I', F6: ', Fig. 3', output: ', eq. 7' };

/** The paper that the layer is of, and where it counts it. */
function sourceOf({ trained }: OpenedModel, layer: string): string {
  const { authors, year, parameters } = trained.builder.paper;
  const [first, ...others] = authors.split(', ');
  const surname = first!.replace(/^(?:[A-Z]\.[ -]?)+/, '');
  const more = (trained.network === 'lenet5' && inLenet5[layer]) || '';
  return `${surname}${others.length > 0 ? ' et al.' : ''} ${year}${parameters.where ? `, ${parameters.where}${more}` : ''}`;
}

interface CountProps {
  readonly text: (count: string) => string;
  readonly ours: number;
  readonly paper: number | undefined;
}

/** A count of the model, and whether the paper has the same. */
function Count({ text, ours, paper }: CountProps) {
  const texts = useTexts(glance);
  if (paper === undefined) return <>{text(grouped(ours))}</>;
  const beside = paper === ours ? texts.asInPaper : texts.inPaper(grouped(paper));
  return (
    <>
      {text(grouped(ours))} ({beside})
    </>
  );
}
