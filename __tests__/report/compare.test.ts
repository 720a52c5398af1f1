import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { experiments } from '../../experiments/registry';
import { zoo } from '../../models/registry';
import type { PublishedResult } from '../../src/core/network';
import { compared, type Reported } from '../../src/report/compare';
import { comparedCsv, comparedText } from '../../src/report/compare-text';
import type { Summary } from '../../src/workflows/reproduce/summary';
import { useBackend } from '../../src/runtime/backend';
import { command, temporaryFolder } from '../support/fixtures';

const temporary = temporaryFolder();

beforeAll(() => useBackend('cpu'));

const machine = { cpu: 'a processor', cores: 2, backend: 'tensorflow' };

function reported(of: Partial<Reported['report']>, weights: Reported['weights'] = 'trained'): Reported {
  return {
    file: `${of.run ?? 'runs/one'}/report.json`,
    weights,
    report: {
      run: 'runs/one',
      network: 'lenet5',
      dataset: 'mnist test',
      synthetic: false,
      images: 10_000,
      mistakes: 94,
      error: 0.0094,
      interval95: [0.0077, 0.0115],
      top5Error: null,
      protocol: 'each image once, as it is',
      epochs: 20,
      command: 'cnn-lineage train lenet5, "twice"',
      commit: '123456789abc',
      machine,
      trainingSeconds: 100,
      ...of,
    },
  };
}

const thousand = Array.from({ length: 1000 }, (_, label) => ({
  label: String(label),
  images: 0,
  mistakes: 0,
  precision: null,
  recall: null,
  f1: null,
}));
const googlenet = {
  network: 'googlenet',
  dataset: 'imagenet-val',
  images: 500,
  error: 0.3,
  top5Error: 0.094,
  perClass: thousand,
  protocol: 'ten crops',
} as const;

it('holds a whole reproduction against its paper without a remark', () => {
  const [row] = compared(zoo, [reported({})]);
  // LeCun et al. 1998: 60,000 parameters, 0.95 %
  expect(row).toMatchObject({
    year: 1998,
    parameters: 60_000,
    metric: 'error',
    error: 0.0094,
    remarks: [],
  });
  expect(row!.paper).toMatchObject({ error: 0.0095 });
});

it('takes the paper’s figure for as many crops, by top-5 error, and says what differs', () => {
  const weights = { kind: 'imported', from: 'bvlc_googlenet.caffemodel' } as const;
  const rows = compared(zoo, [
    reported({ ...googlenet, crops: 1 }, weights),
    reported({ ...googlenet, crops: 10 }, weights),
    reported({ ...googlenet, crops: 144, networks: 7 }, weights),
  ]);
  // Szegedy et al. 2015, Table 3
  expect(rows.map(({ paper }) => paper!.error)).toEqual([0.1007, 0.0915, 0.0667]);
  for (const row of rows) {
    expect(row).toMatchObject({ metric: 'top-5 error', error: 0.094 });
    expect(row.remarks).toEqual(['500 of 50,000 images', 'weights imported from bvlc_googlenet.caffemodel']);
    // 47 of 500, by Wilson's formula: (p + z²/2n ± z√(p(1−p)/n + z²/4n²)) / (1 + z²/n)
    const [z, n, p] = [1.959964, 500, 47 / 500];
    const spread = z * Math.sqrt((p * (1 - p)) / n + z ** 2 / (4 * n ** 2));
    expect(row.interval95[0]).toBeCloseTo((p + z ** 2 / (2 * n) - spread) / (1 + z ** 2 / n), 6);
    expect(row.interval95[1]).toBeCloseTo((p + z ** 2 / (2 * n) + spread) / (1 + z ** 2 / n), 6);
  }
});

