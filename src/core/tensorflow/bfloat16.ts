/** bfloat16: the upper half of a float32. */

export function bfloat16ToFloat32(halves: Uint16Array): Float32Array {
  const numbers = new Uint32Array(halves.length);
  const { length } = halves;
  for (let at = 0; at < length; at++) numbers[at] = halves[at]! << 16;
  return new Float32Array(numbers.buffer);
}

/** The nearest bfloat16 numbers, ties to the even one. */
export function float32ToBfloat16(numbers: Float32Array): Uint16Array {
  const { length } = numbers;
  const bits = new Uint32Array(numbers.buffer, numbers.byteOffset, length);
  const halves = new Uint16Array(length);
  for (let at = 0; at < length; at++) {
    const number = bits[at]!;
    const isNaN = (number & 0x7fff_ffff) > 0x7f80_0000;
    // Rounding could carry the few bits of a NaN into an infinity.
    halves[at] = isNaN ? (number >>> 16) | 0x40 : (number + 0x7fff + ((number >>> 16) & 1)) >>> 16;
  }
  return halves;
}
