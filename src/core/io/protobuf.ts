/** Encodes the fields of protocol buffers as bytes: the field's number and wire type, then the value. */

/** 64 bits in groups of seven, the lowest first; a negative number is encoded as its two's complement. */
export function varint(value: number): Buffer {
  const groups: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  for (; rest > 0x7fn; rest >>= 7n) groups.push(Number(rest & 0x7fn) | 0x80);
  return Buffer.from([...groups, Number(rest)]);
}

export function integer(field: number, value: number): Buffer {
  return Buffer.concat([varint(field << 3), varint(value)]);
}

export function double(field: number, value: number): Buffer {
  const data = Buffer.alloc(9, (field << 3) | 1);
  data.writeDoubleLE(value, 1);
  return data;
}

export function float(field: number, value: number): Buffer {
  const data = Buffer.alloc(5, (field << 3) | 5);
  data.writeFloatLE(value, 1);
  return data;
}

/** A string, bytes, or another message. */
export function bytes(field: number, content: Uint8Array | string): Buffer {
  const data = typeof content === 'string' ? Buffer.from(content) : content;
  return Buffer.concat([varint((field << 3) | 2), varint(data.length), data]);
}
