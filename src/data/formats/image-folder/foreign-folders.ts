/** Tells files and folders that other programs, or this one, left among images, and that belong to no data set. */

/** Names of folders in lower case, and the program that makes them. Names that begin with a dot are hidden anyway. */
const folders: Readonly<Record<string, string>> = {
  __macosx: 'macOS',
  'ipod photo cache': 'macOS',
  'network trash folder': 'macOS',
  'temporary items': 'macOS',
  '$recycle.bin': 'Windows',
  'system volume information': 'Windows',
  'lost+found': 'the file system',
  '@eadir': 'Synology',
  '#recycle': 'Synology',
  '#snapshot': 'Synology',
  '@tmp': 'Synology',
  '@recycle': 'QNAP',
  '@recently-snapshot': 'QNAP',
  _gsdata_: 'GoodSync',
  '[originals]': 'ACDSee',
  captureone: 'Capture One',
  __pycache__: 'Python',
  node_modules: 'npm',
  bower_components: 'Bower',
};

const patterns: readonly (readonly [RegExp, string])[] = [
  [/^PaxHeaders?(\.\d+)?$/, 'tar'],
  [/^GNUSparseFile\.\d+$/, 'tar'],
  [/\.lrdata$/i, 'Lightroom'],
  [/^found\.\d{3}$/i, 'Windows'],
  [/^RECYCLE[RD]$/, 'Windows'],
];

const files: Readonly<Record<string, string>> = {
  'thumbs.db': 'Windows',
  'ehthumbs.db': 'Windows',
  'ehthumbs_vista.db': 'Windows',
  'desktop.ini': 'Windows',
  'icon\r': 'macOS',
  'picasa.ini': 'Picasa',
  'zbthumbnail.info': 'ZoomBrowser',
  'pspbrwse.jbf': 'Paint Shop Pro',
};

/** Which program left a file or folder that does not belong to the images, by its name. */
export function leftBy(name: string, kind: 'file' | 'folder' | 'other'): string | undefined {
  const lower = name.toLowerCase();
  if (kind !== 'folder') return Object.hasOwn(files, lower) ? files[lower] : undefined;
  if (Object.hasOwn(folders, lower)) return folders[lower];
  return patterns.find(([pattern]) => pattern.test(name))?.[1];
}

/** An entry of a folder. */
interface Inside {
  readonly name: string;
  readonly kind: 'file' | 'folder' | 'other';
}

/** Whether a file is an image that this program draws beside its results. */
export const isDrawing = (name: string) => /^(mistakes.*|filters|sheet)\.png$/.test(name);

/**
 * What a program made a folder for, if it is not a folder of images. This is recognised by the folder's content, not
 * its path. A folder of a user's images that also has a file of such a name does not count.
 * @param isImage whether a file is an image, by its name
 */
export function madeFor(
  folder: string,
  inside: readonly Inside[],
  isImage: (name: string) => boolean,
): string | undefined {
  const visible = inside.filter(({ name }) => !name.startsWith('.'));
  const names = new Set(visible.map(({ name }) => name));
  const hasImages = visible.some(({ name, kind }) => kind === 'file' && isImage(name) && !isDrawing(name));
  const weights = visible.some(({ name }) => name.endsWith('.safetensors') || name === 'log.jsonl');
  if (names.has('CACHEDIR.TAG')) return 'a cache';
  if (names.has('pyvenv.cfg') || names.has('conda-meta')) return 'a Python environment';
  if (names.has('network.json') && (weights || !hasImages)) return 'a model of this program';
  if (names.has('run.json') && (weights || !hasImages)) return 'a run of this program';
  if (names.has('classify.html') && names.has('model.json')) return 'an exported page';
  if (names.has('compare.html') && names.has('compare.json')) return 'a comparison';
  if (!hasImages && visible.some(({ name }) => /^report(-.*)?\.json$/.test(name)))
    return 'reports of this program';
  if (visible.length > 0 && visible.every(({ name }) => isDrawing(name))) return 'drawings of this program';
  if (packed(folder, visible)) return 'packed images';
  return undefined;
}

/** Whether the names are those that `packImages` gives its shards and their folder. */
function packed(folder: string, visible: readonly Inside[]): boolean {
  if (visible.length === 0) return /-\d+x\d+-[0-9a-f]{8,}$/.test(folder);
  return visible.every(({ name, kind }) => kind === 'file' && /^\d{5,}\.(bin|json)$/.test(name));
}
