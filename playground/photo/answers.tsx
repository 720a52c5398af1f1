/** What the network sees of the photo, its best answers, and those of its auxiliary heads. */
import { className } from '../model/answers';
import { MapCanvas } from '../parts/map-canvas';
import { percent, number } from '../../src/core/text/numbers';
import { useTexts } from '../texts/language';
import { photo as table } from '../texts/photo';
import { bestClasses } from '../../src/evaluate/scores/ranking';
import { pixelScale } from './overlay';
import type { PhotoModel, SeenPhoto } from './photo-model';

export interface FoundProps {
  readonly model: PhotoModel;
  readonly found: SeenPhoto;
}

export function Answers({ model, found }: FoundProps) {
  const texts = useTexts(table);
  const [height, width, channels] = model.trained.recipe.input.shape;
  const { scores, probabilities, best, seen } = found;
  return (
    <div class="answers">
      <section>
        <h3>{texts.sees}</h3>
        <MapCanvas
          values={found.crop}
          {...{ height, width, channels }}
          scale={pixelScale}
          label={texts.sees}
          unit={224 / width}
        />
        <p class="quiet">{texts.seesAbout(height, width)}</p>
      </section>
      <section>
        <h3>{texts.answers}</h3>
        <Ranking
          model={model}
          classes={best}
          values={probabilities ?? scores}
          shares={probabilities !== null}
        />
        {!probabilities && <p class="quiet">{texts.noProbabilities}</p>}
        <p class="quiet">{texts.took(seen.milliseconds.toFixed(0))}</p>
      </section>
    </div>
  );
}

interface RankingProps extends Pick<FoundProps, 'model'> {
  readonly classes: readonly number[];
  /** `[classes]` */
  readonly values: Float32Array;
  /** Whether the values are probabilities, which bars show. */
  readonly shares: boolean;
}

function Ranking({ model, classes, values, shares }: RankingProps) {
  return (
    <ol class="ranking">
      {classes.map((index) => (
        <li data-class={index} data-value={values[index]}>
          <span class="figure">{shares ? percent(values[index]!, 2) : number(values[index]!)}</span>{' '}
          {className(model, index)}
          {shares && <span class="bar" style={{ width: `${100 * values[index]!}%` }} aria-hidden="true" />}
        </li>
      ))}
    </ol>
  );
}

/** The auxiliary heads of a network, with the answers of those whose weights the file has. */
export function Heads({ model, found }: FoundProps) {
  const texts = useTexts(table);
  return (
    <section>
      <h3>{texts.heads}</h3>
      <p>{texts.headsAbout}</p>
      <div class="columns">
        {model.heads.map(({ name, reads, loaded }) => (
          <article class="card" data-head={name} data-loaded={loaded}>
            <h4>{texts.head(name, reads)}</h4>
            {loaded ? (
              <HeadRanking model={model} values={found.heads.get(name)!} />
            ) : (
              <p class="quiet">{texts.headMissing}</p>
            )}
          </article>
        ))}
      </div>
    </section>
  );
}

/** The best answers of an auxiliary head. */
function HeadRanking({ model, values }: Pick<RankingProps, 'model' | 'values'>) {
  const { loss } = model.trained.recipe;
  return (
    <Ranking
      model={model}
      classes={bestClasses(loss, values, 5)}
      values={values}
      shares={loss.kind === 'softmaxCrossEntropy'}
    />
  );
}
