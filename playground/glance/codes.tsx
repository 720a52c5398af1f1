/** LeNet-5’s last step: F6 as a picture beside the code of each class, and their squared differences. */
import { useMemo } from 'preact/hooks';
import type { LayerOutput } from '../../src/describe/units/activations';
import { sumOf } from '../../src/describe/units/sums';
import { drawnMap, layoutOf } from '../model/units';
import { Legend } from '../parts/legend';
import { MapCanvas } from '../parts/map-canvas';
import { Num } from '../parts/num';
import { divergingScale, greyScale } from '../../src/describe/draw/palette';
import { glance } from '../texts/glance';
import { useTexts } from '../texts/language';
import type { Stage } from './stages';

interface CodesProps {
  readonly stage: Stage;
  readonly outputs: ReadonlyMap<string, LayerOutput>;
  readonly labels: readonly string[];
}

/** The classes whose codes are drawn: those of more classes would fill the page. */
const most = 10;

export function CodesPanel({ stage, outputs, labels }: CodesProps) {
  const texts = useTexts(glance);
  const classes = Math.min(most, stage.shape[0]!);
  const found = useMemo(
    () =>
      Array.from({ length: classes }, (_, index) => {
        const sum = sumOf(stage.sums, [index], outputs);
        if (sum.kind !== 'distance')
          throw new Error(`expected distances of ${stage.name}, found ${sum.kind}`);
        return sum;
      }),
    [stage, outputs],
  );
  const [first] = found as [(typeof found)[number]];
  const layout = layoutOf([first.values.length]);
  const { height, width } = layout;
  const states = divergingScale(first.values);
  const squares = greyScale([0, ...found.flatMap((each) => [...each.squares])]);
  const picture = (values: Float32Array) => drawnMap({ shape: layout.shape, values }, 0, layout);
  const name = (index: number) => labels[index] ?? String(index);
  return (
    <section class="card" aria-labelledby="codes-title">
      <h3 id="codes-title">{texts.codes}</h3>
      <p class="quiet small">{texts.codesHelp}</p>
      <div class="codes">
        <figure>
          <MapCanvas
            values={picture(first.values)}
            {...{ height, width }}
            scale={states}
            label={texts.state}
            unit={8}
          />
          <figcaption>
            {texts.state} <Legend scale={states} />
          </figcaption>
        </figure>
        <figure class="key">
          <figcaption>
            (x − w)² <Legend scale={squares} />
          </figcaption>
        </figure>
        {found.map((each, index) => (
          <figure>
            <span class="pair">
              <MapCanvas
                values={picture(each.code)}
                {...{ height, width }}
                scale={{ kind: 'diverging', least: -1, most: 1 }}
                label={texts.code(name(index))}
                unit={6}
              />
              <MapCanvas
                values={picture(each.squares)}
                {...{ height, width }}
                scale={squares}
                label={texts.squares(name(index))}
                unit={6}
              />
            </span>
            <figcaption>
              {name(index)}: Σ = <Num value={each.sum} name={`distance-${index}`} />
            </figcaption>
          </figure>
        ))}
      </div>
    </section>
  );
}
