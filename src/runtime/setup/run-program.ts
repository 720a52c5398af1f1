/** Runs another program until it ends, within a time limit. */
import { spawn, type ChildProcess } from 'node:child_process';

/** Thrown if a program does not exist, was killed or ended with an error; `message` is one line. */
export class ProgramFailed extends Error {
  override readonly name = 'ProgramFailed';

  constructor(
    message: string,
    /** Whether there is no such program. */
    readonly missing: boolean,
    /** The signal that killed it. */
    readonly signal: string | null,
    /** The end of its output on standard output and standard error. */
    readonly output: string,
  ) {
    super(message);
  }
}

export interface ProgramOptions {
  readonly folder?: string;
  readonly environment: NodeJS.ProcessEnv;
  readonly minutes?: number;
}

const tailLength = 20_000;

/**
 * Runs a program until it ends.
 *
 * @returns its standard output
 * @throws ProgramFailed when it is missing, fails, or takes longer than `minutes`
 */
export function runProgram(
  program: string,
  parameters: readonly string[],
  options: ProgramOptions,
): Promise<string> {
  return new Promise((resolve, reject) => {
    let output = '';
    let written = '';
    let child: ChildProcess | undefined = undefined as ChildProcess | undefined;
    const release = endWithUs((signal) => child?.kill(signal)); // before the program exists
    const started = spawn(program, parameters, {
      env: options.environment,
      stdio: ['ignore', 'pipe', 'pipe'],
      ...(options.folder && { cwd: options.folder }),
    });
    child = started;
    const timer = options.minutes ? setTimeout(() => started.kill(), options.minutes * 60_000) : undefined;
    started.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      written = (written + text).slice(-tailLength);
    });
    started.stderr.setEncoding('utf8').on('data', (text: string) => {
      written = (written + text).slice(-tailLength);
    });
    started.on('error', (error: NodeJS.ErrnoException) => {
      release();
      clearTimeout(timer);
      const missing = error.code === 'ENOENT';
      const message = missing ? `${program} is not there` : `${program} cannot be run (${error.code})`;
      reject(new ProgramFailed(message, missing, null, written));
    });
    started.on('close', (code, signal) => {
      release();
      clearTimeout(timer);
      if (code === 0) return resolve(output);
      const how = signal ? `was ended by ${signal}` : `ended with code ${code}`;
      reject(new ProgramFailed(`${program} ${how}${lastWords(written)}`, false, signal, written));
    });
  });
}

/** Ends the started program if this process ends first. */
function endWithUs(kill: (signal: NodeJS.Signals) => void): () => void {
  const end = () => kill('SIGTERM');
  const onSignal = (signal: NodeJS.Signals) => {
    kill(signal);
    release();
    process.kill(process.pid, signal);
  };
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  const release = () => {
    process.off('exit', end);
    for (const signal of signals) process.off(signal, onSignal);
  };
  process.on('exit', end);
  for (const signal of signals) process.on(signal, onSignal);
  return release;
}

/** The most informative line of an error's output: the last one that names an error, otherwise the last one. */
function lastWords(output: string): string {
  const lines = output
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean);
  const line = lines.findLast((text) => /error/i.test(text)) ?? lines.at(-1);
  return line ? `: ${line.slice(0, 300)}` : '';
}
