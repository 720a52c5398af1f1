/** A unit taken apart: where it is, what it sees, and its sum spelled out. */
import type { LayerOutput } from '../../src/describe/units/activations';
import { placeOf } from '../../src/describe/units/activations';
import type { Read } from '../../src/describe/units/reads';
import { sumOf } from '../../src/describe/units/sums';
import { squashingOf, squashings } from '../model/squashing';
import { FunctionCurve } from '../parts/curves/function-curve';
import { Num } from '../parts/num';
import { number } from '../../src/core/text/numbers';
import { glance } from '../texts/glance';
import { useTexts } from '../texts/language';
import { functionTexts, unitTexts } from '../texts/layers';
import type { ChosenUnit, Stage } from './stages';
import { SumText } from './sum';

interface UnitProps {
  readonly stages: readonly Stage[];
  readonly chosen: ChosenUnit | null;
  readonly outputs: ReadonlyMap<string, LayerOutput>;
  /** What it sees of the input. */
  readonly field: Read | null;
  readonly onChoose: (unit: ChosenUnit) => void;
  readonly onForget: () => void;
}

export function UnitPanel({ stages, chosen, outputs, field, onChoose, onForget }: UnitProps) {
  const texts = useTexts(glance);
  return (
    <div class="unit-panel card">
      <UnitChoice stages={stages} chosen={chosen} onChoose={onChoose} onForget={onForget} />
      {chosen ? (
        <Spelled stages={stages} chosen={chosen} outputs={outputs} field={field} />
      ) : (
        <p class="quiet">{texts.noUnit}</p>
      )}
    </div>
  );
}

/** The unit by numbers, for those who do not point. */
function UnitChoice(props: Pick<UnitProps, 'stages' | 'chosen' | 'onChoose' | 'onForget'>) {
  const { stages, chosen, onChoose, onForget } = props;
  const texts = useTexts(glance);
  const stage = chosen?.stage ?? stages[0]!;
  const unit = chosen?.unit ?? stage.shape.map(() => 0);
  const axes = stage.shape.length === 3 ? [2, 0, 1] : [0];
  const names = stage.shape.length === 3 ? [texts.row, texts.column, texts.mapNumber] : [texts.unitNumber];
  return (
    <div class="row unit-choice">
      <label>
        {texts.layer}{' '}
        <select
          value={chosen ? stage.name : ''}
          onChange={({ currentTarget }) => {
            const next = stages.find(({ name }) => name === currentTarget.value);
            if (next)
              onChoose({
                stage: next,
                unit: next.shape.map((_, axis) =>
                  axis < 2 && next.shape.length === 3 ? next.shape[axis]! >> 1 : 0,
                ),
              });
            else onForget();
          }}
        >
          <option value="">{texts.forget}</option>
          {stages.map(({ name }) => (
            <option value={name}>{name}</option>
          ))}
        </select>
      </label>
      {chosen &&
        axes.map((axis) => (
          <label>
            {names[axis]}{' '}
            <input
              type="number"
              min="0"
              max={stage.shape[axis]! - 1}
              value={unit[axis]}
              onInput={({ currentTarget }) => {
                const index = Number(currentTarget.value);
                if (!Number.isInteger(index) || index < 0 || index >= stage.shape[axis]!) return;
                onChoose({ stage, unit: unit.map((each, at) => (at === axis ? index : each)) });
              }}
            />
          </label>
        ))}
    </div>
  );
}

function Spelled({
  stages,
  chosen,
  outputs,
  field,
}: Pick<UnitProps, 'stages' | 'outputs' | 'field'> & { readonly chosen: ChosenUnit }) {
  const texts = useTexts(glance);
  const names = useTexts(unitTexts);
  const { stage, unit } = chosen;
  const found = sumOf(stage.sums, unit, outputs);
  const sums = outputs.get(stage.sums.name)!;
  const value = sums.values[placeOf(sums.shape, unit)]!;
  // The states of C1 are those of its function, C1/tanh: people call both C1.
  const nameOf = (layer: string) => stages.find(({ states }) => states.name === layer)?.name ?? layer;
  const where =
    unit.length === 3
      ? names.unitAt(stage.name, unit[2]!, unit[0]!, unit[1]!)
      : names.vectorUnit(stage.name, unit[0]!);
  return (
    <div class="spelled" data-unit={where}>
      <h3>{where}</h3>
      {field && (
        <p class="small" data-name="field">
          {texts.field(field.window.height, field.window.width, field.window.top, field.window.left)}
        </p>
      )}
      <SumText found={found} value={value} nameOf={nameOf} />
      {stage.functions.map((node, at) => {
        const kind = node.layer.getClassName();
        const squashing = squashingOf(node);
        const before = outputs.get((stage.functions[at - 1] ?? stage.sums).name)!;
        const after = outputs.get(node.name)!;
        const [from, to] = [before, after].map(({ values }) => values[placeOf(after.shape, unit)]!) as [
          number,
          number,
        ];
        return (
          <div>
            <p>
              <span class="formula">{functionTexts[kind] ?? kind}</span>: {number(from)} →{' '}
              <Num value={to} name="state" />
            </p>
            {squashing && (
              <FunctionCurve
                of={squashings[squashing]}
                chosen={from}
                label={`${texts.curve}: ${number(from)}, ${number(to)}`}
              />
            )}
          </div>
        );
      })}
    </div>
  );
}
