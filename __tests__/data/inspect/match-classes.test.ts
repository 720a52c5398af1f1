import { datasetInMemory, type Dataset } from '../../../src/data/dataset';
import { findClasses, withLabelsOf, type NamedClasses } from '../../../src/data/inspect/match-classes';

function data(classes: readonly string[], labels: readonly number[], synsets?: readonly string[]): Dataset {
  return datasetInMemory({
    name: 'photos',
    synthetic: false,
    classes,
    ...(synsets && { synsets }),
    shape: [1, 1, 1],
    labels: Int32Array.from(labels),
    pixels: new Uint8Array(labels.length),
  });
}

function network(
  labels: readonly string[] | null,
  synsets: readonly string[] | null = null,
  count = labels?.length ?? 3,
): NamedClasses {
  return { of: 'net', count, labels, synsets };
}

/** What is noted, and the labels that come of it. */
function found(set: Dataset, by: NamedClasses): { labels: number[]; notes: string[] } {
  const notes: string[] = [];
  const { labels } = withLabelsOf(set, by, (line) => void notes.push(line));
  return { labels: [...labels], notes };
}

it('finds a data set’s classes among the network’s by name, in whatever order and however many of them', () => {
  const pets = data(['dog', 'cat'], [0, 1, 1]);
  expect(found(pets, network(['bird', 'cat', 'dog']))).toEqual({ labels: [2, 1, 1], notes: [] });
  expect(withLabelsOf(pets, network(['bird', 'cat', 'dog'])).classes).toEqual(['bird', 'cat', 'dog']);
  expect(() => withLabelsOf(pets, network(['bird', 'cat', 'fish']))).toThrow(
    'photos: expected classes of net (bird, cat, fish), found dog',
  );
  expect(() => withLabelsOf(pets, network(['dog', 'cat', 'cat']))).toThrow(/one class cat/);
  // The same letters, composed and not.
  expect(found(data(['cafe\u0301'], [0]), network(['tea', 'caf\u00e9'])).labels).toEqual([1]);
});

it.each([
  ['Cat', ['cat', 'dog'], '(cat, dog), found Cat: "Cat" for "cat" differs in the case of letters alone'],
  ['cat ', ['cat', 'dog'], '(cat, dog), found "cat ": "cat " for "cat" differs in blanks alone'],
  ['cat', [' cat', 'dog'], '(" cat", dog), found cat: "cat" for " cat" differs in blanks alone'],
  [
    'Big  Cat',
    ['big cat', 'dog'],
    '(big cat, dog), found Big  Cat: "Big  Cat" for "big cat" differs in the case of letters and blanks alone',
  ],
  ['cats', ['cat', 'dog'], '(cat, dog), found cats'],
])('says of %j what it differs in from one of %j', (name, labels, said) => {
  expect(() => withLabelsOf(data([name, 'dog'], [0, 1]), network(labels))).toThrow(
    new Error(`photos: expected classes of net ${said}`),
  );
});

it('finds classes by WordNet’s ids where both sides have them, whatever they are called', () => {
  const ids = ['n02012849', 'n02123045', 'n03126707'];
  const imagenet = network(['crane', 'tabby', 'crane (machine)'], ids);
  expect(found(data(['n03126707', 'n02012849'], [0, 1]), imagenet)).toEqual({ labels: [2, 0], notes: [] });
  expect(found(data(['Kran', 'Katze'], [0, 1], [ids[2]!, ids[1]!]), imagenet).labels).toEqual([2, 1]);
  expect(() => withLabelsOf(data(['n99999999'], [0]), imagenet)).toThrow(/found n99999999/);
});

it('takes numbers that are no names of the network for its indices, says so, and refuses those beyond', () => {
  const named = network(['ant', 'bee', 'cow', 'dog']);
  expect(found(data(['1', '3'], [0, 1, 1]), named)).toEqual({
    labels: [1, 3, 3],
    notes: ['photos: its classes are taken for indices of net’s: 1 is bee'],
  });
  expect(found(data(['000', '003'], [0, 1]), named).labels).toEqual([0, 3]);
  expect(() => withLabelsOf(data(['1', '4'], [0]), named)).toThrow('expected numbers from 0 to 3');
  for (const beyond of ['99999999999999999999', '9007199254740993'])
    expect(() => withLabelsOf(data(['1', beyond], [0]), named)).toThrow(new RegExp(`found ${beyond}$`));
  expect(found(data(['0', '2'], [0, 1]), network(null))).toEqual({ labels: [0, 2], notes: [] });
  // A network whose classes are called by numbers: by name.
  expect(found(data(['7', '3'], [0, 1]), network(['3', '7']))).toEqual({ labels: [1, 0], notes: [] });
  expect(() => withLabelsOf(data(['5'], [0]), network(['3', '7']))).toThrow(/found 5/);
  // Where a name of the network is a number, 1 is not taken for the class that has this index.
  expect(() => withLabelsOf(data(['0', '1'], [0]), network(['1', '2', 'other']))).toThrow(/found 0/);
  // Words are not numbers, as many as there may be.
  expect(() => withLabelsOf(data(['shirt', 'shoe'], [0]), network(['0', '1']))).toThrow(/found shirt, shoe/);
});

it('takes classes in their order only where one side has no names, and says so', () => {
  const pets = data(['dog', 'cat'], [0, 1, 1]);
  expect(found(pets, network(null, null, 2))).toEqual({
    labels: [0, 1, 1],
    notes: ['net has no names for its classes: they are taken in their order'],
  });
  expect(() => withLabelsOf(pets, network(null))).toThrow('expected 3 classes as net has, found 2');
});

it('finds the classes of one network among another’s, for an ensemble', () => {
  const [one, other] = [network(['a', 'b', 'c']), network(['c', 'a', 'b'])];
  expect(findClasses(one, other).indices).toEqual([1, 2, 0]);
  expect(() => findClasses(one, network(['a', 'b', 'd']))).toThrow(/found c/);
  const numbers = network(['0', '1', '2']);
  expect(() => findClasses(numbers, one, { indexed: false })).toThrow(/found 0, 1, 2/);
  expect(() => findClasses(one, numbers, { indexed: false })).toThrow(/found a, b, c/);
});
