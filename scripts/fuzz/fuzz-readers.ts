/**
 * Fuzzes every reader of files from outside, and of files that the program stores, with seeded mutants of undamaged
 * files and with bombs. Each reader runs in a process of its own, whose peak memory and slowest item are measured. A
 * process that crashes or hangs is counted as such, and another continues after the item.
 *
 *     npx tsx scripts/fuzz/fuzz-readers.ts --mutations 100000 --seed 1 --out results/fuzz
 */
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { deviceOf } from '../../src/core/text/device';
import { commit } from '../cli/terminal/output';
import { bombs } from './bombs';
import type { Outcome, Told } from './fuzz-child';
import { figuresText } from './figures-text';
import { targets } from './targets';

/** The results for one reader's mutants, or for one bomb. */
export interface Figures {
  readonly name: string;
  readonly mutants: number;
  readonly outcomes: Readonly<Record<Outcome | 'crash' | 'hang', number>>;
  /** The peak memory of the process in bytes: after reading only the undamaged files, and overall. */
  readonly before: number;
  readonly peak: number;
  readonly slowest: { readonly item: number; readonly seconds: number };
  /**
   * The first few outcomes that should not occur: stacks, crashes, hangs, and damaged files that were read despite a
   * digest.
   */
  readonly faults: readonly string[];
  /** For a bomb: the reader's message. */
  readonly said?: string;
}

/** The time limit in milliseconds for one file, on a machine with other load. */
const patience = 180_000;

type Kind = 'mutants' | 'bomb';
type Seen = { -readonly [key in Exclude<keyof Figures, 'outcomes' | 'faults' | 'said'>]: Figures[key] } & {
  readonly outcomes: Record<Outcome | 'crash' | 'hang', number>;
  readonly faults: string[];
  said?: string;
};

async function figuresOf(
  kind: Kind,
  name: string,
  mutants: number,
  seed: number,
  folder?: string,
): Promise<Figures> {
  const outcomes = { same: 0, refused: 0, otherwise: 0, stack: 0, crash: 0, hang: 0 };
  const seen: Seen = {
    name,
    mutants,
    outcomes,
    before: 0,
    peak: 0,
    slowest: { item: -1, seconds: 0 },
    faults: [],
  };
  const sealed = kind === 'mutants' && targets[name]!.sealed === true;
  for (let next = 0; next < mutants;) {
    const words = [kind, name, next, mutants, seed, ...(folder === undefined ? [] : [folder])].map(String);
    const { done, ended, complaint } = await run(words, next, (told) => note(seen, told, sealed));
    next = done;
    if (next >= mutants) break;
    seen.outcomes[ended]++;
    seen.faults.push(`${ended} at item ${next}: ${complaint}`);
    next++;
  }
  return { ...seen, faults: seen.faults.slice(0, 10) };
}

function note(seen: Seen, { item, outcome, seconds, peak, message }: Told, sealed: boolean): void {
  seen.peak = Math.max(seen.peak, peak);
  if (item < 0) return void (seen.before = Math.max(seen.before, peak));
  seen.outcomes[outcome]++;
  if (seconds > seen.slowest.seconds) seen.slowest = { item, seconds };
  if (message !== undefined && seen.mutants === 1) seen.said = message.replace(/^\S*\//, '');
  if (outcome === 'stack') seen.faults.push(`stack at item ${item}: ${message}`);
  if (sealed && outcome === 'otherwise')
    seen.faults.push(`read otherwise in spite of its digest at item ${item}`);
}

/** @returns the first item without an outcome */
function run(
  words: readonly string[],
  first: number,
  onTold: (told: Told) => void,
): Promise<{ readonly done: number; readonly ended: 'crash' | 'hang'; readonly complaint: string }> {
  const file = join(__dirname, 'fuzz-child.ts');
  const child = spawn(process.execPath, ['--import', 'tsx', file, ...words], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [done, ended] = [first, 'crash' as 'crash' | 'hang'];
  let clock: NodeJS.Timeout;
  const wait = () => {
    clearTimeout(clock);
    clock = setTimeout(() => {
      ended = 'hang';
      child.kill('SIGKILL');
    }, patience);
  };
  wait();
  let complaint = '';
  child.stderr.on('data', (text: Buffer) => (complaint = `${complaint}${text.toString()}`.slice(-2000)));
  createInterface(child.stdout).on('line', (line) => {
    wait();
    const told = JSON.parse(line) as Told;
    if (told.item >= 0) done = told.item + 1;
    onTold(told);
  });
  return new Promise((resolve) =>
    child.once('close', () => {
      clearTimeout(clock);
      resolve({ done, ended, complaint: complaint.replaceAll(/\s+/g, ' ') });
    }),
  );
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      mutations: { type: 'string', default: '5000' },
      seed: { type: 'string', default: '1' },
      out: { type: 'string' },
      only: { type: 'string' },
    },
  });
  const [mutations, seed] = [Number(values.mutations), Number(values.seed)];
  const shares = Object.values(targets).reduce((sum, { share }) => sum + share, 0);
  const wanted = (name: string) => values.only === undefined || name === values.only;
  const readers: Figures[] = [];
  for (const [name, { share }] of Object.entries(targets)) {
    if (!wanted(name)) continue;
    readers.push(await figuresOf('mutants', name, Math.ceil((mutations * share) / shares), seed));
    process.stdout.write(`${JSON.stringify(readers.at(-1))}\n`);
  }
  const exploded: Figures[] = [];
  for (const [name, { reader, files }] of Object.entries(bombs)) {
    if (!wanted(reader)) continue;
    const folder = mkdtempSync(join(tmpdir(), 'cnn-lineage-bomb-'));
    for (const [file, bytes] of Object.entries(files())) writeFileSync(join(folder, file), bytes);
    exploded.push({ ...(await figuresOf('bomb', name, 1, seed, folder)), name: `${reader}: ${name}` });
    rmSync(folder, { recursive: true });
    process.stdout.write(`${JSON.stringify(exploded.at(-1))}\n`);
  }
  if (values.out === undefined) return;
  const command = `npx tsx scripts/fuzz/fuzz-readers.ts ${process.argv.slice(2).join(' ')}`;
  const record = {
    command,
    commit: commit(),
    device: deviceOf({ cpu: cpus()[0]!.model, cores: cpus().length }),
    at: new Date().toISOString(),
    readers,
    bombs: exploded,
  };
  mkdirSync(values.out, { recursive: true });
  writeFileSync(join(values.out, 'figures.json'), `${JSON.stringify(record, null, 2)}\n`);
  writeFileSync(join(values.out, 'README.md'), figuresText(record));
}

void main();
