/** Draw and look: the pad, the answer, all layers at once, and a unit taken apart. */
import { useMemo, useState } from 'preact/hooks';
import { frame1989 } from '../../src/data/formats/digits/normalise-digit';
import { receptiveFieldOf, type Read } from '../../src/describe/units/reads';
import type { PartProps } from '../app';
import { pageData } from '../model/embedded';
import { unitText } from '../model/units';
import { MapCanvas } from '../parts/map-canvas';
import { greyScale } from '../../src/describe/draw/palette';
import { usePageState } from '../page-state';
import { DigitChoices, OwnPicture } from '../picture/choices';
import { takesDigits } from '../picture/picture';
import { Pad } from '../picture/pad';
import { glance } from '../texts/glance';
import { useTexts } from '../texts/language';
import { shell } from '../texts/shell';
import { AnswerPanel } from './answer';
import { CodesPanel } from './codes';
import { LayerRow } from './layer-row';
import { parseUnit, stagesOf, type ChosenUnit } from './stages';
import { TablePanel } from './table';
import { UnitPanel } from './unit';

export function Glance({ model, picture, seen }: PartProps) {
  const { state, change } = usePageState();
  const texts = useTexts(glance);
  const stages = useMemo(() => stagesOf(model.graph), [model]);
  const [hovered, setHovered] = useState<ChosenUnit | null>(null);
  const fixed = parseUnit(state.unit, stages);
  const chosen = hovered ?? fixed;
  const fields = useMemo(
    () => chosen && receptiveFieldOf(chosen.stage.states, chosen.unit),
    [chosen && unitText(chosen.stage.name, chosen.unit), stages],
  );
  const input = model.graph.find(({ inputs }) => inputs.length === 0)!;
  const choose = ({ stage, unit }: ChosenUnit) => change({ unit: unitText(stage.name, unit) });
  const outputs = seen.outputs;
  const rbf = stages.find(({ sums }) => sums.layer.getClassName() === 'Rbf');
  const table = stages.filter(
    ({ sums }) => sums.layer.getClassName() === 'SubsetConv2D' && sums.inputs[0]!.inputs.length > 0,
  );
  const field = fields?.get(input.name);
  return (
    <div class="glance">
      <Drawing {...{ model, picture, seen }} field={field ?? null} />
      <section class="layers" aria-labelledby="layers-title" onPointerLeave={() => setHovered(null)}>
        <h2 id="layers-title">{texts.layers}</h2>
        <p class="quiet">{texts.layersHelp}</p>
        {stages.map((stage) => (
          <LayerRow
            key={`${model.name} ${stage.name}`}
            model={model}
            stage={stage}
            output={outputs.get(stage.states.name)!}
            chosen={chosen?.stage === stage ? chosen : null}
            read={chosen?.stage === stage ? null : (fields?.get(stage.states.name) ?? null)}
            onChoose={choose}
            onHover={setHovered}
          />
        ))}
      </section>
      <section class="unit" aria-labelledby="unit-title">
        <h2 id="unit-title">{texts.unit}</h2>
        <UnitPanel
          stages={stages}
          chosen={chosen ?? null}
          outputs={outputs}
          field={field ?? null}
          onChoose={choose}
          onForget={() => change({ unit: '' })}
        />
        {table.map((stage) => (
          <TablePanel
            key={stage.name}
            stage={stage}
            isLenet5={model.trained.network === 'lenet5'}
            chosen={chosen?.stage === stage ? chosen.unit.at(-1)! : null}
            onChoose={(map) => choose({ stage, unit: middleOf(stage.shape, map) })}
          />
        ))}
        {rbf && <CodesPanel stage={rbf} outputs={outputs} labels={model.trained.labels ?? []} />}
      </section>
    </div>
  );
}

/** The picture, what the network sees of it, and what it answers. */
function Drawing({ model, picture, seen, field }: PartProps & { readonly field: Read | null }) {
  const texts = useTexts(glance);
  const shown = seen.outputs.get(model.graph.find(({ inputs }) => inputs.length === 0)!.name)!;
  const [height, width, channels] = shown.shape as [number, number, number];
  const isDigits = takesDigits(model.trained);
  const namesDigits = !model.trained.labels || model.trained.labels.every((label) => /^\d$/.test(label));
  return (
    <section class="drawing" aria-labelledby="drawing-title">
      <h2 id="drawing-title">{!isDigits ? texts.photo : namesDigits ? texts.pad : texts.drawing}</h2>
      <ModelChoice />
      <div class="pad-and-seen">
        {isDigits && <Pad picture={picture} />}
        <div>
          <h3>{texts.seen}</h3>
          <MapCanvas
            values={shown.values}
            height={height}
            width={width}
            channels={channels}
            scale={greyScale(shown.values)}
            label={texts.inputLine}
            unit={(isDigits ? 140 : 224) / width}
            marks={field ? [field.window] : []}
          />
          <p class="quiet small">
            {!isDigits
              ? texts.seenPhoto(height, width)
              : height === frame1989.side
                ? texts.seenHelp1989
                : texts.seenHelp(height)}
          </p>
        </div>
      </div>
      <AnswerPanel seen={seen} picture={picture} />
      <OwnPicture isPhoto={!isDigits} />
      {isDigits && <DigitChoices />}
    </section>
  );
}

/** The unit in the middle of a map. */
function middleOf([height, width]: readonly number[], map: number): readonly number[] {
  return [height! >> 1, width! >> 1, map];
}

/** The models of the page. */
export function ModelChoice() {
  const { state, change } = usePageState();
  const texts = useTexts(shell);
  const { models } = pageData();
  if (models.length < 2) return null;
  return (
    <label class="model-choice">
      {texts.model}{' '}
      <select
        value={state.model}
        onChange={({ currentTarget }) => change({ model: currentTarget.value, unit: '' }, true)}
      >
        {models.map(({ name }) => (
          <option value={name}>{name}</option>
        ))}
      </select>
    </label>
  );
}
