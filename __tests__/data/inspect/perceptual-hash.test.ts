import { equalDigests } from '../../../src/data/inspect/images-alike';
import { nearPairs } from '../../../src/data/inspect/near-pairs';
import { perceptualHash } from '../../../src/data/inspect/perceptual-hash';
import { seededRandom } from '../../../src/core/random';

const side = 64;

/** Smooth blobs, different for each seed. */
function thumbnail(seed: number): Uint8Array {
  const random = seededRandom(seed);
  const blobs = Array.from({ length: 12 }, () => ({
    x: random.uniform(0, side),
    y: random.uniform(0, side),
    size: random.uniform(3, 15),
    grey: random.uniform(-90, 90),
  }));
  const pixels = new Uint8Array(side * side);
  for (let y = 0; y < side; y++)
    for (let x = 0; x < side; x++) {
      let grey = 128;
      for (const blob of blobs)
        grey += blob.grey * Math.exp(-((x - blob.x) ** 2 + (y - blob.y) ** 2) / (2 * blob.size ** 2));
      pixels[y * side + x] = Math.min(255, Math.max(0, Math.round(grey)));
    }
  return pixels;
}

const mirror = (pixels: Uint8Array) =>
  pixels.map((_, at) => pixels[Math.floor(at / side) * side + (side - 1 - (at % side))]!);

const bitsOf = (hash: Uint32Array) =>
  Array.from({ length: 256 }, (_, at) => (hash[Math.floor(at / 32)]! >>> (at % 32)) & 1);

it('hashes by the cosine transform: each coefficient of the plain double sum, above the median or not', () => {
  const pixels = thumbnail(1);
  const coefficients: number[] = [];
  for (let v = 1; v <= 16; v++)
    for (let h = 1; h <= 16; h++) {
      let sum = 0;
      for (let y = 0; y < side; y++)
        for (let x = 0; x < side; x++)
          sum +=
            pixels[y * side + x]! *
            Math.cos((Math.PI * v * (y + 0.5)) / side) *
            Math.cos((Math.PI * h * (x + 0.5)) / side);
      coefficients.push(sum);
    }
  const median = [...coefficients].sort((one, other) => one - other).slice(127, 129);
  const expected = coefficients.map((value) => Number(value > (median[0]! + median[1]!) / 2));
  expect(bitsOf(perceptualHash(pixels).hash)).toEqual(expected);
  expect(expected.filter(Boolean)).toHaveLength(128);
});

it('tells the hash of the mirror image', () => {
  for (const seed of [1, 2, 3]) {
    const pixels = thumbnail(seed);
    expect(perceptualHash(pixels).mirrored).toEqual(perceptualHash(mirror(pixels)).hash);
    expect(perceptualHash(pixels).mirrored).not.toEqual(perceptualHash(pixels).hash);
  }
});

it('calls an image plain that has next to no contrast', () => {
  expect(perceptualHash(new Uint8Array(side * side).fill(200)).plain).toBe(true);
  expect(perceptualHash(thumbnail(1)).plain).toBe(false);
});

/** Random hashes, of which some are copies of the one before with a number of bits flipped. */
function drawnHashes(images: number): { readonly hashes: Uint32Array; readonly mirrored: Uint32Array } {
  const random = seededRandom(5);
  const draw = () => Uint32Array.from({ length: images * 8 }, () => random.integer(2 ** 32));
  const [hashes, mirrored] = [draw(), draw()];
  for (let image = 1; image < images; image += 3) {
    const from = image % 2 === 0 ? hashes : mirrored;
    const copy = from.slice((image - 1) * 8, image * 8);
    const bits = Array.from({ length: 256 }, (_, at) => at);
    for (let flip = 0; flip < image % 36; flip++) {
      const [bit] = bits.splice(random.integer(bits.length), 1);
      copy[bit! >>> 5]! ^= 1 << (bit! & 31);
    }
    hashes.set(copy, image * 8);
  }
  return { hashes, mirrored };
}

it('finds every pair that comparing each with each finds, and no other', () => {
  const images = 400;
  const { hashes, mirrored } = drawnHashes(images);
  const left = new Uint8Array(images);
  left[10] = 1;
  const expected: unknown[] = [];
  for (let one = 0; one < images; one++)
    for (let other = one + 1; other < images; other++) {
      if (left[one] || left[other]) continue;
      for (const own of [hashes, mirrored]) {
        const [ones, others] = [own.slice(one * 8, one * 8 + 8), hashes.slice(other * 8, other * 8 + 8)];
        const theirs = bitsOf(others);
        const bits = bitsOf(ones).filter((bit, at) => bit !== theirs[at]).length;
        if (bits <= 31) expected.push({ one, other, bits, mirrored: own === mirrored });
      }
    }
  expect(expected.length).toBeGreaterThan(100);
  expect(nearPairs(hashes, mirrored, left)).toEqual({ pairs: expected, complete: true });
});

it('says where there are more pairs than it keeps', () => {
  const hashes = new Uint32Array(8 * 10).fill(0x0f0f1234);
  const other = hashes.map((word) => ~word);
  expect(nearPairs(hashes, other, new Uint8Array(10)).pairs).toHaveLength(45);
  const some = nearPairs(hashes, other, new Uint8Array(10), 20);
  expect([some.pairs.length, some.complete]).toEqual([20, false]);
});

it('groups equal digests, and those alone that are equal to their last byte', () => {
  const digests = new Uint8Array(6 * 32);
  const rows = [7, 9, 7, 7, 9, 8];
  rows.forEach((value, at) => digests.fill(value, at * 32, at * 32 + 32));
  digests[3 * 32 + 31] = 0;
  expect(equalDigests(digests, new Uint8Array(6))).toEqual([
    [0, 2],
    [1, 4],
  ]);
  expect(equalDigests(digests, Uint8Array.of(1, 0, 0, 0, 0, 0))).toEqual([[1, 4]]);
});
