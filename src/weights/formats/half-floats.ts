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

/** The nearest half-precision numbers, ties to the even one; larger ones than 65,504 become infinite. */
export function float32ToFloat16(numbers: Float32Array): Uint16Array {
  const { length } = numbers;
  const bits = new Uint32Array(numbers.buffer, numbers.byteOffset, length);
  const halves = new Uint16Array(length);
  for (let at = 0; at < length; at++) halves[at] = halfOf(bits[at]!);
  return halves;
}

function halfOf(bits: number): number {
  const sign = (bits >>> 16) & 0x8000;
  const amount = bits & 0x7fff_ffff;
  if (amount > 0x7f80_0000) return sign | 0x7e00; // not a number
  if (amount >= 0x477f_f000) return sign | 0x7c00;
  const exponent = (amount >>> 23) - 112;
  if (exponent >= 1) return sign | rounded(amount - 0x3800_0000, 13);
  // Below the normal numbers, the fraction with its leading 1 is shifted further.
  return exponent < -10 ? sign : sign | rounded((amount & 0x7f_ffff) | 0x80_0000, 14 - exponent);
}

/** Without its last bits, to the nearest and on a tie to the even one; may carry into the exponent, as it should. */
function rounded(value: number, bits: number): number {
  const half = 2 ** (bits - 1);
  const kept = Math.floor(value / 2 ** bits);
  const rest = value - kept * 2 ** bits;
  return rest > half || (rest === half && kept % 2 === 1) ? kept + 1 : kept;
}
