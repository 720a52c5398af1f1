// Pictures that other programs read and this one does not, by the endings of their names.
import { extname } from 'node:path';

const formats: Readonly<Record<string, readonly string[]>> = {
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
  Object.entries(formats).flatMap(([format, endings]) => endings.map((ending) => [ending, format] as const)),
);

/** The format of a picture that is not read; undefined for whatever is no picture by its name. */
export function foreignFormat(name: string): string | undefined {
  return byEnding.get(extname(name).toLowerCase());
}

/** Why a file is left out that lies among pictures. */
export function whyLeftOut(name: string): string {
  const format = foreignFormat(name);
  return format ? `${format}, which is not read: convert it to JPEG or PNG` : 'no picture by its ending';
}
