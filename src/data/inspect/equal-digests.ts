/** Finds equal digests among many by sorting numbers, without a text of each in memory. */

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
