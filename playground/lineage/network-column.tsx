/** One network’s column in the comparison: what it sees of the digit, its answer, its first maps and its cost. */
import { mapOf, type LayerOutput } from '../../src/describe/units/activations';
import { answerOf, className, scoresOf, type Choice } from '../model/answers';
import type { Seen } from '../model/opened';
import { Legend } from '../parts/legend';
import { MapCanvas } from '../parts/map-canvas';
import { grouped, number } from '../../src/core/text/numbers';
import { divergingScale, greyScale } from '../../src/describe/draw/palette';
import { useTexts } from '../texts/language';
import { lineage } from '../texts/lineage';
import type { SeenDigit } from './same-digit';
import { firstMapsOf } from './side-by-side';

interface NetworkColumnProps {
  readonly name: string;
  /** Undefined until it is computed. */
  readonly found: SeenDigit | undefined;
  /** The digit that is shown, if that is known. */
  readonly label: number | null;
  /** Of the network that takes the most, for the bar. */
  readonly mostMultiplyAdds: number;
}

export function NetworkColumn({ name, found, label, mostMultiplyAdds }: NetworkColumnProps) {
  const texts = useTexts(lineage);
  return (
    <article class="card column" data-model={name}>
      <h3>{name}</h3>
      {found ? (
        <>
          <Answers seen={found.seen} label={label} />
          <Input seen={found.seen} />
          <FirstMaps seen={found.seen} />
          <Costs {...found} most={mostMultiplyAdds} />
        </>
      ) : (
        <p role="status">{texts.computing}</p>
      )}
    </article>
  );
}

function Answers({ seen, label }: { readonly seen: Seen; readonly label: number | null }) {
  const texts = useTexts(lineage);
  const { model } = seen;
  const { kind, first, second, margin } = answerOf(model.trained.recipe.loss, scoresOf(seen));
  const named = ({ index }: Choice) => className(model, index);
  const verdict = label === null ? '' : first.index === label ? texts.right : texts.wrong(label);
  return (
    <>
      <p class="verdict">
        <span class="big" data-answer={first.index}>
          {named(first)}
        </span>{' '}
        {verdict}
      </p>
      <dl class="counts">
        <div>
          <dt>{texts.answer}</dt>
          <dd data-score={first.score}>
            {named(first)}: <b class="figure">{number(first.score)}</b>
          </dd>
        </div>
        <div>
          <dt>{texts.second}</dt>
          <dd data-second={second.index}>
            {named(second)}: <b class="figure">{number(second.score)}</b>
          </dd>
        </div>
        <div>
          <dt>{texts.margin}</dt>
          <dd data-margin={margin}>
            <b class="figure">{number(margin)}</b> <small class="quiet">{texts[kind]}</small>
          </dd>
        </div>
      </dl>
    </>
  );
}

function Input({ seen: { model, input } }: { readonly seen: Seen }) {
  const texts = useTexts(lineage);
  const [height, width] = model.trained.recipe.input.shape;
  const label = texts.inputOf(model.name, height, width);
  const scale = greyScale(input);
  return (
    <>
      <h4>{texts.sees}</h4>
      <MapCanvas values={input} {...{ height, width, scale, label }} unit={112 / width} />
      <p class="under quiet">
        {height}×{width} <Legend scale={scale} />
      </p>
    </>
  );
}

/** All first maps in one scale, so that they can be held against each other. */
function FirstMaps({ seen: { model, outputs } }: { readonly seen: Seen }) {
  const texts = useTexts(lineage);
  const { name } = firstMapsOf(model.graph);
  const output = outputs.get(name)!;
  const [height, width, maps] = output.shape as [number, number, number];
  const scale = divergingScale(output.values);
  return (
    <>
      <h4>{texts.firstMaps(name, maps)}</h4>
      <div class="maps">
        {planes(output).map((values, map) => (
          <MapCanvas
            values={values}
            {...{ height, width, scale, label: texts.firstMap(name, map + 1) }}
            unit={56 / width}
          />
        ))}
      </div>
      <p class="under quiet">
        {height}×{width} <Legend scale={scale} />
      </p>
    </>
  );
}

/** The maps of an output, sixteen at most. */
function planes(output: LayerOutput): readonly Float32Array[] {
  const maps = Math.min(16, output.shape.at(-1)!);
  return Array.from({ length: maps }, (_, map) => mapOf(output, map));
}

function Costs({ seen: { model }, milliseconds, most }: SeenDigit & { readonly most: number }) {
  const texts = useTexts(lineage);
  const { multiplyAdds, parameters } = model.description;
  return (
    <dl class="counts costs">
      <div>
        <dt>{texts.multiplyAdds}</dt>
        <dd data-multiply-adds={multiplyAdds}>
          <b class="figure">{grouped(multiplyAdds)}</b>
          <span class="bar" style={{ width: `${(100 * multiplyAdds) / most}%` }} aria-hidden="true" />
        </dd>
      </div>
      <div>
        <dt>{texts.parameters}</dt>
        <dd>
          <b class="figure">{grouped(parameters)}</b>
        </dd>
      </div>
      <div>
        <dt>{texts.milliseconds}</dt>
        <dd data-milliseconds={milliseconds ?? ''}>
          {milliseconds === null ? texts.computing : <b class="figure">{milliseconds.toFixed(2)} ms</b>}
        </dd>
      </div>
    </dl>
  );
}
