/** Encodes the fields of protocol buffers as bytes: the field's number and wire type, then the value. */

/** 64 bits in groups of seven, the lowest first; a negative number is encoded as its two's complement. */
export function varint(value: number): Uint8Array {
  const groups: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  for (; rest > 0x7fn; rest >>= 7n) groups.push(Number(rest & 0x7fn) | 0x80);
  return Uint8Array.of(...groups, Number(rest));
}

export function integer(field: number, value: number): Uint8Array {
  return joined([varint(field << 3), varint(value)]);
}

export function double(field: number, value: number): Uint8Array {
  const data = new DataView(new ArrayBuffer(9));
  data.setUint8(0, (field << 3) | 1);
  data.setFloat64(1, value, true);
  return new Uint8Array(data.buffer);
}

export function float(field: number, value: number): Uint8Array {
  const data = new DataView(new ArrayBuffer(5));
  data.setUint8(0, (field << 3) | 5);
  data.setFloat32(1, value, true);
  return new Uint8Array(data.buffer);
}

/** A string, bytes, or another message. */
export function bytes(field: number, content: Uint8Array | string): Uint8Array {
  const data = typeof content === 'string' ? new TextEncoder().encode(content) : content;
  return joined([varint((field << 3) | 2), varint(data.length), data]);
}

/** Messages and fields, one after the other. */
export function joined(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
