/**
 * Kills commands, or lets the disk fail, at their file operations and at random moments. Then continues as a user
 * would, and compares the result with that of an undisturbed process. Needs Linux and a C compiler.
 *
 *     npx tsx scripts/fuzz/disk/failing-disk.ts --kills 100 --failures 50 --out results/failing-disk
 */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { UserError } from '../../../src/core/errors';
import { seededRandom } from '../../../src/core/random';
import { useBackend } from '../../../src/runtime/backend';
import { machine } from '../../../src/runtime/machine';
import { runProgram } from '../../../src/runtime/setup/run-program';
import { deviceOf } from '../../../src/core/text/device';
import { writeFileAtomically } from '../../../src/core/io/files';
import { commit, fail, note } from '../../cli/terminal/output';
import { drawImages } from '../../options-table/given-folders';
import { beginnings, scenarios, type Scenario } from './disk-scenarios';
import { diskText, type DiskFigures } from './disk-text';
import { digestsBelow, leftBelow } from './made-files';

const program = ['--import', require.resolve('tsx'), join(__dirname, '..', '..', 'cnn-lineage.ts')];

/** A fault that is injected into a process: at the operation with this number, or after this time. */
interface Fault {
  readonly as: 'kill' | 'half-kill' | 'ENOSPC' | 'half-ENOSPC' | 'EIO';
  readonly at: { readonly operation: number } | { readonly seconds: number };
}

interface Ended {
  readonly code: number | null;
  readonly stderr: string;
  readonly seconds: number;
}

interface Bench {
  readonly work: string;
  readonly given: string;
  readonly library: string;
}

function run(
  { given, library }: Bench,
  words: readonly string[],
  out?: string,
  fault?: Fault,
): Promise<Ended> {
  const started = performance.now();
  const operation = fault && 'operation' in fault.at ? { FAILING_AT: String(fault.at.operation) } : {};
  const watched = out !== undefined && {
    LD_PRELOAD: library,
    FAILING_BELOW: out,
    FAILING_LOG: `${out}.log`,
    ...(fault && { FAILING_AS: fault.as }),
    ...operation,
  };
  const env = { ...process.env, NODE_OPTIONS: '', LINEAGE_BACKEND: '', ...watched };
  const child = spawn(process.execPath, [...program, ...words], {
    cwd: given,
    env,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const after = fault && 'seconds' in fault.at ? fault.at.seconds : 300;
  const clock = setTimeout(() => child.kill('SIGKILL'), 1000 * after);
  let stderr = '';
  child.stderr.on('data', (part) => (stderr += String(part)));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => {
      clearTimeout(clock);
      resolve({ code, stderr, seconds: (performance.now() - started) / 1000 });
    });
  });
}

/** @throws Error if the process fails */
async function runToTheEnd(bench: Bench, words: readonly string[], out?: string): Promise<Ended> {
  const ended = await run(bench, words, out);
  if (ended.code !== 0) throw new Error(`${words.join(' ')}: ended with code ${ended.code}: ${ended.stderr}`);
  return ended;
}

/** Runs one disturbed process and its continuation. @returns what is wrong, if anything */
async function tryFault(
  bench: Bench,
  { words, goOn }: Scenario,
  out: string,
  fault: Fault,
  wanted: ReadonlyMap<string, string>,
): Promise<string | undefined> {
  await mkdir(out, { recursive: true });
  const { code, stderr } = await run(bench, words(out), out, fault);
  const killed = fault.as.endsWith('kill');
  if (killed ? code !== null && code !== 0 : code !== 0 && code !== 2)
    return `ended with code ${code}: ${stderr.slice(-300)}`;
  if (/\n\s+at /.test(stderr)) return `ended in a stack: ${stderr.slice(-300)}`;
  if (code === 2 && !/^cnn-lineage: .*$/.test(stderr.trim().split('\n').at(-1)!))
    return `no line of its own at the end: ${stderr.slice(-300)}`;
  if (code !== 0) {
    const next = goOn(out);
    if (next) {
      const again = await run(bench, next);
      if (again.code !== 0)
        return `did not go on (${next[0]}, code ${again.code}): ${again.stderr.slice(-300)}`;
    }
  }
  const found = await digestsBelow(out);
  const other = [...new Set([...wanted.keys(), ...found.keys()])].filter(
    (name) => wanted.get(name) !== found.get(name),
  );
  if (other.length > 0) return `made otherwise: ${other.join(', ')}`;
  const left = await leftBelow(out);
  return left.length > 0 ? `left behind: ${left.join(', ')}` : undefined;
}

/** `count` numbers from 1 to `most`, evenly spread. */
function spread(count: number, most: number): readonly number[] {
  return Array.from({ length: count }, (_, index) => 1 + Math.floor((index * most) / count));
}

/**
 * Two kills of three happen at an operation, half of these in the middle of a write; the others happen at random
 * moments.
 */
