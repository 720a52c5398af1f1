import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ImageFiles } from '../../src/data/dataset';
import { answersCsv, classifiedRows, evaluatedRows, type AnswerRow } from '../../src/evaluate/answers-table';
import { command, temporaryFolder } from '../support/fixtures';

const root = temporaryFolder();
const classes = ['=cat', 'a "big" dog', '牛, ox'];
const files = ['photos/1.jpg', 'photos/a, b.jpg', 'photos/"q"\n.jpg'];
const data: ImageFiles = {
  ...{ kind: 'files', name: 'photos', synthetic: false, classes, labels: Int32Array.of(0, 1, 2) },
  files: files.map((file) => ({ file })),
};
const answers = [
  { image: 0, label: 0, best: [0, 1], values: [0.75, 0.25], ofLabel: 0.75, margin: 1, probability: 0.75 },
  { image: 2, label: 2, best: [1, 2], values: [0.5, 0.125], ofLabel: 0.125, margin: 1, probability: 0.5 },
];

it('quotes what RFC 4180 asks for, ends lines by CR LF, and changes no name', () => {
  expect(answersCsv(evaluatedRows(answers, data, { kind: 'softmaxCrossEntropy' }))).toBe(
    [
      'file,image,label,label_index,label_probability,right,answer1,answer1_index,probability1,answer2,answer2_index,probability2,margin,inverted',
      'photos/1.jpg,0,=cat,0,0.75,true,=cat,0,0.75,"a ""big"" dog",1,0.25,0.5,false',
      '"photos/""q""\n.jpg",2,"牛, ox",2,0.125,false,"a ""big"" dog",1,0.5,"牛, ox",2,0.125,0.375,false',
      '',
    ].join('\r\n'),
  );
});

it('calls no distance a probability', () => {
  const [row] = evaluatedRows(
    [{ image: 0, label: 1, best: [0, 1], values: [2, 9], ofLabel: 9, margin: 7, probability: null }],
    data,
    { kind: 'rbfPenalty' },
  );
  expect(row).toEqual({
    file: 'photos/1.jpg',
    image: 0,
    label: { class: 'a "big" dog', index: 1, distance: 9 },
    right: false,
    answers: [
      { class: '=cat', index: 0, distance: 2 },
      { class: 'a "big" dog', index: 1, distance: 9 },
    ],
    margin: 7,
  });
  expect(answersCsv([row!]).split('\r\n')[0]).toMatch(/label_distance.*distance1.*distance2/);
});

it('has no label where images have none', () => {
  const rows = classifiedRows([
    {
      file: 'new.jpg',
      scores: 'activations',
      predictions: [{ label: 'cat', index: 0, probability: null, score: 0.5 }],
    },
  ]);
  expect(answersCsv(rows)).toBe(
    'file,image,answer1,answer1_index,activation1,margin,inverted\r\nnew.jpg,0,cat,0,0.5,,false\r\n',
  );
});

describe('evaluate and classify --answers', () => {
  const model = ['evaluate', 'lenet5', '--data', 'digits', '--out', join(root, 'out')];
  interface Report {
    readonly images: number;
    readonly mistakes: number;
    readonly confusion: readonly (readonly number[])[];
  }

  it('write every image of the report', async () => {
    const file = join(root, 'answers.json');
    const { stdout, code } = await command([...model, '--answers', file, '--json']);
    expect(code).toBe(0);
    const report = JSON.parse(stdout) as Report;
    const rows = JSON.parse(readFileSync(file, 'utf8')) as AnswerRow[];
    expect(rows.map(({ image }) => image)).toEqual(Array.from({ length: report.images }, (_, at) => at));
    expect(rows.filter(({ right }) => !right).length).toBe(report.mistakes);
    const confusion = report.confusion.map((row) => row.map(() => 0));
    for (const { label, answers: named } of rows) confusion[label!.index]![named[0]!.index]!++;
    expect(confusion).toEqual(report.confusion);
    // LeNet-5's outputs are distances: the nearest code is the answer.
    for (const { answers: named, margin, label } of rows) {
      const distances = named.map(({ distance }) => distance!);
      expect(distances).toEqual([...distances].sort((one, other) => one - other));
      expect(margin).toBe(distances[1]! - distances[0]!);
      expect(label!.distance).toBeGreaterThanOrEqual(distances[0]!);
    }
    // Once more, over the earlier ones, as CSV too.
    const csv = join(root, 'answers.csv');
    for (const again of [file, csv]) expect((await command([...model, '--answers', again])).code).toBe(0);
    const lines = readFileSync(csv, 'utf8').trimEnd().split('\r\n');
    expect(lines.length).toBe(1 + report.images);
    expect(lines.filter((line) => /^,\d+,\d,\d,[^,]+,false,/.test(line)).length).toBe(report.mistakes);
  });

  it('refuse files that are none, or of something else, before they compute', async () => {
    const other = join(root, 'own.json');
    writeFileSync(other, '{ "mine": 1 }');
    mkdirSync(join(root, 'folder.csv'));
    for (const [file, reason] of [
      ['answers.txt', 'ends in .csv or .json'],
      ['none/answers.csv', 'a folder that is there'],
      ['own.json', 'found another file'],
      ['folder.csv', 'found another file'],
      ['.csv', 'ends in .csv or .json'],
    ] as const) {
      const { code, stderr, stdout } = await command([...model, '--answers', join(root, file)]);
      expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
      expect(stderr).toMatch(/^cnn-lineage: --answers: expected [^\n]*\n$/);
      expect(stderr).toContain(reason);
    }
    expect(readFileSync(other, 'utf8')).toBe('{ "mine": 1 }');
    expect(existsSync(join(root, 'none'))).toBe(false);
  });
});
