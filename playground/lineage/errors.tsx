/** The tables of a network’s errors: those that papers print, and those that this project measured. */
import { useState } from 'preact/hooks';
import type { LineageEntry } from '../../src/workflows/weights/playground/page-data';
import { grouped, percent } from '../../src/core/text/numbers';
import { useTexts } from '../texts/language';
import { lineage } from '../texts/lineage';

/** How many rows a table shows at first. */
const fewRows = 5;

export function PublishedErrors({ entry: { published, network } }: { readonly entry: LineageEntry }) {
  const texts = useTexts(lineage);
  if (published.length === 0) return <p class="quiet">{texts.noPublished}</p>;
  const head = [texts.dataset, texts.error, texts.protocol, texts.where];
  const rows = published.map(({ dataset, metric, error, protocol, where }) => (
    <tr>
      <td>{dataset}</td>
      <ErrorCell metric={metric === 'error' ? '' : texts[metric]} error={error} />
      <td>{protocol}</td>
      <td>{where}</td>
    </tr>
  ));
  return <ErrorTable key={network} label={texts.published} {...{ head, rows }} />;
}

export function MeasuredErrors({ entry: { measured, network } }: { readonly entry: LineageEntry }) {
  const texts = useTexts(lineage);
  if (measured.length === 0) return <p class="quiet">{texts.noMeasured}</p>;
  const head = [texts.dataset, texts.error, texts.protocol, texts.differs, texts.source];
  const rows = measured.map(({ of, place, dataset, images, interval95, commit, ...row }) => (
    <tr>
      <td>
        {dataset}
        <br />
        <small class="quiet">{texts.images(grouped(images))}</small>
      </td>
      <ErrorCell
        metric={row.metric === 'error' ? '' : texts[row.metric]}
        error={row.error}
        note={texts.interval(percent(interval95[0], 2), percent(interval95[1], 2))}
      />
      <td>{row.protocol}</td>
      <td>{row.remarks.join('; ') || texts.nothing}</td>
      <td title={row.command}>
        {of === 'shipped' ? texts.shipped(place) : place}
        <br />
        <small class="quiet">{commit}</small>
      </td>
    </tr>
  ));
  return <ErrorTable key={network} label={texts.measured} {...{ head, rows }} />;
}

interface ErrorCellProps {
  readonly metric: string;
  readonly error: number;
  readonly note?: string;
}

function ErrorCell({ metric, error, note }: ErrorCellProps) {
  return (
    <td data-value={error}>
      <b class="figure">{percent(error, 2)}</b> <small>{metric}</small>
      {note && (
        <>
          <br />
          <small class="quiet">{note}</small>
        </>
      )}
    </td>
  );
}

interface ErrorTableProps {
  readonly label: string;
  readonly head: readonly string[];
  readonly rows: readonly preact.ComponentChild[];
}

/** A table that shows its first rows, and all when it is asked to. */
function ErrorTable({ label, head, rows }: ErrorTableProps) {
  const texts = useTexts(lineage);
  const [whole, setWhole] = useState(false);
  return (
    <>
      <div class="scroll" role="region" aria-label={label} tabIndex={0}>
        <table class="errors">
          <thead>
            <tr>
              {head.map((text) => (
                <th scope="col">{text}</th>
              ))}
            </tr>
          </thead>
          <tbody>{whole ? rows : rows.slice(0, fewRows)}</tbody>
        </table>
      </div>
      {!whole && rows.length > fewRows && (
        <button type="button" onClick={() => setWhole(true)}>
          {texts.all(rows.length)}
        </button>
      )}
    </>
  );
}
