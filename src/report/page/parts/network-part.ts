/** The part of the page about one network. */
import { count } from '../../../core/text/columns';
import type { NetworkDescription } from '../../../describe/describe-network';
import { layerCells } from '../../../describe/layers/layer-table';
import { html, type Html } from '../html';
import { families, familyOf } from './families';
import { definitions, share } from './figures';
import { imageFigure } from './image-figure';
import { anchorOf } from './lineage-figure';
import type { PageData, Result } from '../page-data';
import { resultPart } from './result-part';
import { table } from './table';

/**
 * A network's part of the page: its description, its layers, where it departs from its paper, and what was measured.
 */
export async function networkPart(
  { description, drawing }: PageData['networks'][number],
  all: readonly NetworkDescription[],
  results: readonly Result[],
): Promise<Html> {
  const { name, paper, recipe } = description;
  const own = results.filter(({ row }) => row.network === name);
  const parts: Html[] = [];
  for (const result of own) parts.push(await resultPart(result, parts.length === 0));
  return html`<article id="${anchorOf(name)}" class="network" aria-labelledby="${anchorOf(name)}-name">
    <h2 id="${anchorOf(name)}-name">${name} <span class="quiet">${paper.year}</span></h2>
    <p>${paper.authors}. <cite>${paper.title}</cite>. ${paper.venue}, ${paper.year}.</p>
    ${lineagePart(description, all)} ${countsPart(description)}
    <h3>As it is built</h3>
    ${imageFigure({
      caption: `${name} drawn`,
      type: 'image/svg+xml',
      bytes: Buffer.from(drawing),
      of: 'drawing',
      alt: `${name} as a drawing: its layers are in the table below`,
      captioned: false,
    })}
    ${layersPart(description)}
    <h3>Guesses and departures</h3>
    ${guessesPart(recipe.guesses)} ${departuresPart(description)}
    <h3>Published errors</h3>
    ${publishedPart(description)}
    <h3>Measured here</h3>
    ${parts.length > 0 ? parts : html`<p>No run of it is on file${reasonFor(description, results, all)}.</p>`}
    <p><a href="#top">Back to all networks</a></p>
  </article>`;
}

function lineagePart(
  { name, paper: { lineage } }: NetworkDescription,
  all: readonly NetworkDescription[],
): Html {
  const link = (network: string) => html`<a href="#${anchorOf(network)}">${network}</a>`;
  const next = all.filter(({ paper }) => paper.lineage.kind === 'after' && paper.lineage.network === name);
  const variants = families(all).find(({ head }) => head.name === name)?.variants ?? [];
  const list = (networks: readonly NetworkDescription[]) =>
    networks.map((network, at) => html`${at > 0 ? ', ' : ''}${link(network.name)}`);
  return html`<p>
    ${
      lineage.kind === 'variant'
        ? html`A variant of ${link(lineage.network)}.`
        : html`${lineage.kind === 'after' && html`After ${link(lineage.network)}. `}What it adds:
          ${lineage.adds}`
    }
    ${next.length > 0 && html` Taken up by ${list(next)}.`}
    ${variants.length > 0 && html` Variants: ${list(variants)}.`}
  </p>`;
}

function countsPart(description: NetworkDescription): Html {
  const { compared, multiplyAdds, auxiliaryParameters, fixedParameters, input, classes } = description;
  const beside = compared
    .filter(({ what }) => what === 'parameters' || what === 'connections')
    .map(
      ({ what, ours, paper, same }) =>
        [
          what,
          same ? `${count(ours)}, as the paper’s` : `${count(ours)}; the paper’s ${count(paper)}`,
        ] as const,
    );
  const rows: readonly (readonly [string, string])[] = [
    ...beside,
    ['multiply-adds of one image', count(multiplyAdds)],
    ...(auxiliaryParameters > 0
      ? [['parameters of auxiliary heads', count(auxiliaryParameters)] as const]
      : []),
    ...(fixedParameters > 0
      ? [['numbers that training does not move', count(fixedParameters)] as const]
      : []),
    ['image', input.join('×')],
    ['classes', count(classes)],
  ];
  return definitions(rows, 'counts');
}

function layersPart(description: NetworkDescription): Html {
  const { head, main, heads, hidden } = layerCells(description, false);
  const apart = heads.length > 0 ? [['auxiliary heads', '', '', '', '', '', ''], ...heads] : [];
  return html`<details>
    <summary>Its ${main.length - 2} layers</summary>
    ${table({
      label: `layers of ${description.name}`,
      head: head.map((cell) => cell || 'as published'),
      rows: [...main, ...apart].map((row) => head.map((_, at) => row[at] ?? '')),
      numbers: [2, 4, 5, 6],
    })}
    <p class="quiet">
      Field: the square of input pixels that a unit sees / how far apart two units look.
      ${hidden > 0 && `${hidden} layers that leave nothing to count are left out.`}
    </p>
  </details>`;
}

function guessesPart(guesses: Readonly<Record<string, string | undefined>>): Html {
  const rows = Object.entries(guesses).map(([field, why]) => [html`<code>${field}</code>`, why ?? '']);
  if (rows.length === 0) return html`<p>Its source leaves nothing open that its recipe needs.</p>`;
  return table({ label: 'guesses', head: ['left open', 'what we take, and why'], rows, sentences: true });
}

function departuresPart({ paper: { departures, discrepancies = [] } }: NetworkDescription): Html {
  const rows = departures.map(({ paper, ours, why }) => [paper, ours, why]);
  return html`${
    rows.length === 0
      ? html`<p>Nothing is done otherwise.</p>`
      : table({ label: 'departures', head: ['the paper', 'here', 'why'], rows, sentences: true })
  }
  ${discrepancies.map((text) => html`<p>The literature contradicts itself: ${text}</p>`)}`;
}

function publishedPart({ paper: { results } }: NetworkDescription): Html {
  if (results.length === 0) return html`<p>None.</p>`;
  const rows = results.map(({ dataset, metric, error, protocol, where }) => [
    share(error),
    metric,
    dataset,
    protocol,
    where,
  ]);
  return table({
    label: 'published errors',
    head: ['error', 'of', 'images', 'protocol', 'where'],
    rows,
    numbers: [0],
  });
}

/**
 * The text that explains why a network has no results: it names the family members that have some, or else the command
 * that makes one.
 */
function reasonFor(
  { name, recipe }: NetworkDescription,
  results: readonly Result[],
  all: readonly NetworkDescription[],
): string {
  const family = familyOf(name, all);
  const others = new Set(
    results.map(({ row }) => row.network).filter((network) => familyOf(network, all) === family),
  );
  if (others.size > 0)
    return `; of its family, ${[...others].join(', ')} ${others.size > 1 ? 'have' : 'has'} some`;
  return `: npm run train -- ${name} --data ${recipe.dataset} makes one`;
}
