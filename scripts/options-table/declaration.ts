/** What the table of options is declared by: for each command its modes, and for each option a sample and how it shows. */
import { availableParallelism } from 'node:os';

/** How one sees that an option was honoured; paths are below the folder that a cell's process runs in. */
export type Evidence =
  /** Standard output holds one JSON value and nothing else. */
  | { readonly kind: 'json' }
  /** A value in a JSON file, or with `file` null in what `--json` prints; a pattern is held to its text. */
  | {
      readonly kind: 'field';
      readonly file: string | null;
      readonly path: string;
      readonly is: string | number | boolean | null | RegExp;
    }
  /** A file or folder that is there afterwards and was not before. */
  | { readonly kind: 'made'; readonly path: string }
  /** A file that is another than in the mode without the option; of safetensors the numbers alone, unless `whole`. */
  | { readonly kind: 'otherFile'; readonly path: string; readonly whole?: true }
  /** Something that is printed. */
  | { readonly kind: 'says'; readonly text: RegExp }
  /** Standard output is another than in the mode without the option. */
  | { readonly kind: 'otherOutput' }
  /** How many threads the process started. */
  | { readonly kind: 'threads'; readonly count: number }
  /** What computed, as TensorFlow.js says at the end. */
  | { readonly kind: 'backend'; readonly name: string }
  /** It ends with another code than 0, as it is meant to, and says why. */
  | { readonly kind: 'ends'; readonly code: number; readonly text: RegExp };

/** A way to use a command. */
export interface Mode {
  readonly name: string;
  /** The command line without the command; a row's words replace those of the same options. */
  readonly words: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  /** Options that make the mode what it is. */
  readonly is?: readonly string[];
  /** Of a command that does not end: what it says when it has done what it was asked. */
  readonly until?: RegExp;
}

interface Sample {
  readonly words: readonly string[];
  readonly seen: Evidence | readonly Evidence[];
}

export interface Row extends Sample {
  /** Its name without dashes. */
  readonly option: string;
  /** What else decides whether it does anything, in words; none in the option's own row. */
  readonly with?: string;
  /** In some modes, other words or another sign. */
  readonly in?: Readonly<Record<string, Partial<Sample>>>;
  /** The sample is what a command does without the option. */
  readonly isDefault?: true;
  /** Why the options of this row are refused in every mode, where they are meant to be. */
  readonly refusedEverywhere?: string;
}

export interface CommandTable {
  readonly command: string;
  readonly modes: readonly Mode[];
  readonly rows: readonly Row[];
}

/** The words and the sign of a row in a mode. */
export function sampleFor({ words, seen, in: exceptions = {} }: Row, { name }: Mode): Sample {
  return { words, seen, ...exceptions[name] };
}

/** Whether the mode is that option, so that there is nothing to try. */
export function isItself({ option, with: besides }: Row, { is = [] }: Mode): boolean {
  return besides === undefined && is.includes(option);
}

/** A command line with the words of a row in the place of those that give the same options, and after what they follow. */
export function merged(base: readonly string[], words: readonly string[]): readonly string[] {
  const given = new Set(words.filter((word) => word.startsWith('--')));
  const kept: string[] = [];
  let replaced = false;
  for (const word of base) {
    if (word.startsWith('--')) replaced = given.has(word);
    if (!replaced) kept.push(word);
  }
  const names = words.findIndex((word) => word.startsWith('--'));
  const positional = names === -1 ? words : words.slice(0, names);
  const options = names === -1 ? [] : words.slice(names);
  return [...positional, ...kept, ...options];
}

/** How a row is named in the table. */
export function rowName({ option, with: besides }: Row): string {
  return `\`--${option}\`${besides === undefined ? '' : ` ${besides}`}`;
}

/** `--json`, the same for every command with a result. */
export const jsonRow: Row = { option: 'json', words: ['--json'], seen: { kind: 'json' } };

/** Threads that decode: one more than without the option. */
export const workers = availableParallelism() + 1;
export const workersRow: Row = {
  option: 'workers',
  words: ['--workers', String(workers)],
  seen: { kind: 'threads', count: workers },
};

/** `--backend`: what computed is asked of TensorFlow.js itself. */
export const backendRow: Row = {
  option: 'backend',
  words: ['--backend', 'wasm'],
  seen: { kind: 'backend', name: 'wasm' },
};

export const field = (file: string | null, path: string, is: (Evidence & { kind: 'field' })['is']) =>
  ({ kind: 'field', file, path, is }) as const;