it('finds the published error by crops, by whole images and by networks, and says where there is none', () => {
  const found = (network: string, crops: number, protocol: string, networks = 1) => {
    const [row] = compared(zoo, [reported({ ...googlenet, network, crops, networks, protocol })]);
    return [row!.paper!.error, row!.remarks.includes('by another protocol than the paper’s')];
  };
  const whole = 'each image whole and mirrored, shorter side';
  // Krizhevsky et al. 2012, Table 2: one network and five, ten crops each
  expect(found('alexnet', 10, 'ten')).toEqual([0.182, false]);
  expect(found('alexnet', 10, 'ten', 5)).toEqual([0.164, false]);
  expect(found('alexnet', 1, 'centre')).toEqual([0.182, true]);
  // Simonyan and Zisserman 2015, Tables 3 to 5
  expect(found('vgg-d', 2, `${whole} 256`)).toEqual([0.088, false]);
  expect(found('vgg-d', 6, `${whole} 224, 256, 288`)).toEqual([0.086, false]);
  expect(found('vgg-d', 150, 'grid')).toEqual([0.075, false]);
  expect(found('vgg-d', 1, 'centre')).toEqual([0.088, true]);
});

it.each([
  [{ dataset: 'digits test', synthetic: true, images: 2000 }, ['digits drawn by the program']],
  [{ dataset: 'clothing test', images: 165 }, ['the paper reports no error on clothing test']],
  [{ epochs: 2 }, ['after 2 epochs, not 20']],
  [{ images: 9_999 }, ['9,999 of 10,000 images']],
  [{ trainingUnknown: ['runs/first'] }, ['whether images served the training of runs/first cannot be told']],
  [{ changed: ['weightDecay', 'loss'] }, ['weightDecay, loss other than in its recipe']],
  [{ dataset: 'mnist train', images: 60_000 }, ['60,000 images, not 10,000', 'images of the training set']],
] as const)('says in words why %p is not to be compared', (of, remarks) => {
  expect(compared(zoo, [reported(of)])[0]!.remarks).toEqual(remarks);
});

it('holds a run against the figure of its own training, with distortions or without', () => {
  const found = (network: string, of: Partial<Reported['report']>, published?: number) => {
    const experiment = {
      name: 'one',
      deviation: null,
      seeds: [],
      ...(published !== undefined && { published }),
    };
    const one = reported({ network, ...of });
    const [row] = compared(zoo, [published === undefined ? one : { ...one, experiment }]);
    return [row!.paper!.error, row!.remarks];
  };
  // LeCun et al. 1998, §III.B: 0.95 % without distortions, 0.8 % with
  expect(found('lenet5', { distorted: false })).toEqual([0.0095, []]);
  expect(found('lenet5', { distorted: true, changed: ['augment', 'loss'] })).toEqual([
    0.008,
    ['loss other than in its recipe'],
  ]);
  expect(found('lenet5', {})).toEqual([0.0095, []]);
  expect(found('lenet5', { distorted: true }, 0.008)).toEqual([0.008, []]);
  // The figure that an experiment repeats stands, whatever it did.
  expect(found('lenet5', { distorted: false }, 0.008)).toEqual([
    0.008,
    ['trained without distortions, the paper’s with'],
  ]);
  // Lin et al. 2014, Table 1: 10.41 % without, 8.81 % with
  const cifar10 = { dataset: 'cifar10 test', epochs: zoo['nin-cifar10'].recipe.epochs };
  expect(found('nin-cifar10', { ...cifar10, distorted: false })).toEqual([0.1041, []]);
  expect(found('nin-cifar10', { ...cifar10, distorted: true })).toEqual([0.0881, []]);
});

it('every experiment repeats an error that its network’s paper has', () => {
  for (const { network, paper, data } of Object.values(experiments)) {
    const published: readonly PublishedResult[] = zoo[network].paper.results;
    const same = published.filter(({ dataset, error }) => dataset === data && error === paper.error);
    expect(same).toHaveLength(1);
  }
});

