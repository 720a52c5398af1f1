/** The parts of the page about classes: their figures, and which are taken for which, down to the images. */
import { count } from '../../../core/text/columns';
import { counted } from '../../../core/text/counted';
import { dataUri, html, type Content, type Html } from '../html';
import { share } from '../parts/figures';
import { table } from '../parts/table';
import type { RunPageData, WrongImage } from './run-page-data';
import type { ConfusedPair } from './wrong-answers';

type Report = RunPageData['report'];

/** The most classes of which the whole matrix, and the whole table, is shown unfolded. */
const mostInFull = 24;
/** How many classes and confusions are shown unfolded where there are more. */
const first = 12;

/** Precision, recall and F1 of each class; of many classes, the worst unfolded. */
export function classTable({ perClass, averages }: Report): Html {
  const seen = perClass.filter(({ f1 }) => f1 !== null);
  const many = seen.length > mostInFull;
  const worst = [...seen].sort((one, other) => one.f1! - other.f1! || other.images - one.images);
  const means = (['macro', 'weighted'] as const).map((name) => [
    html`<i>${name === 'macro' ? 'mean, each class alike' : 'mean, by images'}</i>`,
    ...['', '', averages[name].precision, averages[name].recall, averages[name].f1].map(cell),
  ]);
  const figures = (label: string, of: readonly Report['perClass'][number][], also: readonly Content[][]) =>
    table({
      label,
      head: ['class', 'images', 'mistakes', 'precision', 'recall', 'F1'],
      rows: [
        ...of.map(({ label, images, mistakes, precision, recall, f1 }) => [
          label,
          ...[count(images), count(mistakes), precision, recall, f1].map(cell),
        ]),
        ...also,
      ],
      numbers: [1, 2, 3, 4, 5],
    });
  const absent = perClass.length - seen.length;
  return html`${figures(many ? 'the classes found worst' : 'classes', many ? worst.slice(0, first) : seen, means)}
  ${
    many &&
    html`<details>
      <summary>All ${count(seen.length)} classes, in their order</summary>
      ${figures('all classes', seen, [])}
    </details>`
  }
  ${absent > 0 && html`<p class="quiet">${counted(absent, 'class', 'classes')} of the network’s occur neither as a label nor as an answer.</p>`}`;
}

function cell(value: number | string | null): string {
  if (value === null) return '-';
  return typeof value === 'string' ? value : share(value);
}

/**
 * The confusion matrix, whose cells lead to the images; of many classes, none, since the list of confusions says more in
 * less space.
 */
export function confusionMatrix(
  { perClass, confusion }: Report,
  pairs: readonly ConfusedPair<WrongImage>[],
): Html | null {
  if (perClass.length > mostInFull) return null;
  const shown = new Set(pairs.map(({ label, answer }) => anchorOf(label, answer)));
  const rows = confusion.map((row, label) => {
    const all = perClass[label]!.images;
    return html`<tr>
      <th scope="row">${perClass[label]!.label}</th>
      ${row.map((images, answer) => {
        if (images === 0) return html`<td></td>`;
        if (label === answer) return html`<td class="right">${count(images)}</td>`;
        const tint = (0.1 + 0.4 * Math.sqrt(images / all)).toFixed(2);
        const what = `${perClass[label]!.label} answered with ${perClass[answer]!.label}`;
        return html`<td style="--tint: ${tint}">
          ${
            shown.has(anchorOf(label, answer))
              ? html`<a href="#${anchorOf(label, answer)}"
                  >${count(images)}<span class="unseen"> of ${what}</span></a
                >`
              : count(images)
          }
        </td>`;
      })}
    </tr>`;
  });
  return html`<p class="quiet">
      Images of the class in the row, by the answer in the column; a number in orange leads to its images.
    </p>
    <div class="scroll" tabindex="0" role="region" aria-label="confusion matrix">
      <table class="matrix">
        <thead>
          <tr>
            <th scope="col"><span class="unseen">label</span></th>
            ${perClass.map(({ label }) => html`<th scope="col"><span>${label}</span></th>`)}
          </tr>
        </thead>
        <tbody>
          ${rows}
        </tbody>
      </table>
    </div>`;
}

/** The confusions by their frequency, each of which unfolds to its images. */
export function confusionList({ report, wrong }: RunPageData): Html {
  const { pairs, allPairs } = wrong;
  const [before, after] = [pairs.slice(0, first), pairs.slice(first)];
  return html`${before.map((pair) => pairPart(pair, report))}
  ${
    after.length > 0 &&
    html`<details>
      <summary>
        ${after.length === allPairs - first ? 'The other' : 'The next'} ${counted(after.length, 'confusion')}
      </summary>
      ${after.map((pair) => pairPart(pair, report))}
    </details>`
  }
  ${
    allPairs > pairs.length &&
    html`<p class="quiet">${count(allPairs - pairs.length)} rarer confusions are not listed.</p>`
  }`;
}

function pairPart(
  { label, answer, count: images, shown }: ConfusedPair<WrongImage>,
  { perClass }: Report,
): Html {
  const { label: name, images: all } = perClass[label]!;
  const more = images - shown.length;
  return html`<details class="pair">
    <summary>
      <b>${name}</b> answered with <b>${perClass[answer]!.label}</b>
      <span class="quiet">${count(images)} of ${count(all)}</span>
    </summary>
    <div id="${anchorOf(label, answer)}" class="of-pair">
      ${shown.length > 0 && shots(shown, null)}
      ${more > 0 && html`<p class="quiet">${shown.length > 0 ? `${count(more)} more` : counted(more, 'image')}, not shown.</p>`}
    </div>
  </details>`;
}

function anchorOf(label: number, answer: number): string {
  return `confused-${label}-${answer}`;
}

/**
 * Images with their names and the probabilities of the answers.
 * @param perClass the names of the classes, where each image is to say its own
 */
export function shots(images: readonly WrongImage[], perClass: Report['perClass'] | null): Html {
  return html`<ul class="shots" role="list">
    ${images.map(
      ({ name, label, answer, probability, thumbnail }) =>
        html`<li>
          ${
            thumbnail &&
            html`<img src="${dataUri(thumbnail.type, thumbnail.bytes)}" alt="" decoding="async" />`
          }
          ${perClass && html`<span><b>${perClass[label]!.label}</b> → <b>${perClass[answer]!.label}</b></span>`}
          <span class="quiet name"
            >${breakable(name)}${probability !== null && `, ${share(probability)}`}</span
          >
        </li>`,
    )}
  </ul>`;
}

/** A file's name that may be broken after a slash or an underscore. */
function breakable(name: string): Html {
  return html`${name.split(/(?<=[/_])/).map((part, at) => html`${at > 0 && html`<wbr />`}${part}`)}`;
}
