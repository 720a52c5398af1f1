/** The header of a JPEG: size, orientation, inks, and whether its end is there. */
import { bounds } from '../../../core/bounds';
import { exifOrientation, type Orientation } from '../orientation';
import type { ImageHeader } from '../header';

/** ITU-T T.81, Table B.1: the second byte of a marker. */
const marker = { startOfImage: 0xd8, endOfImage: 0xd9, startOfScan: 0xda, app1: 0xe1 } as const;

interface Frame {
  readonly height: number;
  readonly width: number;
  readonly components: number;
  readonly progressive: boolean;
}
const endOfImage = Buffer.from([0xff, marker.endOfImage]);

/**
 * Reads a JPEG's segments up to its first scan. Bytes between segments are skipped, as decoders do.
 * @param fail called with what was found instead of a header; it throws
 */
export function jpegHeader(bytes: Buffer, fail: (found: string) => never): ImageHeader {
  let frame: Frame | undefined;
  let orientation: Orientation | undefined;
  for (let at = 2; ;) {
    while (bytes.readUInt8(at) !== 0xff) at++;
    while (bytes.readUInt8(at) === 0xff) at++;
    const code = bytes.readUInt8(at++);
    if (code === marker.endOfImage) fail('its end before any image');
    if (!hasLength(code)) continue;
    const length = bytes.readUInt16BE(at);
    if (length < 2) fail('a segment of impossible length');
    if (code === marker.startOfScan) {
      if (!frame) return fail('a scan before its size');
      const whole = bytes.lastIndexOf(endOfImage) > at;
      expectFewScans(bytes, at - 2, frame, fail);
      const { height, width, components } = frame;
      return {
        format: 'JPEG',
        stored: { height, width },
        orientation: orientation ?? 1,
        cmyk: components === 4,
        whole,
      };
    }
    const body = bytes.subarray(at + 2, at + length);
    if (isFrame(code)) {
      const [height, width] = [body.readUInt16BE(1), body.readUInt16BE(3)];
      frame = { height, width, components: body.readUInt8(5), progressive: (code & 3) === 2 };
    }
    if (code === marker.app1 && body.toString('latin1', 0, 6) === 'Exif\0\0') {
      orientation ??= exifOrientation(body);
    }
    at += length;
  }
}

/**
 * Refuses an image with more scans than any encoder writes, since each scan is decoded over all of the pixels. If the
 * frame is not progressive and one scan has all of its components, later scans are not counted.
 * @param at the offset of the first scan's marker
 */
function expectFewScans(
  bytes: Buffer,
  first: number,
  { height, width, components, progressive }: Frame,
  fail: (found: string) => never,
): void {
  if (!progressive && bytes.readUInt8(first + 4) >= components) return;
  const { scans: most, pixels, pixelsOverScans } = bounds.image;
  if (height * width > pixels) return; // refused elsewhere for its size
  const allowed = Math.min(most, Math.floor(pixelsOverScans / Math.max(1, height * width)));
  let scans = 0;
  for (let at = first; at >= 0 && at + 1 < bytes.length; at = bytes.indexOf(0xff, at)) {
    const code = bytes[at + 1]!;
    if (code === marker.endOfImage) return;
    if (code === marker.startOfScan && ++scans > allowed)
      fail(`more than ${allowed} scans of ${height}x${width} pixels`);
    // A byte of coded data is followed by a zero; a fill byte by another.
    if (code === 0xff) at += 1;
    else at += 2 + (hasLength(code) && code > 0 && at + 3 < bytes.length ? bytes.readUInt16BE(at + 2) : 0);
  }
}

/** Whether a length follows the marker, as it does except for fill bytes, TEM, RST and SOI. */
function hasLength(code: number): boolean {
  return code > 0x01 && !(code >= 0xd0 && code <= marker.startOfImage);
}

/** Whether the marker is SOF0 to SOF15; C4, C8 and CC mean something else. */
function isFrame(code: number): boolean {
  return code >= 0xc0 && code <= 0xcf && code !== 0xc4 && code !== 0xc8 && code !== 0xcc;
}
