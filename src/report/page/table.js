/* Runs in the comparison: sorts and filters the lines of its table. Without it the table shows all of them, by year. */
'use strict';

/* global document */

const { body } = document;

const table = () => document.querySelector('table.comparison');
const form = () => document.querySelector('form.controls');
const heads = () => [...table().querySelectorAll('th[data-sort]')];
const lines = () => [...table().querySelectorAll('tbody')];

const texts = ['network', 'dataset'];
let sorted = { key: 'year', down: false };
/** The values of the form, kept for when the page is made anew. */
let asked = {};

/** Numbers by size, texts by the alphabet; lines without a value are always last. */
function compare(key, down, one, other) {
  const [a, b] = [one.dataset[key], other.dataset[key]];
  if (a === '' || b === '') return (a === '') - (b === '');
  const order = texts.includes(key) ? a.localeCompare(b) : Number(a) - Number(b);
  return down ? -order : order;
}

function sort(key, down) {
  sorted = { key, down };
  const order = lines().map((line, at) => [line, Number((line.dataset.at ??= String(at)))]);
  order.sort(([one, at], [other, and]) => compare(key, down, one, other) || at - and);
  table().append(...order.map(([line]) => line));
  for (const head of heads()) {
    if (head.dataset.sort !== key) head.removeAttribute('aria-sort');
    else head.setAttribute('aria-sort', down ? 'descending' : 'ascending');
  }
  form().elements.sort.value = key;
}

function filter() {
  const { words, dataset, published } = form().elements;
  asked = { words: words.value, dataset: dataset.value, published: published.checked };
  const wanted = words.value.toLowerCase().split(/\s+/).filter(Boolean);
  let shown = 0;
  for (const line of lines()) {
    const { dataset: of } = line;
    line.hidden = !(
      wanted.every((word) => of.words.includes(word)) &&
      (dataset.value === '' || of.dataset === dataset.value) &&
      (!published.checked || of.published !== '')
    );
    if (!line.hidden) shown++;
  }
  const all = lines().length;
  form().querySelector('output').textContent = shown === all ? '' : `${shown} of ${all} lines`;
}

/** Makes buttons of the columns' heads and shows the controls; called again when the page was made anew. */
function begin() {
  if (!table() || !form()?.hidden) return;
  for (const head of heads()) {
    const button = document.createElement('button');
    button.type = 'button';
    button.textContent = head.textContent.trim();
    button.addEventListener('click', () => {
      const { sort: key } = head.dataset;
      sort(key, sorted.key === key && !sorted.down);
    });
    head.replaceChildren(button);
  }
  const { words, dataset, published } = form().elements;
  words.value = asked.words ?? '';
  dataset.value = asked.dataset ?? '';
  published.checked = asked.published ?? false;
  form().hidden = false;
  form().addEventListener('submit', (event) => event.preventDefault());
  form().addEventListener('input', ({ target }) => {
    if (target.name === 'sort') sort(target.value, false);
    else filter();
  });
  form().addEventListener('reset', (event) => {
    event.preventDefault();
    words.value = dataset.value = '';
    published.checked = false;
    sort('year', false);
    filter();
  });
  sort(sorted.key, sorted.down);
  filter();
}

begin();
body.addEventListener('anew', begin);
