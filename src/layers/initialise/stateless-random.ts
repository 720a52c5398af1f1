/**
 * The random numbers of TensorFlow's `StatelessRandom…` operations, computed in JavaScript: Philox 4x32-10 (Salmon et
 * al. 2011, Parallel random numbers: as easy as 1, 2, 3), so that masks and first weights do not depend on the backend.
 */

/** Two whole numbers in [0, 2^32), which TensorFlow takes as a seed. */
export type StatelessSeed = readonly [number, number];

/** Four random words for each number of the counter. */
interface Philox {
  /** Computes the words of a position in the sequence, below 2^32. */
  at(position: number): void;
  /** The words computed last. */
  readonly words: Uint32Array;
}

const multiplierA = 0xd2511f53;
const multiplierB = 0xcd9e8d57;
const weylA = 0x9e3779b9;
const weylB = 0xbb67ae85;

// Bound here: looking up globals is slow in hot loops where a program runs in a realm of its own, as tests do.
const { abs, cos, fround, imul, log, max, PI, sin, sqrt } = Math;

/** The upper 32 bits of a product of 32-bit numbers, by halves, since a double holds only 53 bits of it. */
function upper(a: number, b: number): number {
  const aLow = a & 0xffff;
  const aHigh = a >>> 16;
  const bLow = b & 0xffff;
  const bHigh = b >>> 16;
  const middle = aHigh * bLow + ((aLow * bLow) >>> 16);
  const other = aLow * bHigh + (middle & 0xffff);
  return (aHigh * bHigh + ((middle / 0x10000) >>> 0) + ((other / 0x10000) >>> 0)) >>> 0;
}

/** Ten rounds over a counter of four words. */
function scramble(
  words: Uint32Array,
  c0: number,
  c1: number,
  c2: number,
  c3: number,
  keyA: number,
  keyB: number,
): void {
  for (let round = 0; round < 10; round++) {
    const highA = upper(multiplierA, c0);
    const highB = upper(multiplierB, c2);
    const lowA = imul(multiplierA, c0);
    const lowB = imul(multiplierB, c2);
    c0 = (highB ^ c1 ^ keyA) >>> 0;
    c1 = lowB >>> 0;
    c2 = (highA ^ c3 ^ keyB) >>> 0;
    c3 = lowA >>> 0;
    keyA = (keyA + weylA) | 0;
    keyB = (keyB + weylB) | 0;
  }
  words[0] = c0;
  words[1] = c1;
  words[2] = c2;
  words[3] = c3;
}

/** The sequence of a seed, whose key and counter TensorFlow makes of it by Philox itself. */
function philox([seedA, seedB]: StatelessSeed): Philox {
  const key = new Uint32Array(4);
  scramble(key, seedA, 0, seedB, 0, 0x3ec8f720, 0x02461e29);
  const [keyA, keyB, c2, c3] = key as unknown as readonly [number, number, number, number];
  const words = new Uint32Array(4);
  return {
    words,
    at: (position) => scramble(words, position, 0, c2, c3, keyA, keyB),
  };
}

/** A number in [0, 1) of the 23 lower bits of a word. */
function fraction(word: number): number {
  return (word & 0x7fffff) / 0x800000;
}

/** Uniform numbers in [0, 1), bit for bit those of `StatelessRandomUniform`. */
export function statelessUniform(size: number, seed: StatelessSeed): Float32Array {
  const values = new Float32Array(size);
  const { at, words } = philox(seed);
  for (let start = 0; start < size; start += 4) {
    at(start / 4);
    for (let word = 0; word < 4; word++) values[start + word] = fraction(words[word]!);
  }
  return values;
}

/** How far the pair of two words lies from 0 (Box and Muller), rounded where TensorFlow's single precision rounds. */
function radius(word: number): number {
  return fround(sqrt(fround(-2 * fround(log(fround(max(fraction(word), 1e-7)))))));
}

/** In which direction it lies. */
function angle(word: number): number {
  return fround(2 * PI * fraction(word));
}

/**
 * Normally distributed numbers, those of `StatelessRandomNormal` but for the last bit of some, where logarithm and sine
 * of the system's library round otherwise than JavaScript's.
 */
export function statelessNormal(size: number, seed: StatelessSeed): Float32Array {
  const values = new Float32Array(size);
  const { at, words } = philox(seed);
  for (let start = 0; start < size; start += 4) {
    at(start / 4);
    // What lies beyond the end of an array is not written.
    for (let word = 0; word < 4; word += 2) {
      const length = radius(words[word]!);
      const direction = angle(words[word + 1]!);
      values[start + word] = fround(sin(direction)) * length;
      values[start + word + 1] = fround(cos(direction)) * length;
    }
  }
  return values;
}

/** The positions of the sequence that TensorFlow sets aside for four truncated numbers. */
const reserved = 256;

/** Like `statelessNormal`, without numbers beyond two deviations: those of `StatelessTruncatedNormal`. */
export function statelessTruncatedNormal(size: number, seed: StatelessSeed): Float32Array {
  const values = new Float32Array(size);
  const { at, words } = philox(seed);
  for (let start = 0; start < size; start += 4) {
    let found = 0;
    const take = (value: number) => {
      if (found < 4 && abs(value) < 2) values[start + found++] = value;
    };
    for (let position = (start / 4) * reserved; found < 4; position++) {
      at(position);
      for (let word = 0; word < 4; word += 2) {
        const length = radius(words[word]!);
        const direction = angle(words[word + 1]!);
        take(fround(fround(sin(direction)) * length));
        take(fround(fround(cos(direction)) * length));
      }
    }
  }
  return values;
}
