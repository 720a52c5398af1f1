import { crc32, inflateRawSync } from 'node:zlib';

export interface Stored {
  readonly name: string;
  readonly data: Uint8Array;
  readonly method?: number;
  readonly size?: number;
  readonly flags?: number;
  /** Of the unpacked bytes. Default: what it is; 0 where they cannot be unpacked. */
  readonly crc?: number;
}

/** A zip archive as the format's own description has it, with whatever its entries claim. */
export function zipOf(entries: readonly Stored[], overlap = 0): Buffer {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let at = 0;
  for (const {
    name,
    data,
    method = 0,
    size = data.length,
    flags = 0,
    crc = crcOf(data, method),
  } of entries) {
    const local = Buffer.alloc(30 + name.length);
    local.writeUInt32LE(0x04034b50, 0);
    local.writeUInt16LE(method, 8);
    local.writeUInt32LE(data.length, 18);
    local.writeUInt32LE(size, 22);
    local.writeUInt16LE(name.length, 26);
    local.write(name, 30, 'latin1');
    const central = Buffer.alloc(46 + name.length);
    central.writeUInt32LE(0x02014b50, 0);
    central.writeUInt16LE(flags, 8);
    central.writeUInt16LE(method, 10);
    central.writeUInt32LE(crc, 16);
    central.writeUInt32LE(data.length, 20);
    central.writeUInt32LE(size, 24);
    central.writeUInt16LE(name.length, 28);
    central.writeUInt32LE(Math.max(0, at - (at > 0 ? overlap : 0)), 42);
    central.write(name, 46, 'latin1');
    parts.push(local, Buffer.from(data));
    directory.push(central);
    at += local.length + data.length;
  }
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(entries.length, 10);
  end.writeUInt32LE(
    directory.reduce((sum, { length }) => sum + length, 0),
    12,
  );
  end.writeUInt32LE(at, 16);
  return Buffer.concat([...parts, ...directory, end]);
}

function crcOf(data: Uint8Array, method: number): number {
  if (method === 0) return crc32(data);
  try {
    return crc32(inflateRawSync(data));
  } catch {
    return 0;
  }
}
