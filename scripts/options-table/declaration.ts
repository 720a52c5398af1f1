/**
 * The declarations behind the table of options: the modes of each command, and a sample and its effect for each option.
 */
import { availableParallelism } from 'node:os';

/** The evidence that an option was honoured; paths are relative to the folder that a cell's process runs in. */
export type Evidence =
  /** Standard output holds one JSON value and nothing else. */
  | { readonly kind: 'json' }
  /**
   * A value in a JSON file, or in the output of `--json` if `file` is null; a pattern is matched against the value's
   * text.
   */
  | {
      readonly kind: 'field';
      readonly file: string | null;
      readonly path: string;
      readonly is: string | number | boolean | null | RegExp;
    }
  /** A file or folder that exists afterwards and did not exist before. */
  | { readonly kind: 'made'; readonly path: string }
  /**
   * A file that differs from that of the mode without the option; for safetensors only the numbers count, unless
   * `whole`.
   */
  | { readonly kind: 'otherFile'; readonly path: string; readonly whole?: true }
  /** Text that is printed. */
  | { readonly kind: 'says'; readonly text: RegExp }
  /** Standard output differs from that of the mode without the option. */
  | { readonly kind: 'otherOutput' }
  /** The number of threads that the process started. */
  | { readonly kind: 'threads'; readonly count: number }
  /** The backend that was used, as TensorFlow.js reports it at the end. */
  | { readonly kind: 'backend'; readonly name: string }
  /** The command is meant to end with this non-zero exit code, and prints the reason. */
  | { readonly kind: 'ends'; readonly code: number; readonly text: RegExp };

/** One way to use a command. */
export interface Mode {
  readonly name: string;
  /** The command line without the command; a row's words replace those for the same options. */
  readonly words: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  /** Options that define the mode. */
  readonly is?: readonly string[];
  /** For a command that does not end by itself: the output that shows that its work is done. */
  readonly until?: RegExp;
}

interface Sample {
  readonly words: readonly string[];
  readonly seen: Evidence | readonly Evidence[];
}

export interface Row extends Sample {
  /** Its name without dashes. */
  readonly option: string;
  /** A description of the other options in the row, if any, that its effect depends on. */
  readonly with?: string;
  /** Exceptions for some modes: other words or other evidence. */
  readonly in?: Readonly<Record<string, Partial<Sample>>>;
  /** The sample has the same effect as leaving the option out. */
  readonly isDefault?: true;
  /** If the options of this row are meant to be refused in every mode: the reason. */
  readonly refusedEverywhere?: string;
}

export interface CommandTable {
  readonly command: string;
  readonly modes: readonly Mode[];
  readonly rows: readonly Row[];
}

/** The words and the evidence of a row in a mode. */
export function sampleFor({ words, seen, in: exceptions = {} }: Row, { name }: Mode): Sample {
  return { words, seen, ...exceptions[name] };
}

/** Whether the option defines the mode, so that there is nothing to try. */
export function isItself({ option, with: besides }: Row, { is = [] }: Mode): boolean {
  return besides === undefined && is.includes(option);
}

/**
 * A command line in which the words of a row replace those for the same options; positional words of the row go first.
 */
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

/** The name of a row in the table. */
export function rowName({ option, with: besides }: Row): string {
  return `\`--${option}\`${besides === undefined ? '' : ` ${besides}`}`;
}

/** `--json`, the same for every command that prints a result. */
export const jsonRow: Row = { option: 'json', words: ['--json'], seen: { kind: 'json' } };

/** Decoding threads: one more than the default. */
export const workers = availableParallelism() + 1;
export const workersRow: Row = {
  option: 'workers',
  words: ['--workers', String(workers)],
  seen: { kind: 'threads', count: workers },
};

/** `--backend`; TensorFlow.js itself reports which backend was used. */
export const backendRow: Row = {
  option: 'backend',
  words: ['--backend', 'wasm'],
  seen: { kind: 'backend', name: 'wasm' },
};

/** That ranks did it together. */
const together = { kind: 'says', text: /2 ranks on 1 host share the work/ } as const;

/** The options of commands that several ranks do together. */
export const ranksRows: readonly Row[] = [
  { option: 'ranks', words: ['--ranks', '2'], seen: together },
  { option: 'hosts', words: ['--hosts', 'localhost:2'], seen: together },
  { option: 'hostfile', words: ['--hostfile', 'hosts'], seen: together },
  { option: 'mpi', words: ['--mpi', '-n', '2'], seen: together },
];

export const field = (file: string | null, path: string, is: (Evidence & { kind: 'field' })['is']) =>
  ({ kind: 'field', file, path, is }) as const;
