import {
  averagesOf,
  classFigures,
  topConfusions,
  type ClassFigures,
} from '../../src/evaluate/metrics/class-figures';
import { confusionLine } from '../../src/evaluate/evaluation-text';
import expected from '../fixtures/evaluate/scikit-learn.json';

it.each(expected.cases)('agrees with scikit-learn: $name', ({ confusion, perClass, macro, weighted }) => {
  const found = classFigures(confusion);
  const cells = (one: ClassFigures) => [one.precision, one.recall, one.f1].map((figure) => figure ?? 0);
  found.forEach((one, index) =>
    cells(one).forEach((figure, at) => expect(figure).toBeCloseTo(perClass[index]![at]!, 12)),
  );
  const averages = averagesOf(confusion);
  cells(averages.macro).forEach((figure, at) => expect(figure).toBeCloseTo(macro[at]!, 12));
  cells(averages.weighted).forEach((figure, at) => expect(figure).toBeCloseTo(weighted[at]!, 12));
});

it('says what is not defined: no answer, no image, neither', () => {
  // Class 1 is never answered, class 2 has no image, class 3 neither.
  const confusion = [
    [1, 0, 1, 0],
    [2, 0, 0, 0],
    [0, 0, 0, 0],
    [0, 0, 0, 0],
  ];
  const found = classFigures(confusion);
  expect(found[1]).toEqual({ precision: null, recall: 0, f1: 0 });
  expect(found[2]).toEqual({ precision: 0, recall: null, f1: 0 });
  expect(found[3]).toEqual({ precision: null, recall: null, f1: null });
});

it('names the most frequent confusions, and first of equals the larger share', () => {
  const confusion = [
    [183, 17, 0],
    [3, 4, 0],
    [0, 3, 97],
  ];
  const found = topConfusions(confusion, ['cat', 'dog', 'cow']);
  expect(found.map(confusionLine)).toEqual([
    '17 of 200 “cat” were taken for “dog”',
    '3 of 7 “dog” were taken for “cat”',
    '3 of 100 “cow” were taken for “dog”',
  ]);
  expect(topConfusions([[5]], ['one'])).toEqual([]);
});
