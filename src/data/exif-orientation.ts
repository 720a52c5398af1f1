/** How a picture is to be turned to stand upright, as EXIF 2.32 counts it (tag 0x0112); 1 is as stored. */
export type Orientation = 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8;

const orientationTag = 0x0112;
const shortType = 3;

/**
 * The orientation in a block of EXIF (TIFF 6.0: byte order, then the first directory of entries); 1 where it names
 * none or is damaged, since a picture can be seen without.
 */
export function exifOrientation(block: Buffer): Orientation {
  const start = block.subarray(0, 6).equals(Buffer.from('Exif\0\0', 'latin1')) ? 6 : 0;
  const tiff = block.subarray(start);
  const order = tiff.toString('latin1', 0, 4);
  if (order !== 'II*\0' && order !== 'MM\0*') return 1;
  const little = order === 'II*\0';
  const short = (at: number) => {
    if (at + 2 > tiff.length) return 0;
    return little ? tiff.readUInt16LE(at) : tiff.readUInt16BE(at);
  };
  const directory = short(4 + (little ? 2 : 0)) * 65536 + short(4 + (little ? 0 : 2));
  const entries = short(directory);
  for (let entry = 0; entry < entries; entry++) {
    const at = directory + 2 + 12 * entry;
    if (short(at) !== orientationTag) continue;
    const value = short(at + 8);
    return short(at + 2) === shortType && value >= 1 && value <= 8 ? (value as Orientation) : 1;
  }
  return 1;
}
