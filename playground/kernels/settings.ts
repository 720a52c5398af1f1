/** The settings of the kernels' part, as the page's address has them. */
import { usePageState, useSettings } from '../page-state';

/** Every setting with its usual value. */
export const usualSettings = {
  source: 'picture',
  channel: '0',
  kernel: 'sobelX',
  size: '3',
  sigma: '1',
  own: '',
  stride: '1',
  padding: 'valid',
  border: '0',
  turned: 'no',
  at: '',
  'pool.map': '0',
  'pool.kind': 'maximum2',
  'pool.edge': 'floor',
  'pool.squashed': 'yes',
  'pool.shift': 'right',
  'pool.at': '',
  'squash.map': '0',
  'squash.kind': 'scaledTanh',
  'squash.at': '',
  'norm.map': '0',
  'norm.k': '2',
  'norm.n': '5',
  'norm.alpha': '0.0001',
  'norm.beta': '0.75',
  'norm.at': '',
} as const;

type Setting = keyof typeof usualSettings;

export type Settings = Readonly<Record<Setting, string>>;

/** What the address says of all settings, and what changes some of them at once. */
export function useKernelSettings(): [settings: Settings, set: (changes: Partial<Settings>) => void] {
  const { settings } = usePageState().state;
  const change = useSettings();
  const names = Object.keys(usualSettings) as Setting[];
  const read = names.map((name) => [name, settings[`kernels.${name}`] ?? usualSettings[name]]);
  const set = (changes: Partial<Settings>) => {
    const said = Object.entries(changes) as [Setting, string][];
    change(
      Object.fromEntries(
        said.map(([name, value]) => [`kernels.${name}`, value === usualSettings[name] ? '' : value]),
      ),
    );
  };
  return [Object.fromEntries(read) as Settings, set];
}

/** A whole number of a text, if it lies in a range. */
export function wholeIn(text: string, least: number, most: number, otherwise: number): number {
  const value = text === '' ? NaN : Number(text);
  return Number.isInteger(value) && value >= least && value <= most ? value : otherwise;
}

/** A number of a text, if it lies in a range. */
export function numberIn(text: string, least: number, most: number, otherwise: number): number {
  const value = text.trim() === '' ? NaN : Number(text);
  return value >= least && value <= most ? value : otherwise;
}

/** One of some names, if the text is one. */
export function oneOf<T extends string>(text: string, among: readonly T[], otherwise: T): T {
  return among.find((each) => each === text) ?? otherwise;
}

/** A unit of a map, as `row.column`; null if the text is none of the map's. */
export function unitIn(
  text: string,
  { height, width }: { readonly height: number; readonly width: number },
): readonly [row: number, column: number] | null {
  const [row, column, ...rest] = text.split('.').map((part) => wholeIn(part, 0, Infinity, NaN));
  return rest.length === 0 && row! < height && column! < width ? [row!, column!] : null;
}
