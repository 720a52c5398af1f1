import { zoo, networkNames } from '../../models/registry';
import { families, familyOf } from '../../src/report/page/parts/families';
import { html, trusted } from '../../src/report/page/html';
import { anchorOf, lineageFigure } from '../../src/report/page/parts/lineage-figure';

const networks = networkNames.map((name) => ({ name, paper: zoo[name].paper }));

it('escapes whatever is put into markup, but markup', () => {
  const inner = html`<i>${'&'}</i>`;
  const { markup } = html`<b title="${'"a" & \'b\''}">${['<b>', inner, 1, null]}${false}</b>`;
  expect(markup).toBe('<b title="&quot;a&quot; &amp; &#39;b&#39;">&lt;b&gt;<i>&amp;</i>1</b>');
  expect(html`${trusted('<br />')}`.markup).toBe('<br />');
});

it('every network comes after one that is as old or older, or is a variant of one that is none itself', () => {
  for (const { paper } of networks) {
    const { lineage, year } = paper;
    if (lineage.kind === 'first') continue;
    const other = networks.find(({ name }) => name === lineage.network);
    expect(other?.paper.lineage.kind).not.toBe('variant');
    if (lineage.kind === 'after') expect(other!.paper.year).toBeLessThanOrEqual(year);
  }
  // The order of the books: Fukushima, LeCun three times, Krizhevsky; then Simonyan on one side, Lin and Szegedy on the other.
  const heads = families(networks).map(({ head }) => head.name);
  expect(heads).toEqual(['neocognitron', 'lecun1989', 'lenet1', 'lenet5', 'alexnet', 'vgg-a', 'nin-cifar10', 'googlenet']); // prettier-ignore
  expect(families(networks).flatMap(({ head, variants }) => [head, ...variants]).length).toBe(
    networks.length,
  );
  expect(familyOf('vgg-e', networks)).toBe('vgg-a');
});

it('draws a box for each network that is no variant, and refuses a gap', () => {
  const { markup } = lineageFigure(networks);
  const boxes = [...markup.matchAll(/<a href="#([^"]+)"/g)].map(([, anchor]) => anchor);
  expect(boxes).toEqual(families(networks).map(({ head }) => anchorOf(head.name)));
  const without = networks.filter(({ name }) => name !== 'alexnet');
  expect(() => lineageFigure(without)).toThrow('expected alexnet among the networks before, found none');
});
