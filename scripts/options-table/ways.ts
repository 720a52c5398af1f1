/** The ways in which a user may start, watch and end a command, and the requirements for each. */
import { spawn } from 'node:child_process';
import { cp, mkdir, readdir } from 'node:fs/promises';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { shellWords } from '../../src/core/text/shell-words';
import { merged } from './declaration';

/** A command line that works, in a folder with all that it needs. */
export interface Trial {
  readonly command: string;
  readonly words: readonly string[];
  /** For a command that does not end by itself: the output that shows that its work is done. */
  readonly until?: RegExp;
  readonly given: string;
  /** The program's own folder, for npm. */
  readonly root: string;
}

/** The result of trying a way: the text for its cell, or what is wrong. */
export type Found = { readonly said: string } | { readonly wrong: string };

export interface Way {
  readonly name: string;
  readonly meaning: string;
  readonly trial: (trial: Trial, folder: string) => Promise<Found>;
}

interface Process {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** An environment variable that marks the processes started for a trial. */
const mark = 'LINEAGE_TRIAL';
const mostMilliseconds = 300_000;

interface Start {
  readonly line: string;
  readonly cwd: string;
  readonly environment?: NodeJS.ProcessEnv;
  readonly during?:
    ((said: () => string, kill: (signal: NodeJS.Signals) => void) => Promise<void>) | undefined;
}

/** Runs a shell command line to its end. */
async function runLine({ line, cwd, environment = {}, during }: Start): Promise<Process> {
  const own = Object.entries(process.env).filter(
    ([name]) => !/^(?:npm_|INIT_CWD$|CI$|NO_COLOR$)/i.test(name),
  );
  const env = { ...Object.fromEntries(own), TERM: 'xterm-256color', [mark]: cwd, ...environment };
  const child = spawn('bash', ['-c', line], { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
  const said = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr'] as const)
    child[stream].setEncoding('utf8').on('data', (part: string) => (said[stream] += part));
  const late = setTimeout(() => child.kill('SIGKILL'), mostMilliseconds);
  const [code] = await Promise.all([
    new Promise<number | null>((resolve) => child.on('close', resolve)),
    during?.(
      () => said.stdout + said.stderr,
      (signal) => void child.kill(signal),
    ),
  ]);
  clearTimeout(late);
  return { code, ...said };
}

const npmLine = ({ command, words, root }: Trial, more: readonly string[] = []) =>
  `exec ${shellWords(['npm', '--prefix', root, 'run', '-s', command, '--', ...merged(words, more)])}`;

/** Ends a command that does not end by itself, as Ctrl-C does, once its work is done. */
function endingBySignal({ until }: Trial, cwd: string): Start['during'] {
  if (!until) return undefined;
  return async (said) => {
    while (!until.test(said())) await sleep(50);
    process.kill(commandIn(cwd)!, 'SIGINT');
  };
}

/** Runs a command from start to end in a folder of its own. */
async function run(
  trial: Trial,
  folder: string,
  line: string,
  environment: NodeJS.ProcessEnv = {},
): Promise<Process & { readonly cwd: string }> {
  const cwd = await prepared(trial, folder);
  return { cwd, ...(await runLine({ line, cwd, environment, during: endingBySignal(trial, cwd) })) };
}

const endings = (trial: Trial) => (trial.until ? [0, 130] : [0]);

/** The process of a trial that does the work, rather than npm, a shell or tsx, which started it. */
function commandIn(cwd: string): number | undefined {
  return processesIn(cwd).find(({ line }) => /--import \S*tsx\S*loader.* \S*cnn-lineage\.ts /.test(line))
    ?.pid;
}

function processesIn(cwd: string): readonly { readonly pid: number; readonly line: string }[] {
  return readdirSync('/proc').flatMap((name) => {
    if (!/^\d+$/.test(name)) return [];
    try {
      const marked = readFileSync(`/proc/${name}/environ`, 'utf8').split('\0').includes(`${mark}=${cwd}`);
      const line = readFileSync(`/proc/${name}/cmdline`, 'utf8').replaceAll('\0', ' ');
      return marked && line !== '' ? [{ pid: Number(name), line }] : [];
    } catch {
      return []; // it has ended meanwhile
    }
  });
}

async function prepared({ given }: Trial, folder: string): Promise<string> {
  await mkdir(folder, { recursive: true });
  await cp(given, folder, { recursive: true, verbatimSymlinks: true });
  return folder;
}

const wrong = (what: string): Found => ({ wrong: what });
const tail = (text: string) => JSON.stringify(text.slice(-300));
const isStack = (text: string) => /\n\s+at .*:\d+:\d+/.test(text);

/** The lines that remain visible on a terminal, without text that was overwritten. */
function staying(text: string): readonly string[] {
  const lines = text.split(/\r?\n/).map((line) => line.split('\r').at(-1)!);
  return lines.map(withoutEscapes).filter((line) => line.trim() !== '');
}

const withoutEscapes = (text: string) => text.replaceAll(/\u001B\[[\d;?]*[A-Za-z]/g, '');

function terminal(columns: number): Way {
  return {
    name: `${columns} columns`,
    meaning: `in a terminal of ${columns} columns: ends with code 0; no line that is written over is wider than the terminal, and each is gone at the end`,
    trial: async (trial, folder) => {
      const line = `stty cols ${columns} rows 40; ${npmLine(trial)}`;
      const inTerminal = shellWords(['script', '-qefc', line, '/dev/null']);
      const { code, stdout } = await run(trial, folder, inTerminal, { LINES: undefined, COLUMNS: undefined });
      if (!endings(trial).includes(code!)) return wrong(`ended with code ${code}: ${tail(stdout)}`);
      if (isStack(stdout)) return wrong(`a stack: ${tail(stdout)}`);
      const over = stdout
        .split(/\r?\n/)
        .flatMap((row) => row.split('\r').filter((text) => text.endsWith('\u001B[K')));
      const widest = Math.max(0, ...over.map((text) => withoutEscapes(text).length));
      if (widest >= columns) return wrong(`a line of ${widest} columns is written over`);
      const left = staying(stdout).filter((text) => / left$|█|░/.test(text));
      if (left.length > 0) return wrong(`left standing: ${left[0]}`);
      return { said: over.length > 0 ? `ends; ${widest} columns written over at most` : 'ends' };
    },
  };
}

const pipe: Way = {
  name: 'pipe',
  meaning: 'to a pipe: ends with code 0 and writes neither colours nor lines that are written over',
  trial: async (trial, folder) => {
    const { code, stdout, stderr } = await run(trial, folder, npmLine(trial));
    const text = stdout + stderr;
    if (!endings(trial).includes(code!)) return wrong(`ended with code ${code}: ${tail(text)}`);
    if (/[\u001B\r]/.test(text)) return wrong(`control characters: ${tail(text)}`);
    return isStack(text) ? wrong(`a stack: ${tail(text)}`) : { said: 'ends' };
  },
};

const closedPipe: Way = {
  name: 'pipe that is closed',
  meaning:
    'to `head -c 1`, which reads one character and ends: no stack, and what was to be written to files is there',
  trial: async (trial, folder) => {
    const line = `(${npmLine(trial)}) | head -c 1 >/dev/null; exit \${PIPESTATUS[0]}`;
    const { code, stderr } = await run(trial, folder, line);
    if (![...endings(trial), 141].includes(code!)) return wrong(`ended with code ${code}: ${tail(stderr)}`);
    return isStack(stderr) || /EPIPE/.test(stderr)
      ? wrong(`a stack: ${tail(stderr)}`)
      : { said: `code ${code}` };
  },
};

const otherFolder: Way = {
  name: 'another folder',
  meaning:
    'by `npm --prefix`, from a folder of its own: files are found and made there, none in the program’s',
  trial: async (trial, folder) => {
    const before = await filesOf(trial.root);
    const { cwd, code, stdout, stderr } = await run(trial, folder, npmLine(trial));
    if (!endings(trial).includes(code!)) return wrong(`ended with code ${code}: ${tail(stdout + stderr)}`);
    const strayed = (await filesOf(trial.root)).filter((file) => !before.includes(file));
    if (strayed.length > 0) return wrong(`made ${strayed.join(', ')} in the program’s folder`);
    const made = await madeIn(trial, cwd);
    return { said: made.length > 0 ? `made ${made.join(', ')}` : 'ends' };
  },
};

/** The entries at the top level of the program's folder, where runs, caches and sheets would appear. */
async function filesOf(root: string): Promise<readonly string[]> {
  const runs = join(root, 'runs');
  return [...(await readdir(root)), ...(existsSync(runs) ? await readdir(runs) : [])];
}

async function madeIn({ given }: Trial, cwd: string): Promise<readonly string[]> {
  const before = await readdir(given);
  return (await readdir(cwd)).filter((file) => !before.includes(file)).map((file) => `\`${file}\``);
}

/** Command lines that take longer, so that the command is still running when npm is ended. */
const longer: Readonly<Record<string, readonly string[]>> = {
  train: ['--epochs', '60'],
  finetune: ['--epochs', '60', '--patience', '59'],
  reproduce: ['--epochs', '60'],
  bench: ['--steps', '2000'],
  'bench-data': ['--rounds', '50'],
  'check-gradients': ['--entries', '400'],
  augment: ['--samples', '400'],
};

const npmEnded: Way = {
  name: 'npm is ended',
  meaning:
    'SIGTERM to npm while the command computes: none of its processes goes on ten seconds later, no temporary file or lock stays; a training saves, and the command that it prints goes on to the end',
  trial: async (trial, folder) => {
    const cwd = await prepared(trial, folder);
    let ended = false;
    const found = await runLine({
      line: npmLine(trial, longer[trial.command]),
      cwd,
      during: async (_, kill) => {
        while (commandIn(cwd) === undefined) await sleep(20);
        const run = join(cwd, 'out', 'log.jsonl');
        const wait = ['train', 'finetune'].includes(trial.command);
        for (let waited = 0; waited < (wait ? 60_000 : 700) && !(wait && existsSync(run)); waited += 50)
          await sleep(50);
        if (wait) await sleep(300);
        ended = commandIn(cwd) !== undefined;
        kill('SIGTERM');
      },
    });
    if (!ended) return { said: 'ends before' };
    for (let waited = 0; waited < 10_000 && processesIn(cwd).length > 0; waited += 100) await sleep(100);
    const [orphan] = processesIn(cwd);
    if (orphan) return wrong(`goes on: ${orphan.line}`);
    if (isStack(found.stderr)) return wrong(`a stack: ${tail(found.stderr)}`);
    const left = (await readdir(cwd, { recursive: true })).filter((file) =>
      /\.(?:partial|tmp|lock)\b|[\da-f]{8}-[\da-f]{4}-/.test(file),
    );
    if (left.length > 0) return wrong(`left ${left.join(', ')}`);
    return goneOn(found, trial, cwd);
  },
};

/** Whether the command that an interrupted training prints completes it. */
async function goneOn({ code, stderr }: Process, { command, root }: Trial, cwd: string): Promise<Found> {
  const [, again] = /resume with: (.*)$/m.exec(stderr) ?? [];
  if (again === undefined)
    return ['train', 'finetune'].includes(command)
      ? wrong(`no command that goes on: ${tail(stderr)}`)
      : { said: code === null ? 'ends by the signal' : `ends with code ${code}` };
  const resumed = await runLine({ line: again, cwd, environment: { [mark]: undefined } });
  if (resumed.code !== 0) return wrong(`${again}: ended with code ${resumed.code}: ${tail(resumed.stderr)}`);
  return { said: `saves; \`${again.replaceAll(root, '…').replaceAll(cwd, '…')}\` ends` };
}

export const ways: readonly Way[] = [terminal(40), terminal(120), pipe, closedPipe, npmEnded, otherFolder];
