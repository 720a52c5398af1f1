/** What the first bytes of an image file say: its format, size and orientation. */
import { extname } from 'node:path';
import { bounds } from '../../core/bounds';
import { counted } from '../../core/text/counted';
import { codeOf } from '../../core/errors';
import { avifHeader } from './formats/avif-header';
import { BadImageError } from './bad-image';
import { bmpHeader, bmpIsWhole } from './formats/bmp';
import { exifOrientation, type Orientation } from './orientation';
import { afterBlocks, gifFrame } from './formats/gif';
import { jpegHeader } from './formats/jpeg-header';
import { tiffHeader } from './formats/tiff-header';

/** In pixels. */
export interface Size {
  readonly height: number;
  readonly width: number;
}

/** What an image's bytes say before any pixel is decoded. */
export interface ImageHeader {
  readonly format: 'JPEG' | 'PNG' | 'WebP' | 'GIF' | 'TIFF' | 'AVIF' | 'BMP';
  /** As stored, not yet upright. */
  readonly stored: Size;
  readonly orientation: Orientation;
  /** Whether the colours are four inks; only JPEG and TIFF have these. */
  readonly cmyk: boolean;
  /** Whether a TIFF's last sample is neither a colour nor an alpha value. */
  readonly unusedSample?: boolean;
  /** Whether the bytes reach to the end that the format prescribes (of the first frame). */
  readonly whole: boolean;
}

const { pixels: mostPixels } = bounds.image;

type Parse = (bytes: Buffer, fail: (found: string) => never) => ImageHeader;

/**
 * A format is recognised by a file's first bytes, never by its name, so no other decoder of libvips sees an untrusted
 * file.
 */
const formats: readonly { readonly magic: RegExp; readonly format: ImageHeader['format']; parse: Parse }[] = [
  { magic: /^\xff\xd8\xff/, format: 'JPEG', parse: jpegHeader },
  { magic: /^\x89PNG\r\n\x1a\n/, format: 'PNG', parse: pngHeader },
  { magic: /^RIFF[^]{4}WEBP/, format: 'WebP', parse: webpHeader },
  { magic: /^GIF8[79]a/, format: 'GIF', parse: gifHeader },
  { magic: /^(II\*\0|MM\0\*)/, format: 'TIFF', parse: tiffHeader },
  { magic: /^[^]{4}ftyp(avif|avis|mif1|miaf)/, format: 'AVIF', parse: avifHeader },
  { magic: /^BM[^]{4}\0\0\0\0/, format: 'BMP', parse: bmpImage },
];

/** The formats that can be read, for messages. */
export const formatNames = 'JPEG, PNG, WebP, GIF, TIFF, AVIF or BMP';

/**
 * @param file named in errors
 * @throws BadImageError when the bytes have none of these formats, end within the header, are truncated, or announce no
 *   pixels or too many
 */
export function imageHeader(file: string, bytes: Buffer): ImageHeader {
  const start = bytes.toString('latin1', 0, 12);
  const known = formats.find(({ magic }) => magic.test(start));
  if (!known) throw new BadImageError(file, `expected a ${formatNames} image, found ${stranger(bytes)}`);
  const { format, parse } = known;
  const fail = (found: string): never => {
    throw new BadImageError(file, `expected a whole ${format} image, found ${found}`);
  };
  const header = readToTheEnd(() => parse(bytes, fail), fail);
  const { height, width } = header.stored;
  if (height === 0 || width === 0) fail(`a size of ${height}x${width}`);
  if (height * width > mostPixels) {
    throw new BadImageError(
      file,
      `expected at most ${mostPixels} pixels, found a ${format} header of ${height}x${width}`,
    );
  }
  if (!header.whole) fail(`no end of it in ${counted(bytes.length, 'byte')}: truncated`);
  return header;
}

function readToTheEnd<Header>(parse: () => Header, fail: (found: string) => never): Header {
  try {
    return parse();
  } catch (error) {
    const beyond = codeOf(error) === 'ERR_OUT_OF_RANGE' || codeOf(error) === 'ERR_BUFFER_OUT_OF_BOUNDS';
    if (beyond) return fail("the file's end within its header: truncated");
    throw error;
  }
}

/** W3C Portable Network Graphics, third edition, § 5: length, type, data and checksum of each chunk. */
function pngHeader(bytes: Buffer): ImageHeader {
  const stored = { width: bytes.readUInt32BE(16), height: bytes.readUInt32BE(20) };
  let orientation: Orientation = 1;
  let at = 8;
  let type = '';
  while (type !== 'IEND' && at + 12 <= bytes.length) {
    const length = bytes.readUInt32BE(at);
    type = bytes.toString('latin1', at + 4, at + 8);
    if (type === 'eXIf') orientation = exifOrientation(bytes.subarray(at + 8, at + 8 + length));
    at += 12 + length;
  }
  return {
    format: 'PNG',
    stored,
    orientation,
    cmyk: false,
    whole: type === 'IEND' && at <= bytes.length,
  };
}

