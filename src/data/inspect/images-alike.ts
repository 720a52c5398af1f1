/** Groups images that are there twice: the same file, the same pixels, or nearly the same. */
import { equalDigests } from './equal-digests';
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
