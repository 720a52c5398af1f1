/** Finds the pairs of hashes that differ in few bits, without comparing each with each. */
import { hashWords } from './perceptual-hash';

/** How many of the 256 bits may differ: PDQ's own threshold. Hashes of unrelated images differ in 128 on average. */
export const nearBits = 31;
/** The most pairs to keep: a film in single frames has more pairs than anybody reads. */
const mostPairs = 100_000;

/** Two images that look alike. */
export interface NearPair {
  readonly one: number;
  /** The later one. */
  readonly other: number;
  /** How many of 256 bits differ. */
  readonly bits: number;
  /** Whether one looks like the mirror image of the other. */
  readonly mirrored: boolean;
}

export interface NearPairs {
  readonly pairs: readonly NearPair[];
  /** False where there are more pairs than are kept. */
  readonly complete: boolean;
}

/** Parts of 16 bits. Of hashes that differ in at most 31 bits, at least one of the 16 parts differs in at most one. */
const parts = hashWords * 2;

/**
 * All pairs that differ in at most `nearBits` bits, as they are or with one of them mirrored. For each of the 16 parts
 * of a hash, images are sorted by their bits there, and compared with those whose part is the same or one bit away
 * (multi-index hashing: Norouzi, Punjani, Fleet 2012). The work grows with the number of pairs that share a part: of
 * random hashes each is compared with 272 in 65,536 of the others. Beside the hashes this takes 4 bytes an image.
 * @param hashes `[images, 8]`
 * @param mirrored the same of the mirror images
 * @param left 1 for images to leave out
 */
export function nearPairs(
  hashes: Uint32Array,
  mirrored: Uint32Array,
  left: Uint8Array,
  most = mostPairs,
): NearPairs {
  const images = left.length;
  const pairs: NearPair[] = [];
  for (let part = 0; part < parts; part++) {
    const { starts, order } = sorted(hashes, left, part);
    for (let one = 0; one < images; one++) {
      if (left[one]) continue;
      for (const own of [hashes, mirrored]) {
        const bits = partOf(own, one, part);
        for (let flip = 0; flip <= 16; flip++) {
          const value = flip === 16 ? bits : bits ^ (1 << flip);
          // Ascending in each bucket: from its end, the images after this one come first.
          for (let at = starts[value + 1]! - 1; at >= starts[value]!; at--) {
            const other = order[at]!;
            if (other <= one) break;
            const differing = distance(own, one, hashes, other);
            if (differing > nearBits || foundBefore(own, one, hashes, other, part)) continue;
            if (pairs.length === most) return { pairs: inOrder(pairs), complete: false };
            pairs.push({ one, other, bits: differing, mirrored: own === mirrored });
          }
        }
      }
    }
  }
  return { pairs: inOrder(pairs), complete: true };
}

/** Of a pair that is near both ways, as symmetric images are, the nearer way. */
function inOrder(pairs: NearPair[]): readonly NearPair[] {
  const all = pairs.sort(
    (a, b) =>
      a.one - b.one || a.other - b.other || a.bits - b.bits || Number(a.mirrored) - Number(b.mirrored),
  );
  return all.filter(({ one, other }, at) => one !== all[at - 1]?.one || other !== all[at - 1]?.other);
}

interface Sorted {
  /** By value of the part: where its images begin in `order`; with the end of the last. */
  readonly starts: Uint32Array;
  readonly order: Uint32Array;
}

function sorted(hashes: Uint32Array, left: Uint8Array, part: number): Sorted {
  const starts = new Uint32Array(2 ** 16 + 1);
  for (let at = 0; at < left.length; at++) if (!left[at]) starts[partOf(hashes, at, part) + 1]!++;
  for (let value = 0; value < 2 ** 16; value++) starts[value + 1]! += starts[value]!;
  const next = starts.slice();
  const order = new Uint32Array(starts[2 ** 16]!);
  for (let at = 0; at < left.length; at++) if (!left[at]) order[next[partOf(hashes, at, part)]!++] = at;
  return { starts, order };
}

function partOf(hashes: Uint32Array, image: number, part: number): number {
  return (hashes[image * hashWords + (part >>> 1)]! >>> (16 * (part & 1))) & 0xffff;
}

/** Stops counting above the threshold. */
function distance(ones: Uint32Array, one: number, others: Uint32Array, other: number): number {
  let count = 0;
  for (let word = 0; word < hashWords && count <= nearBits; word++)
    count += ofOnes(ones[one * hashWords + word]! ^ others[other * hashWords + word]!);
  return count;
}

/** Whether an earlier part of both is the same but for one bit, so that the pair is known. */
function foundBefore(ones: Uint32Array, one: number, others: Uint32Array, other: number, part: number) {
  for (let before = 0; before < part; before++) {
    const differing = partOf(ones, one, before) ^ partOf(others, other, before);
    if ((differing & (differing - 1)) === 0) return true;
  }
  return false;
}

/** The number of ones among 32 bits. */
function ofOnes(word: number): number {
  const pairs = word - ((word >>> 1) & 0x55555555);
  const fours = (pairs & 0x33333333) + ((pairs >>> 2) & 0x33333333);
  return (((fours + (fours >>> 4)) & 0x0f0f0f0f) * 0x01010101) >>> 24;
}