function faultsOf(
  kills: number,
  failures: number,
  operations: number,
  seconds: number,
  seed: number,
): readonly Fault[] {
  const random = seededRandom(seed);
  const atOperations = Math.ceil((2 * kills) / 3);
  const how = ['half-ENOSPC', 'EIO', 'ENOSPC'] as const;
  return [
    ...spread(atOperations, operations).map((operation, index) => ({
      as: index % 2 === 0 ? ('kill' as const) : ('half-kill' as const),
      at: { operation },
    })),
    ...Array.from({ length: kills - atOperations }, () => ({
      as: 'kill' as const,
      at: { seconds: random.uniform(0.3, 1) * seconds },
    })),
    ...spread(failures, operations).map((operation, index) => ({
      as: how[index % how.length]!,
      at: { operation },
    })),
  ];
}

async function trouble(
  bench: Bench,
  scenario: Scenario,
  kills: number,
  failures: number,
  seed: number,
): Promise<DiskFigures> {
  const folder = join(bench.work, scenario.name.replaceAll(/\W+/g, '-'));
  const sound = join(folder, 'sound');
  await mkdir(sound, { recursive: true });
  const { seconds } = await runToTheEnd(bench, scenario.words(sound), sound);
  const operations = (await readFile(`${sound}.log`, 'utf8')).trim().split('\n').length;
  const wanted = await digestsBelow(sound);
  const faults = faultsOf(kills, failures, operations, seconds, seed);
  const wrong: string[] = [];
  const waiting = [...faults.entries()];
  const worker = async () => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      const [index, fault] = next;
      const out = join(folder, String(index));
      const why = await tryFault(bench, scenario, out, fault, wanted);
      if (why !== undefined) wrong.push(`${fault.as} at ${JSON.stringify(fault.at)}: ${why}`);
      if (why !== undefined) note(`${scenario.name}, ${wrong.at(-1)!}`);
      await rm(out, { recursive: true, force: true });
      await rm(`${out}.log`, { force: true });
    }
  };
  await Promise.all([worker(), worker()]);
  note(`${scenario.name}: ${kills} kills, ${failures} failures, ${wrong.length} wrong`);
  return { name: scenario.name, operations, files: wanted.size, kills, failures, wrong };
}

async function prepared(work: string): Promise<Bench> {
  const given = join(work, 'given');
  const library = join(work, 'failing-disk.so');
  const source = join(__dirname, 'failing-disk.c');
  await runProgram('cc', ['-shared', '-fPIC', '-O2', '-o', library, source, '-ldl'], {
    environment: process.env,
  });
  for (const [index, kind] of (['bright', 'dark', 'striped'] as const).entries()) {
    await drawImages(join(given, 'photos', 'train', kind), kind, 8, 100 * index);
    await drawImages(join(given, 'photos', 'test', kind), kind, 4, 100 * index + 50);
  }
  const bench = { work, given, library };
  for (const words of beginnings) await runToTheEnd(bench, words);
  return bench;
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      kills: { type: 'string', default: '100' },
      failures: { type: 'string', default: '50' },
      seed: { type: 'string', default: '1' },
      out: { type: 'string' },
      scenario: { type: 'string', multiple: true },
    },
  });
  if (!existsSync('/proc/self'))
    throw new UserError('expected Linux, whose processes can be watched, found another system');
  const chosen = scenarios.filter(({ name }) => values.scenario?.some((part) => name.includes(part)) ?? true);
  if (chosen.length === 0)
    throw new UserError(`--scenario: expected a part of the name of one, found ${values.scenario}`);
  const share = (all: string, index: number) =>
    Math.floor(((index + 1) * Number(all)) / chosen.length) -
    Math.floor((index * Number(all)) / chosen.length);
  const work = await mkdtemp(join(tmpdir(), 'lineage-failing-disk-'));
  try {
    const started = Date.now();
    const bench = await prepared(work);
    const figures: DiskFigures[] = [];
    for (const [index, scenario] of chosen.entries())
      figures.push(
        await trouble(
          bench,
          scenario,
          share(values.kills, index),
          share(values.failures, index),
          Number(values.seed) + index,
        ),
      );
    const { cpu, cores } = machine(await useBackend('cpu'));
    const facts = {
      command: `npx tsx scripts/fuzz/disk/failing-disk.ts ${process.argv.slice(2).join(' ')}`.trim(),
      commit: commit(),
      device: deviceOf({ cpu, cores }),
      minutes: (Date.now() - started) / 60_000,
    };
    const text = diskText({ ...facts, figures });
    process.stdout.write(`${text}\n`);
    if (values.out) {
      await mkdir(values.out, { recursive: true });
      await writeFileAtomically(
        join(values.out, 'figures.json'),
        `${JSON.stringify({ ...facts, figures }, null, 2)}\n`,
      );
      await writeFileAtomically(join(values.out, 'README.md'), `${text}\n`);
    }
    if (figures.some(({ wrong }) => wrong.length > 0)) process.exitCode = 1;
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

main().catch(fail);
