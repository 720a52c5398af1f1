/** The card of a network: what it added, its counts beside the paper’s, its drawing and its errors. */
import { useMemo, useState } from 'preact/hooks';
import type { LineageEntry } from '../../src/workflows/weights/playground/page-data';
import { usePageState } from '../page-state';
import { grouped } from '../../src/core/text/numbers';
import { useTexts } from '../texts/language';
import { addsText, lineage } from '../texts/lineage';
import { MeasuredErrors, PublishedErrors } from './errors';

interface NetworkCardProps {
  readonly entry: LineageEntry;
  /** The network and its variants, by name. */
  readonly family: readonly string[];
  readonly hasRuns: boolean;
  readonly onChoose: (network: string) => void;
}

export function NetworkCard({ entry, family, hasRuns, onChoose }: NetworkCardProps) {
  const texts = useTexts(lineage);
  return (
    <article class="card network-card" data-network={entry.network}>
      <h3>
        {entry.network} <span class="quiet">{entry.year}</span>
      </h3>
      <p class="citation quiet">
        {entry.authors}. <cite>{entry.title}</cite>. {entry.venue}, {entry.year}.
      </p>
      {family.length > 1 && (
        <div class="row family" role="group" aria-label={texts.family}>
          {family.map((name) => (
            <button type="button" aria-pressed={name === entry.network} onClick={() => onChoose(name)}>
              {name}
            </button>
          ))}
        </div>
      )}
      <h4>{texts.adds}</h4>
      <Adds entry={entry} />
      <h4>{texts.counts}</h4>
      <Counts entry={entry} />
      <h4>{texts.drawing}</h4>
      <Drawing entry={entry} />
      <h4>{texts.published}</h4>
      <PublishedErrors entry={entry} />
      <h4>{texts.measured}</h4>
      <p class="quiet">
        {hasRuns ? texts.fromResults : texts.fromTrained} {texts.quotedEnglish}
      </p>
      <MeasuredErrors entry={entry} />
    </article>
  );
}

function Adds({ entry: { network, lineage: descent } }: Pick<NetworkCardProps, 'entry'>) {
  const texts = useTexts(lineage);
  const { language } = usePageState().state;
  switch (descent.kind) {
    case 'variant':
      return <p>{texts.variant(descent.network)}</p>;
    case 'first':
    case 'after':
      return (
        <p>
          {addsText(network, descent.adds)[language] as string}{' '}
          <span class="quiet">{descent.kind === 'first' ? texts.first : texts.after(descent.network)}</span>
        </p>
      );
    default:
      return descent satisfies never;
  }
}

function Counts({ entry }: Pick<NetworkCardProps, 'entry'>) {
  const texts = useTexts(lineage);
  const { parameters, auxiliaryParameters, paperParameters, paperConnections, connections } = entry;
  const beside = (ours: number, paper: number) =>
    ours === paper ? texts.samePaper : texts.otherPaper(grouped(paper));
  const { quoted, where, exact } = paperParameters;
  const printed = quoted?.replaceAll(',', '') === String(exact);
  const notes = [
    printed ? `${beside(parameters, exact)} (${where})` : beside(parameters, exact),
    quoted !== null && !printed && texts.prints(quoted, where ?? ''),
    auxiliaryParameters > 0 && texts.auxiliary(grouped(auxiliaryParameters)),
  ].filter((note) => note !== false);
  return (
    <dl class="counts">
      <Count name={texts.parameters} value={parameters} what="parameters" notes={notes} />
      <Count name={texts.multiplyAdds} value={entry.multiplyAdds} what="multiply-adds" />
      {paperConnections && (
        <Count
          name={texts.connections}
          value={connections}
          what="connections"
          notes={[`${beside(connections, paperConnections.exact)} (${paperConnections.where})`]}
        />
      )}
      <Count name={texts.depth} value={entry.depth} what="depth" />
      <div>
        <dt>{texts.takes}</dt>
        <dd>{texts.takesImage(...(entry.input as [number, number, number]))}</dd>
      </div>
      <div>
        <dt>{texts.answers}</dt>
        <dd>
          {texts.classes(grouped(entry.classes))} <span class="quiet">({entry.dataset})</span>
        </dd>
      </div>
    </dl>
  );
}

interface CountProps {
  readonly name: string;
  readonly value: number;
  /** What a test calls it. */
  readonly what: string;
  readonly notes?: readonly string[];
}

function Count({ name, value, what, notes = [] }: CountProps) {
  return (
    <div>
      <dt>{name}</dt>
      <dd data-count={what} data-value={value}>
        <b class="figure">{grouped(value)}</b>
        {notes.map((note) => (
          <span class="quiet note">{note}</span>
        ))}
      </dd>
    </div>
  );
}

/** The drawing has a white ground of its own, so that it reads the same in the dark. */
function Drawing({ entry: { network, drawing } }: Pick<NetworkCardProps, 'entry'>) {
  const texts = useTexts(lineage);
  const [full, setFull] = useState(false);
  const source = useMemo(() => `data:image/svg+xml;charset=utf-8,${encodeURIComponent(drawing)}`, [drawing]);
  return (
    <>
      <div class="scroll drawing" role="region" aria-label={texts.drawingOf(network)} tabIndex={0}>
        <img src={source} alt={texts.drawingOf(network)} class={full ? 'full' : ''} />
      </div>
      <button type="button" aria-pressed={full} onClick={() => setFull(!full)}>
        {texts.fullSize}
      </button>
    </>
  );
}
