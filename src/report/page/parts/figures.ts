/** Figures as they stand on pages: no line is broken between a number and its percent sign, or within a name. */
import { percent } from '../../../evaluate/evaluation-text';
import type { ComparedGroup } from '../../compare-groups';
import { html, type Content, type Html } from '../html';

/** A fraction as percent, with a space that does not break. */
export function share(fraction: number): string {
  return percent(fraction).replace(' ', '\u00a0');
}

/** An interval in percent, each of its ends in one piece. */
export function interval([low, high]: readonly [number, number]): Html {
  return html`${share(low)} to ${share(high)}`;
}

/** How many runs a group has, and how far they lie apart; null for a single run. */
export function spreadOf({ runs, deviation }: ComparedGroup): string | null {
  if (runs.length < 2) return null;
  if (deviation !== null) return `mean of ${runs.length} seeds, ±\u00a0${share(deviation)}`;
  const errors = runs.map(({ error }) => error);
  const [least, most] = [Math.min(...errors), Math.max(...errors)];
  const apart = least === most ? 'all equal' : `${share(least)} to ${share(most)}`;
  return `mean of ${runs.length} runs, ${apart}`;
}

/** A path or a command, which may be broken after a slash and at spaces, but not within a name. */
export function code(text: string): Html {
  const parts = text.split('/');
  return html`<code>${parts.map((part, at) => html`${at > 0 && html`/<wbr />`}${part}`)}</code>`;
}

/** What is told of something, as a list of names and values. */
export function definitions(
  facts: readonly (readonly [name: Content, value: Content])[],
  kind: string | null = null,
): Html {
  return html`<dl${kind !== null && html` class="${kind}"`}>
    ${facts.map(
      ([name, value]) =>
        html`<div>
          <dt>${name}</dt>
          <dd>${value}</dd>
        </div>`,
    )}
  </dl>`;
}

/** An id for the part of the page about a report. */
export function resultAnchor(report: string): string {
  return `result-${report.replace(/\.json$/, '').replaceAll(/[^\w-]+/g, '-')}`;
}
