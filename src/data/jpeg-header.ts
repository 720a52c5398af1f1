import { exifOrientation, type Orientation } from './exif-orientation';
import type { PictureHeader } from './picture-header';

/** ITU-T T.81, Table B.1: the second byte of a marker. */
const marker = { startOfImage: 0xd8, endOfImage: 0xd9, startOfScan: 0xda, app1: 0xe1 } as const;
const endOfImage = Buffer.from([0xff, marker.endOfImage]);

/**
 * Reads a JPEG's segments up to its first scan. Bytes between segments are skipped, as decoders do.
 * @param fail told what was found instead of a header
 */
export function jpegHeader(bytes: Buffer, fail: (found: string) => never): PictureHeader {
  let frame: { readonly height: number; readonly width: number; readonly components: number } | undefined;
  let orientation: Orientation | undefined;
  for (let at = 2; ;) {
    while (bytes.readUInt8(at) !== 0xff) at++;
    while (bytes.readUInt8(at) === 0xff) at++;
    const code = bytes.readUInt8(at++);
    if (code === marker.endOfImage) fail('its end before any picture');
    if (!hasLength(code)) continue;
    const length = bytes.readUInt16BE(at);
    if (length < 2) fail('a segment of impossible length');
    if (code === marker.startOfScan) {
      if (!frame) return fail('a scan before its size');
      const whole = bytes.lastIndexOf(endOfImage) > at;
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
      frame = { height: body.readUInt16BE(1), width: body.readUInt16BE(3), components: body.readUInt8(5) };
    }
    if (code === marker.app1 && body.toString('latin1', 0, 6) === 'Exif\0\0') {
      orientation ??= exifOrientation(body);
    }
    at += length;
  }
}

/** All but fill bytes, TEM, RST and SOI are followed by their length. */
function hasLength(code: number): boolean {
  return code > 0x01 && !(code >= 0xd0 && code <= marker.startOfImage);
}

/** SOF0 to SOF15; C4, C8 and CC mean something else. */
function isFrame(code: number): boolean {
  return code >= 0xc0 && code <= 0xcf && code !== 0xc4 && code !== 0xc8 && code !== 0xcc;
}
