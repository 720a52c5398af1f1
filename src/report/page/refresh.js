/* Runs in the served comparison: shows new figures while a run is trained, and keeps the reader's place. */
'use strict';

/* global document, DOMParser, EventSource, fetch, location */

const parts = () => document.querySelectorAll('#overview, article.network');

/** Replaces the contents of the page by the new ones; details that were opened stay open. */
function take(fresh) {
  for (const old of parts()) {
    const opened = [...old.querySelectorAll('details')].map(({ open }) => open);
    const found = fresh.getElementById(old.id);
    if (!found) continue;
    old.replaceChildren(...found.childNodes);
    [...old.querySelectorAll('details')].forEach((details, at) => (details.open = opened[at] ?? false));
  }
}

new EventSource('/changes').addEventListener('message', async () => {
  const answer = await fetch(location.pathname, { cache: 'no-store' });
  if (answer.ok) take(new DOMParser().parseFromString(await answer.text(), 'text/html'));
});