/** RFC 9649: each chunk has a name, a length and data, padded to an even length. */
function webpHeader(bytes: Buffer, fail: (found: string) => never): ImageHeader {
  const end = 8 + bytes.readUInt32LE(4);
  let stored: Size | undefined;
  let orientation: Orientation = 1;
  for (let at = 12; at + 8 <= Math.min(end, bytes.length);) {
    const length = bytes.readUInt32LE(at + 4);
    const type = bytes.toString('latin1', at, at + 4);
    stored ??= webpSize(type, bytes.subarray(at + 8));
    if (type === 'EXIF') orientation = exifOrientation(bytes.subarray(at + 8, at + 8 + length));
    at += 8 + length + (length % 2);
  }
  if (!stored) return fail('no image in it');
  return { format: 'WebP', stored, orientation, cmyk: false, whole: end <= bytes.length };
}

function webpSize(type: string, body: Buffer): Size | undefined {
  switch (type) {
    case 'VP8X': // § 2.7.1: both sides less 1, 24 bits each
      return { width: 1 + body.readUIntLE(4, 3), height: 1 + body.readUIntLE(7, 3) };
    case 'VP8 ': // RFC 6386, § 9.1: after the frame's tag and start code, 14 bits each
      return { width: body.readUInt16LE(6) & 0x3fff, height: body.readUInt16LE(8) & 0x3fff };
    case 'VP8L': {
      // § 3.4: after the signature, both sides less 1, 14 bits each
      const bits = body.readUInt32LE(1);
      return { width: 1 + (bits & 0x3fff), height: 1 + ((bits >>> 14) & 0x3fff) };
    }
    default:
      return undefined;
  }
}

/** Of several frames, the first one is used. */
function gifHeader(bytes: Buffer, fail: (found: string) => never): ImageHeader {
  const { size, codes } = gifFrame(bytes, fail);
  const whole = afterBlocks(bytes, codes + 1) <= bytes.length;
  return { format: 'GIF', stored: size, orientation: 1, cmyk: false, whole };
}

function bmpImage(bytes: Buffer, fail: (found: string) => never): ImageHeader {
  const found = bmpHeader(bytes, fail);
  const whole = bmpIsWhole(found, bytes);
  return { format: 'BMP', stored: found.size, orientation: 1, cmyk: false, whole };
}

function stranger(bytes: Buffer): string {
  if (bytes.length === 0) return 'an empty file';
  const start = bytes.toString('latin1', 0, 16);
  if (start.startsWith('II+\0') || start.startsWith('MM\0+')) return 'a BigTIFF file';
  if (start.startsWith('%PDF')) return 'a PDF file';
  if (start.startsWith('8BPS')) return 'a Photoshop file';
  if (/^\s*<(\?xml|svg|!--|!DOCTYPE)/i.test(bytes.toString('latin1', 0, 64)))
    return 'an SVG, XML or HTML file';
  if (/^[^]{4}ftyp(hei|hev|msf1)/.test(start)) return 'a HEIC file, which is not read: convert it to JPEG';
  if (start.slice(4, 8) === 'ftyp') return `a file of type ${start.slice(8, 12).trim()}`;
  return `${counted(bytes.length, 'byte')} that begin${bytes.length === 1 ? 's' : ''} ${bytes.subarray(0, 4).toString('hex')}`;
}

const foreignFormats: Readonly<Record<string, readonly string[]>> = {
  HEIC: ['.heic', '.heif', '.hif'],
  'JPEG 2000': ['.jp2', '.j2k', '.jpx', '.jpf'],
  'JPEG XL': ['.jxl'],
  SVG: ['.svg', '.svgz'],
  PDF: ['.pdf'],
  Photoshop: ['.psd', '.psb'],
  ICO: ['.ico', '.cur'],
  TGA: ['.tga'],
  Netpbm: ['.ppm', '.pgm', '.pbm', '.pnm'],
  'camera raw': ['.dng', '.cr2', '.cr3', '.nef', '.arw', '.orf', '.rw2', '.raf', '.pef'],
};

const byEnding = new Map(
  Object.entries(foreignFormats).flatMap(([format, endings]) =>
    endings.map((ending) => [ending, format] as const),
  ),
);

/** The image format that a file's name suggests, of those that are not read; undefined for other names. */
export function foreignFormat(name: string): string | undefined {
  return byEnding.get(extname(name).toLowerCase());
}

/** Why a file among images is left out. */
export function whyLeftOut(name: string): string {
  const format = foreignFormat(name);
  return format ? `${format}, which is not read: convert it to JPEG or PNG` : 'not an image by its extension';
}
