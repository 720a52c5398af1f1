/**
 * Reads mutants of one target, one after the other, and prints a line for each: `fuzz-readers.ts` starts and watches
 * it.
 */
import { mkdtempSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { UserError, codeOf, messageOf } from '../../src/core/errors';
import { deriveSeed, seededRandom } from '../../src/core/random';
import { bombs } from './bombs';
import { mutated } from './mutations';
import { targets, type Target } from './targets';

/** What happened when a reader read a file. */
export type Outcome = 'same' | 'refused' | 'otherwise' | 'stack';

/** A line that this program prints. `peak` is its peak memory so far, in bytes. */
export interface Told {
  /** −1 for the undamaged files, which come first. */
  readonly item: number;
  readonly outcome: Outcome;
  readonly seconds: number;
  readonly peak: number;
  readonly message?: string;
}

/** `given`: for a bomb, the folder with its files. */
const [kind, name, first, end, seed, given] = process.argv.slice(2) as [
  ...[string, string, string, string, string],
  string?,
];

async function outcomeOf(
  read: () => Promise<string>,
  sound: string | undefined,
): Promise<Pick<Told, 'outcome' | 'message'>> {
  try {
    return { outcome: (await read()) === sound ? 'same' : 'otherwise' };
  } catch (error) {
    const message = messageOf(error);
    const oneLine = error instanceof UserError && !message.includes('\n') && message.length < 2000;
    const stack = error instanceof Error ? (error.stack ?? '') : '';
    return oneLine
      ? { outcome: 'refused', message }
      : { outcome: 'stack', message: stack.slice(0, 600) || message };
  }
}

async function tellOf(item: number, read: () => Promise<string>, sound?: string): Promise<void> {
  const began = performance.now();
  const found = await outcomeOf(read, sound);
  const told: Told = {
    ...found,
    item,
    seconds: (performance.now() - began) / 1000,
    peak: 1024 * process.resourceUsage().maxRSS,
  };
  tell(Buffer.from(`${JSON.stringify(told)}\n`));
}

/** Writes synchronously, so that nothing is lost if the reader ends the process; retries while the pipe is full. */
function tell(line: Buffer): void {
  for (let written = 0; written < line.length;) {
    try {
      written += writeSync(1, line, written);
    } catch (error) {
      if (codeOf(error) !== 'EAGAIN') throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10);
    }
  }
}

async function mutants(target: Target, folder: string): Promise<void> {
  const sound: string[] = [];
  for (const files of target.files) {
    for (const [file, bytes] of Object.entries(files)) writeFileSync(join(folder, file), bytes);
    sound.push(await target.read(folder));
    for (const file of Object.keys(files)) rmSync(join(folder, file));
  }
  await tellOf(-1, async () => '', '');
  for (let item = Number(first); item < Number(end); item++) {
    const random = seededRandom(deriveSeed(Number(seed), `${name} ${item}`));
    const which = random.integer(target.files.length);
    const files = target.files[which]!;
    const changed = Object.keys(files)[random.integer(Object.keys(files).length)]!;
    for (const [file, bytes] of Object.entries(files))
      writeFileSync(join(folder, file), file === changed ? mutated(bytes, random) : bytes);
    await tellOf(item, () => target.read(folder), sound[which]);
    for (const file of Object.keys(files)) rmSync(join(folder, file));
  }
}

async function bomb(folder: string): Promise<void> {
  await tellOf(-1, async () => '', '');
  await tellOf(0, () => targets[bombs[name]!.reader]!.read(folder));
}

async function main(): Promise<void> {
  if (kind === 'bomb') return bomb(given!);
  const folder = mkdtempSync(join(tmpdir(), 'cnn-lineage-fuzz-'));
  try {
    await mutants(targets[name]!, folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

void main();
