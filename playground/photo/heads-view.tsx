/** The auxiliary heads of a network, with the answers of those whose weights the file has. */
import { useTexts } from '../texts/language';
import { photo as table } from '../texts/photo';
import { HeadRanking, type FoundProps } from './answers';

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
