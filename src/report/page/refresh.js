/* Runs in the served comparison: shows new figures while a run is trained, and keeps the reader's place. */
'use strict';

/* global document, DOMParser, Event, EventSource, fetch, location */

const parts = () => document.querySelectorAll('#overview, article.network');

/**
 * What tells a part that unfolds from others, whatever the order of the lines: the name of what it belongs to, and its
 * place in that.
 */
function keysOf(part) {
  const places = {};
  return [...part.querySelectorAll('details')].map((details) => {
    const of = details.closest('[data-key]')?.dataset.key ?? '';
    places[of] = (places[of] ?? 0) + 1;
    return [`${of} ${places[of]}`, details];
  });
}

/** Replaces the contents of the page by the new ones; details stay as the reader left them. */
function take(fresh) {
  for (const old of parts()) {
    const left = new Map(keysOf(old).map(([key, { open }]) => [key, open]));
    const found = fresh.getElementById(old.id);
    if (!found) continue;
    old.replaceChildren(...found.childNodes);
    for (const [key, details] of keysOf(old)) details.open = left.get(key) ?? details.open;
  }
  document.body.dispatchEvent(new Event('anew'));
}

new EventSource('/changes').addEventListener('message', async () => {
  const answer = await fetch(location.pathname, { cache: 'no-store' });
  if (answer.ok) take(new DOMParser().parseFromString(await answer.text(), 'text/html'));
});
