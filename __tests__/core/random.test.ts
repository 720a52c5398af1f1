import { createHash } from 'node:crypto';
import { deriveSeed } from '../../src/core/random';

/** The seed as Node's own SHA-256 gives it: the digest's first four bytes, the lowest first, without the lowest bit. */
function byNode(...path: (string | number)[]): number {
  const digest = createHash('sha256').update(JSON.stringify(path), 'utf8').digest();
  return Math.floor((digest[0]! + 2 ** 8 * digest[1]! + 2 ** 16 * digest[2]! + 2 ** 24 * digest[3]!) / 2);
}

test.each<[number, ...(string | number)[]]>([
  [1],
  [1, 'shuffle', 0],
  [2 ** 31 - 1, 'shuffle', 89],
  [0, 'weights', 'inception_4a/5x5_reduce/kernel'],
  [-7, 'größe 画像 🙂', 1.5],
  [3, 'long '.repeat(100)],
])('a seed of %j has the digits of SHA-256 in Node', (...path) => {
  expect(deriveSeed(...path)).toBe(byNode(...path));
});
