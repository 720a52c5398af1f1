/** Groups images that are there twice: the same file, the same pixels, or nearly the same. */
import type { LookedAtImages } from './look-at-images';
import { nearPairs } from './near-pairs';

/** Images that are alike. */
export interface Alike {
  /** `file`: all bytes are equal; `pixels`: all pixels; `near` and `mirrored`: the perceptual hashes. */
  readonly how: 'file' | 'pixels' | 'near' | 'mirrored';
  /** How many of 256 bits of the hashes differ; 0 for equal images. */
  readonly bits: number;
  /** By index, ascending; of near ones two. */
  readonly images: readonly number[];
}

interface FoundAlike {
  readonly groups: readonly Alike[];
  /** How many images are as good as plain, and so were not compared by their hash. */
  readonly plain: number;
  /** Whether all near pairs are among the groups. */
  readonly complete: boolean;
}

/** Images of equal pixels stand for one when near ones are looked for, so that no pair is told twice. */
export function imagesAlike(looked: LookedAtImages): FoundAlike {
  const { files, pixels, hashes, mirrored, plain, bad } = looked;
  const unread = new Uint8Array(plain.length);
  for (const { index } of bad) unread[index] = 1;
  const equal = equalDigests(pixels, unread);
  const sameFile = files ? equalDigests(files, unread) : [];
  const groupOf = new Map(sameFile.flatMap((group, at) => group.map((image) => [image, at] as const)));
  const samePixels = equal.filter((group) => {
    const own = groupOf.get(group[0]!);
    return own === undefined || group.some((image) => groupOf.get(image) !== own);
  });
  const groups: Alike[] = [
    ...sameFile.map((images) => ({ how: 'file' as const, bits: 0, images })),
    ...samePixels.map((images) => ({ how: 'pixels' as const, bits: 0, images })),
  ];
  if (!hashes || !mirrored) return { groups, plain: 0, complete: true };
  const left = Uint8Array.from(unread, (value, image) => value | plain[image]!);
  for (const [, ...others] of equal) for (const image of others) left[image] = 1;
  const { pairs, complete } = nearPairs(hashes, mirrored, left);
  for (const { one, other, bits, mirrored: flipped } of pairs)
    groups.push({ how: flipped ? 'mirrored' : 'near', bits, images: [one, other] });
  return { groups, plain: plain.reduce((sum, value) => sum + value, 0), complete };
}

/**
 * The groups of images with the same digest, each in ascending order, and the groups by their first image.
 * @param digests `[images, size]`
 * @param left 1 for images to leave out
 */
export function equalDigests(digests: Uint8Array, left: Uint8Array): readonly (readonly number[])[] {
  const size = digests.length / left.length;
  const view = new DataView(digests.buffer, digests.byteOffset, digests.byteLength);
  // The first 6 bytes are a whole number that a float64 holds; whether the rest is equal too is looked at below.
  const first = new Float64Array(left.length);
  for (let at = 0; at < left.length; at++)
    first[at] = view.getUint32(at * size) * 2 ** 16 + view.getUint16(at * size + 4);
  const order = Uint32Array.from(left.keys())
    .filter((at) => !left[at])
    .sort((one, other) => first[one]! - first[other]! || one - other);
  const groups: number[][] = [];
  for (let start = 0, end = 0; start < order.length; start = end) {
    for (end = start + 1; end < order.length && first[order[end]!] === first[order[start]!]; end++);
    if (end - start > 1) groups.push(...equalAmong(digests, size, order.subarray(start, end)));
  }
  return groups.sort(([one], [other]) => one! - other!);
}

function equalAmong(digests: Uint8Array, size: number, images: Uint32Array): number[][] {
  const groups = new Map<string, number[]>();
  for (const image of images) {
    const text = Buffer.from(digests.buffer, digests.byteOffset + image * size, size).toString('latin1');
    const group = groups.get(text);
    if (group) group.push(image);
    else groups.set(text, [image]);
  }
  return [...groups.values()].filter(({ length }) => length > 1);
}
