import { deriveSeed, permutation, seededRandom } from '../random';

/** Indices into the labels, ascending. */
export interface Split {
  readonly kept: Int32Array;
  readonly heldOut: Int32Array;
}

/**
 * Sets a share of the images aside, of each class its share but for less than one image (largest remainders first,
 * drawn where they are equal). Each class keeps at least one image, so a class with a single one gives none away.
 * @param labels from 0 to `classes` - 1
 * @param share in (0, 1)
 */
export function stratifiedSplit(labels: Int32Array, classes: number, share: number, seed: number): Split {
  const members = Array.from({ length: classes }, (): number[] => []);
  labels.forEach((label, index) => members[label]!.push(index));
  const quotas = members.map(({ length }) => Math.floor(share * length));
  let missing = Math.round(share * labels.length) - quotas.reduce((sum, quota) => sum + quota, 0);
  for (const label of byRemainder(members, quotas, share, seed)) {
    if (missing <= 0) break;
    if (quotas[label]! + 1 >= members[label]!.length) continue;
    quotas[label]!++;
    missing--;
  }
  const held = new Uint8Array(labels.length);
  for (const [label, indices] of members.entries()) {
    const order = permutation(
      indices.length,
      seededRandom(deriveSeed(seed, 'validation split', 'class', label)),
    );
    for (const place of order.subarray(0, quotas[label])) held[indices[place]!] = 1;
  }
  const all = Int32Array.from(labels.keys());
  return { kept: all.filter((index) => !held[index]), heldOut: all.filter((index) => held[index]) };
}

/** The classes whose share is furthest from whole first. */
function byRemainder(
  members: readonly (readonly number[])[],
  quotas: readonly number[],
  share: number,
  seed: number,
): readonly number[] {
  const drawn = permutation(members.length, seededRandom(deriveSeed(seed, 'validation split', 'remainders')));
  // In steps of 1e-9, so that the rounding of share * length decides nothing.
  const remainder = (label: number) => Math.round((share * members[label]!.length - quotas[label]!) * 1e9);
  return [...drawn]
    .filter((label) => remainder(label) > 0)
    .sort((one, other) => remainder(other) - remainder(one));
}