it('reads of experiments and runs what they are held against and what makes them alike', async () => {
  const { code, stdout } = await command(['compare', '--json']);
  expect(code).toBe(0);
  const { rows } = JSON.parse(stdout) as { rows: ReturnType<typeof compared> };
  const of = (run: string) => rows.find((row) => row.run === `results/${run}`)!;
  expect(of('lenet5-distorted')).toMatchObject({ experiment: 'lenet5-distorted', paper: { error: 0.008 } });
  expect(of('lenet5')).toMatchObject({ seed: null, trainedAlike: null, paper: { error: 0.0095 } });
  const { deviation, seeds } = JSON.parse(readFileSync('results/lenet5/summary.json', 'utf8')) as Summary;
  expect(of('lenet5').deviation).toBe(deviation);
  expect(of('lenet5').seeds.map(({ seed, run }) => [seed, run])).toEqual(
    seeds.map((seed) => [seed, `results/lenet5/seed-${seed}`]),
  );
  const frozen = [1, 2, 3].map((seed) => of(`googlenet-clothing-frozen-${seed}`));
  expect(frozen.map(({ seed }) => seed)).toEqual([1, 2, 3]);
  expect(new Set(frozen.map(({ trainedAlike }) => trainedAlike)).size).toBe(1);
  expect(of('googlenet-clothing-unfrozen').trainedAlike).not.toBe(frozen[0]!.trainedAlike);
  expect(of('lenet5-mnist').trainedAlike).toBe(of('lenet5-mnist-bfloat16').trainedAlike);
  expect(of('lenet5-mnist').trainedAlike).not.toBe(of('lenet5-mnist-2-epochs-wasm').trainedAlike);
  expect(of('googlenet-imported')).toMatchObject({ seed: null, trainedAlike: null });
});

it('goes by year, and passes over what is no network of the zoo', () => {
  const rows = compared(zoo, [
    reported({ ...googlenet }),
    reported({ network: 'unheard-of' }),
    reported({}),
    reported({ network: 'lecun1989', dataset: 'usps test', images: 2007 }),
  ]);
  expect(rows.map(({ network }) => network)).toEqual(['lecun1989', 'lenet5', 'googlenet']);
});

it('quotes what has commas and quotation marks, as RFC 4180 says', () => {
  const [head, line, end] = comparedCsv(compared(zoo, [reported({})])).split('\r\n');
  expect(head!.split(',').slice(0, 3)).toEqual(['network', 'year', 'parameters']);
  expect(line).toMatch(/^lenet5,1998,60000,/);
  expect(line).toContain('"cnn-lineage train lenet5, ""twice"""');
  expect(end).toBe('');
});

it('reads folders, writes three files with the same figures, and refuses what is none', async () => {
  const run = join(temporary, 'run');
  mkdirSync(run);
  writeFileSync(join(run, 'report.json'), JSON.stringify(reported({ run }).report));
  const out = join(temporary, 'out');
  const { code, stdout } = await command(['compare', run, '--out', out, '--json']);
  expect(code).toBe(0);
  const { rows } = JSON.parse(stdout) as { rows: ReturnType<typeof compared> };
  expect(rows).toEqual(compared(zoo, [reported({ run })]));
  expect(JSON.parse(readFileSync(join(out, 'compare.json'), 'utf8'))).toEqual({ rows });
  expect(readFileSync(join(out, 'compare.csv'), 'utf8')).toBe(comparedCsv(rows));
  expect(readFileSync(join(out, 'compare.md'), 'utf8')).toMatch(
    /\| `lenet5` \| 1998 \| 60,000 \|.*0\.94 %.*0\.95 %/,
  );
  expect(comparedText(rows)).toMatch(/lenet5 +1998 +10,000 mnist test +error +0\.94 % +0\.95 %/);
  writeFileSync(join(run, 'report.json'), '{"network": "lenet5"}');
  for (const [folder, reason] of [
    [join(temporary, 'none'), /found no report\.json in it/],
    [run, /report\.json: expected a report of an evaluation, found a damaged one/],
  ] as const) {
    const refused = await command(['compare', folder]);
    expect(refused).toMatchObject({ code: 2, stdout: '' });
    expect(refused.stderr).toMatch(reason);
  }
});
