/**
 * Random damage to bytes, by a seed: flipped bits, wrong sizes, and parts that are lost, doubled, moved or from another
 * file.
 */
import type { seededRandom } from '../../src/core/random';

type Random = ReturnType<typeof seededRandom>;

/** Values at which sizes, counts and offsets tend to be mishandled. */
const sizes = [0, 1, 0x7f, 0xff, 0x7fff, 0xffff, 0x7fffffff, 0xffffffff, 0x80000000, 0x10000];

const mutations: readonly ((bytes: Buffer, random: Random) => Buffer)[] = [
  (bytes, random) => changed(bytes, random, (at) => (bytes[at]! ^= 1 << random.integer(8))),
  (bytes, random) => changed(bytes, random, (at) => (bytes[at] = random.integer(256))),
  (bytes, random) =>
    changed(bytes, random, (at) => (bytes[at] = [0x5b, 0x7b, 0x22, 0x2c, 0x2e, 0x28][random.integer(6)]!)),
  (bytes, random) => {
    const width = [1, 2, 4][random.integer(3)]!;
    if (bytes.length < width) return bytes;
    const at = placeIn(bytes, random, width);
    const value = sizes[random.integer(sizes.length)]! % 2 ** (8 * width);
    if (random.integer(2) === 0) bytes.writeUIntLE(value, at, width);
    else bytes.writeUIntBE(value, at, width);
    return bytes;
  },
  (bytes, random) => bytes.subarray(0, random.integer(bytes.length + 1)),
  (bytes, random) => {
    const [at, length] = stretch(bytes, random);
    return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + length)]);
  },
  (bytes, random) => {
    const [at, length] = stretch(bytes, random);
    return Buffer.concat([bytes.subarray(0, at + length), bytes.subarray(at)]);
  },
  (bytes, random) => {
    const [at, length] = stretch(bytes, random);
    return bytes.fill(random.integer(2) * 0xff, at, at + length);
  },
  (bytes, random) => {
    const [at, length] = stretch(bytes, random);
    bytes.copy(bytes, placeIn(bytes, random, 1), at, at + length);
    return bytes;
  },
];

/** A copy of a file with up to four kinds of damage. */
export function mutated(whole: Uint8Array, random: Random): Buffer {
  let bytes: Buffer = Buffer.from(whole);
  for (let left = 1 + random.integer(4); left > 0 && bytes.length > 0; left--)
    bytes = mutations[random.integer(mutations.length)]!(bytes, random);
  return bytes;
}

function changed(bytes: Buffer, random: Random, change: (at: number) => void): Buffer {
  change(placeIn(bytes, random, 1));
  return bytes;
}

/**
 * A random position; those near the beginning and the end are more likely, because most of a file's structure is there.
 */
function placeIn(bytes: Buffer, random: Random, width: number): number {
  const places = bytes.length - width + 1;
  const near = random.integer(Math.min(places, 400));
  return [random.integer(places), near, places - 1 - near][random.integer(3)]!;
}

function stretch(bytes: Buffer, random: Random): readonly [at: number, length: number] {
  const at = random.integer(bytes.length);
  return [at, 1 + random.integer(Math.min(bytes.length - at, 200))];
}
