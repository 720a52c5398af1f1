/* What the served comparison does besides: it takes up new figures while a run is trained, where the reader is. */
'use strict';

/* global document, DOMParser, EventSource, fetch, location */

const parts = () => document.querySelectorAll('#overview, article.network');

/** Puts the contents of the new page in place of the old ones; what was opened stays open. */
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
