/** Runs the command line of one cell in a folder of its own, and judges whether the option was honoured. */
import { spawn } from 'node:child_process';
import { cp, mkdir, readdir } from 'node:fs/promises';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  isItself,
  merged,
  sampleFor,
  type CommandTable,
  type Evidence,
  type Mode,
  type Row,
} from './declaration';

/** A process that has ended. */
export interface Outcome {
  readonly folder: string;
  readonly words: readonly string[];
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** The files in its folder afterwards. */
  readonly files: ReadonlySet<string>;
}

export type Verdict =
  | { readonly kind: 'honoured' }
  | { readonly kind: 'refused'; readonly line: string }
  | { readonly kind: 'wrong'; readonly why: string };

export interface Bench {
  /** A folder that is copied for each process, so that none finds files of another. */
  readonly given: string;
  readonly program: readonly string[];
  readonly server: string;
}

/** The time limit; nothing here takes a tenth of it. */
const mostMilliseconds = 300_000;

export async function runCommand(
  { given, program, server }: Bench,
  folder: string,
  command: string,
  mode: Pick<Mode, 'words' | 'environment' | 'until'>,
): Promise<Outcome> {
  await mkdir(folder, { recursive: true });
  if (folder !== given) await cp(given, folder, { recursive: true, verbatimSymlinks: true });
  const words = mode.words.map((word) => word.replace('{server}', server));
  const child = spawn(process.execPath, [...program, command, ...words], {
    cwd: folder,
    env: {
      ...ownEnvironment(),
      LINEAGE_BACKEND: '',
      OBSERVED: join(folder, 'observed.json'),
      ...mode.environment,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const said = { stdout: '', stderr: '' };
  let asked = false;
  for (const stream of ['stdout', 'stderr'] as const)
    child[stream].on('data', (part) => {
      said[stream] += String(part);
      if (!asked && mode.until?.test(said.stderr)) asked = child.kill('SIGINT'); // a second SIGINT would end it at once
    });
  const late = setTimeout(() => child.kill('SIGKILL'), mostMilliseconds);
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
  clearTimeout(late);
  return { folder, words: [command, ...words], code, ...said, files: await filesIn(folder) };
}

/** The environment without the variables that npm sets for the command that it runs, which is another one. */
function ownEnvironment(): NodeJS.ProcessEnv {
  const own = Object.entries(process.env).filter(([name]) => !/^(?:npm_|INIT_CWD)/i.test(name));
  return Object.fromEntries(own);
}

async function filesIn(folder: string): Promise<ReadonlySet<string>> {
  return new Set(await readdir(folder, { recursive: true }));
}

/** Tries one option in one mode. */
export async function tryCell(
  bench: Bench,
  folder: string,
  { command }: CommandTable,
  row: Row,
  mode: Mode,
  base: Outcome,
): Promise<Verdict> {
  const sample = sampleFor(row, mode);
  const evidence = [sample.seen].flat() as readonly Evidence[];
  const needsJson = evidence.some((one) => one.kind === 'field' && one.file === null);
  const words = merged(mode.words, [...sample.words]);
  const whole = needsJson && !words.includes('--json') ? [...words, '--json'] : words;
  const outcome = await runCommand(bench, folder, command, { ...mode, words: whole });
  const meant = evidence.some(({ kind }) => kind === 'ends');
  const verdict = meant && evidence.every((one) => holds(one, outcome, base)) ? honoured : undefined;
  if (verdict) return verdict;
  if (outcome.code === 2) return refusal(row, sample.words, outcome, await filesIn(bench.given));
  const interrupted = mode.until !== undefined && (outcome.code === null || outcome.code === 130);
  if (outcome.code !== 0 && !interrupted)
    return wrong(`ended with code ${outcome.code}: ${tail(outcome.stderr)}`);
  const lacking = evidence.find((one) => !holds(one, outcome, base));
  if (lacking) return wrong(`accepted, but ${text(lacking)} is not so`);
  const anyway = row.isDefault ? undefined : evidence.find((one) => holds(one, base, base));
  if (anyway) return wrong(`proves nothing: ${text(anyway)} is so without the option`);
  return honoured;
}

const honoured = { kind: 'honoured' } as const;
const wrong = (why: string) => ({ kind: 'wrong', why }) as const;
const tail = (text: string) => text.trim().split('\n').slice(-3).join(' | ');
const text = (evidence: Evidence) =>
  JSON.stringify(evidence, (_, value: unknown) => (value instanceof RegExp ? String(value) : value));

/**
 * Finds differences between a first and a second process of the same mode: a file or an output that differs anyway
 * proves nothing about an option.
 * @returns the evidence that would hold without any option
 */
export function heldByChance(
  { rows }: CommandTable,
  mode: Mode,
  base: Outcome,
  again: Outcome,
): readonly string[] {
  const all = rows.flatMap((row) => (isItself(row, mode) ? [] : [sampleFor(row, mode).seen].flat()));
  const differences = all.filter(({ kind }) => kind === 'otherFile' || kind === 'otherOutput');
  return [...new Set(differences.filter((one) => holds(one, again, base)).map(text))];
}

/** An output without what differs between two processes of the same mode: how long they took. */
function untimed(output: string): string {
  return output.replaceAll(/\b\d[\d.,]* (?:s|min)\b|(?<=[sS]econds": )[\d.e-]+/g, '…');
}

/** Checks for a refusal: one line that names the option or its value, with nothing written and nothing printed. */
function refusal(
  { option }: Row,
  words: readonly string[],
  { stdout, stderr, files }: Outcome,
  before: ReadonlySet<string>,
): Verdict {
  const lines = stderr.trim().split('\n');
  const line = lines.at(-1)!;
  if (!line.startsWith('cnn-lineage: ') || /\n\s+at /.test(stderr))
    return wrong(`ends in a stack: ${tail(stderr)}`);
  if (stdout !== '') return wrong(`refused after it had printed: ${stdout.slice(0, 100)}`);
  const names = [`--${option}`, ...words];
  if (!names.some((name) => line.includes(name)))
    return wrong(`refused in a line that does not name it: ${line}`);
  const made = [...files].filter((file) => !before.has(file) && file !== 'observed.json');
  if (made.length > 0) return wrong(`refused, and left ${made.slice(0, 3).join(', ')}`);
  return { kind: 'refused', line: line.replace(/^cnn-lineage: /, '') };
}

function holds(evidence: Evidence, outcome: Outcome, base: Outcome): boolean {
  const { folder, stdout, stderr, code, files } = outcome;
  switch (evidence.kind) {
    case 'json':
      return parsed(stdout) !== undefined;
    case 'field': {
      const { file, path, is } = evidence;
      const found = at(file === null ? parsed(stdout) : jsonIn(join(folder, file)), path);
      return is instanceof RegExp ? is.test(JSON.stringify(found) ?? '') : found === is;
    }
    case 'made':
      return files.has(evidence.path) && !base.files.has(evidence.path);
    case 'otherFile': {
      const [own, other] = [folder, base.folder].map((one) => join(one, evidence.path));
      const content = evidence.whole ? readFileSync : contentOf;
      return existsSync(own!) && existsSync(other!) && !content(own!).equals(content(other!));
    }
    case 'says':
      return evidence.text.test(stdout + stderr);
    case 'otherOutput':
      return untimed(stdout) !== untimed(base.stdout);
    case 'threads':
      return at(jsonIn(join(folder, 'observed.json')), 'threads') === evidence.count;
    case 'backend':
      return at(jsonIn(join(folder, 'observed.json')), 'backend') === evidence.name;
    case 'ends':
      return code === evidence.code && evidence.text.test(stderr);
    default:
      return evidence satisfies never;
  }
}

/** A file's bytes; for weights only the numbers, because the header records how long the training took. */
function contentOf(file: string): Buffer {
  const bytes = readFileSync(file);
  return file.endsWith('.safetensors') ? bytes.subarray(8 + Number(bytes.readBigUInt64LE())) : bytes;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function jsonIn(file: string): unknown {
  return existsSync(file) ? parsed(readFileSync(file, 'utf8')) : undefined;
}

function at(value: unknown, path: string): unknown {
  return path
    .split('.')
    .reduce<unknown>((found, key) => (found as Record<string, unknown> | undefined)?.[key], value);
}
