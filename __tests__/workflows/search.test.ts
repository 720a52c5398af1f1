import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { cosine } from '../../experiments/cosine';
import { experiments } from '../../experiments/registry';
import type { Reproduction } from '../../src/workflows/reproduce/reproduction';
import { beginData } from '../../src/workflows/data/run-data';
import { search, searchText } from '../../src/workflows/reproduce/search';
import { drawDigits } from '../../src/data/formats/digits/digits';
import type { Experiment } from '../../src/workflows/reproduce/experiment';
import { useBackend } from '../../src/runtime/backend';
import { contextForTests } from '../support/context';
import { keptJson, temporaryFolder } from '../support/fixtures';

const folder = temporaryFolder();
const data = drawDigits({ seed: 3, train: 100, test: 20 });
const experiment: Experiment = {
  ...experiments.lenet5,
  search: {
    hypothesis: 'Weights that such a rate multiplies again and again are soon above what float32 holds.',
    validationImages: 20,
    seeds: [1],
    candidates: { 'too high': { ...cosine(1e30), weightDecay: 1 }, low: cosine(0.001) },
    chosen: 'low',
  },
};

async function reproduction(): Promise<Reproduction> {
  await useBackend();
  const provenance = { command: 'npm run reproduce -- toy --search', commit: null };
  const context = await contextForTests({ provenance });
  const begun = await beginData({ data: 'digits' }, data, undefined, context);
  return { name: 'toy', experiment, folder, seeds: [1], epochs: 1, data, begun, context };
}

const onFile = () => keptJson<unknown>(join(folder, 'search.json'));

it('goes on after a candidate that diverges, which is never the best, and does not train it again', async () => {
  const asked = await reproduction();
  const found = await search(asked, folder);
  expect(found).toEqual(onFile());
  const [high, low] = found.candidates;
  expect(high).toMatchObject({ name: 'too high', errors: [null], mean: null, seconds: 0 });
  expect((20 * low!.mean!) % 1).toBeCloseTo(0, 9);
  expect(found.best).toBe('low');
  const rows = searchText(found).split('\n');
  expect(rows[1]).toMatch(/^ *[\d.]+ %  low  \([\d.]+ %; \d+ s\)$/);
  expect(rows[2]).toBe('diverged  too high  (diverged; 0 s)');

  const unreadable = () => Promise.reject(new Error('read again'));
  const train = { ...data.train, pixels: unreadable };
  expect(await search({ ...asked, data: { ...data, train } }, folder)).toEqual(found);
});

it('takes no candidate for the best that diverges with one of its seeds', async () => {
  const marked = join('seed-1', 'diverged.json');
  cpSync(join(folder, 'too-high', marked), join(folder, 'low', 'seed-2', 'diverged.json'));
  const found = await search(await reproduction(), folder, [1, 2]);
  const [high, low] = found.candidates;
  expect(high!.errors).toEqual([null, null]);
  expect(low).toMatchObject({ errors: [expect.any(Number), null], mean: null });
  expect(found.best).toBeNull();
  expect(searchText(found)).toMatch(/\nthe experiment takes low; every candidate diverged$/);
});
