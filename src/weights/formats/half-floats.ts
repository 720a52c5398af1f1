/** The float32 value of each of the 65,536 half-precision numbers; built on first use. */
let table: Float32Array | undefined;

/** IEEE 754 binary16: 1 sign bit, 5 bits of exponent, 10 of fraction. */
export function float16ToFloat32(halves: Uint16Array): Float32Array {
  table ??= Float32Array.from({ length: 65_536 }, (_, half) => ofHalf(half));
  const numbers = new Float32Array(halves.length);
  const { length } = halves;
  const known = table;
  for (let at = 0; at < length; at++) numbers[at] = known[halves[at]!]!;
  return numbers;
}

function ofHalf(half: number): number {
  const sign = half & 0x8000 ? -1 : 1;
  const exponent = (half >> 10) & 0x1f;
  const fraction = half & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 0x1f) return fraction ? NaN : sign * Infinity;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** bfloat16: the upper half of a float32. */
export function bfloat16ToFloat32(halves: Uint16Array): Float32Array {
  const numbers = new Uint32Array(halves.length);
  const { length } = halves;
  for (let at = 0; at < length; at++) numbers[at] = halves[at]! << 16;
  return new Float32Array(numbers.buffer);
}
