import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { experiments } from '../../experiments/registry';
import { zoo } from '../../models/registry';
import type { Summary } from '../../src/workflows/reproduce/summary';
import type { SearchFound } from '../../src/workflows/reproduce/search';
import { recipeOf, type Experiment } from '../../src/workflows/reproduce/experiment';
import type { EpochSummary } from '../../src/train/run/log';
import { withTodaysNames } from '../../src/train/run/older-names';
import type { RunRecord } from '../../src/train/run/run-record';
import { rateAt } from '../../src/train/schedule';
import { projectRoot } from '../support/places';

const names = Object.keys(experiments) as (keyof typeof experiments)[];
const results = (name: string, ...path: string[]) => join(projectRoot, 'results', name, ...path);
const read = <T>(path: string) => JSON.parse(readFileSync(path, 'utf8')) as T;

/** The figures of one folder of seeds, from the confusions and logs in it alone. */
function recomputed(folder: string) {
  const seeds = readdirSync(folder)
    .flatMap((name) => /^seed-(\d+)$/.exec(name)?.[1] ?? [])
    .map(Number)
    .sort((a, b) => a - b);
  const runs = seeds.map((seed) => {
    const run = join(folder, `seed-${seed}`);
    const { confusion } = read<{ confusion: number[][] }>(join(run, 'report.json'));
    const all = confusion.flat().reduce((sum, count) => sum + count, 0);
    const right = confusion.reduce((sum, row, label) => sum + row[label]!, 0);
    const lines = readFileSync(join(run, 'log.jsonl'), 'utf8').trim().split('\n');
    const epochs = lines.map((line) => JSON.parse(line) as EpochSummary).filter((line) => 'meanLoss' in line);
    return {
      error: (all - right) / all,
      images: all,
      epochs,
      record: withTodaysNames(read(join(run, 'run.json'))) as RunRecord,
    };
  });
  const errors = runs.map(({ error }) => error);
  const squares = errors.flatMap((x, i) => errors.slice(i + 1).map((y) => (x - y) ** 2));
  const n = errors.length;
  return {
    runs,
    seeds,
    errors,
    mean: errors.reduce((sum, error) => sum + error, 0) / n,
    deviation: n > 1 ? Math.sqrt(squares.reduce((sum, square) => sum + square, 0) / (n * (n - 1))) : null,
    seconds: runs.reduce((sum, { epochs }) => sum + epochs.at(-1)!.seconds, 0),
  };
}

/** Tests what is on file; `describe.each` would refuse to have nothing to do. */
function onFile(file: string, tests: (name: (typeof names)[number], experiment: Experiment) => void): void {
  for (const name of names)
    if (existsSync(results(name, file)))
      describe(`results/${name}/${file}`, () => tests(name, experiments[name]));
}

onFile('summary.json', (name, experiment) => {
  const summary = read<Summary>(results(name, 'summary.json'));
  const folders = experiment.trainingImages?.map((images) => results(name, `${images}-images`)) ?? [
    results(name),
  ];
  const parts = folders.map(recomputed);

  it('has in its summary what the logs and confusions beside it say', () => {
    for (const [index, part] of parts.entries()) {
      const stated = index === parts.length - 1 ? summary : summary.parts[index]!;
      expect(stated.seeds).toEqual(part.seeds);
      stated.errors.forEach((error, at) => expect(error).toBeCloseTo(part.errors[at]!, 12));
      expect(stated.mean).toBeCloseTo(part.mean, 12);
      expect(stated.best).toBeCloseTo(part.errors.toSorted((a, b) => a - b)[0]!, 12);
      if (part.deviation === null) expect(stated.deviation).toBeNull();
      else expect(stated.deviation).toBeCloseTo(part.deviation, 12);
      expect(Math.abs(stated.seconds / part.seconds - 1)).toBeLessThan(0.01);
      for (const { error, epochs, images } of part.runs) {
        expect(epochs.at(-1)!.errors!['test']).toBeCloseTo(error, 12);
        expect(epochs.length).toBe(summary.epochs);
        expect(images).toBe(summary.images);
      }
    }
  });

  it('was made by the experiment as its file has it, with all its seeds, by one command at a whole commit', () => {
    const recipe = recipeOf(experiment, zoo[experiment.network as keyof typeof zoo].recipe);
    expect(summary.seeds).toEqual(experiment.seeds);
    expect(summary.paper).toBe(experiment.paper.error);
    expect(summary.command).toBe(`npm run reproduce -- ${name}`);
    expect(summary.commit).toMatch(/^[0-9a-f]{12}$/);
    for (const { record } of parts.flatMap(({ runs }) => runs)) {
      const { guesses: _ours, ...decided } = recipe;
      const { guesses: _theirs, ...made } = record.recipe;
      const { stored: _ofFiles, ...input } = decided.input; // newer than some results, and their images are in memory
      expect(made).toEqual({ ...decided, input: 'stored' in made.input ? decided.input : input });
      expect(record).toMatchObject({ data: experiment.data, validationImages: 0, commit: summary.commit });
    }
  });
});

onFile('search.json', (name, experiment) => {
  const found = read<SearchFound>(results(name, 'search.json'));

  it('has every candidate of the experiment, and the experiment takes the one with the least error', () => {
    const { candidates, validationImages, seeds, chosen } = experiment.search!;
    expect(found).toMatchObject({ validationImages, seeds });
    expect(Object.fromEntries(found.candidates.map((one) => [one.name, one.changes]))).toEqual(candidates);
    const means = found.candidates.map(
      ({ errors }) => errors.reduce<number>((sum, error) => sum + (error ?? Infinity), 0) / errors.length,
    );
    const least = means.indexOf(Math.min(...means));
    expect(found.candidates[least]!.name).toBe(chosen);
  });
});

it.each(names)('the recipe of %s is sound, and a reason stands for everything that it sets', (name) => {
  const experiment: Experiment = experiments[name];
  const own = zoo[experiment.network as keyof typeof zoo].recipe;
  const candidates = Object.keys(experiment.search?.candidates ?? {});
  for (const candidate of [undefined, ...candidates]) recipeOf(experiment, own, candidate);
  const set = new Set([
    ...Object.keys(experiment.changes),
    ...Object.values(experiment.search?.candidates ?? {}).flatMap((changes) => Object.keys(changes)),
  ]);
  expect(Object.keys(experiment.reasons).sort()).toEqual([...set].sort());
});

it('pattern by pattern, the rates are those of LeCun et al. 1998, §III.B', () => {
  const { schedule, optimiser } = recipeOf(experiments['lenet5-pattern-by-pattern'], zoo.lenet5.recipe);
  const rates = Array.from({ length: 20 }, (_, epoch) =>
    rateAt(schedule, { step: epoch * 60_000, stepsPerEpoch: 60_000, epochs: 20 }),
  );
  const published = [
    [2, 0.0005],
    [3, 0.0002],
    [3, 0.0001],
    [4, 0.00005],
    [8, 0.00001],
  ] as const;
  expect(rates).toEqual(published.flatMap(([passes, rate]) => Array<number>(passes).fill(rate)));
  expect(optimiser).toEqual({ kind: 'diagonalLevenbergMarquardt', mu: 0.02, images: 500 });
});
