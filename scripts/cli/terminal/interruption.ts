/** How the process ends: on Ctrl-C and other signals, when npm has ended, or when nobody reads its output. */
import { constants } from 'node:os';
import { launchers, outlivesManager } from '../npm/launchers';
import { isRunByNpm } from '../npm/npm-run';
import { startedByNohup } from '../npm/started-by-nohup';
import { isRunning } from '../../../src/core/io/temporary-folder';
import { codeOf } from '../../../src/core/errors';

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * A second signal ends the process at once, unless it comes this soon: npm and tsx forward the terminal's signal too.
 */
const sameMilliseconds = 1000;

/** How often to check whether npm is still running. */
const lookMilliseconds = 500;

/** Asks the work in progress to save and end; undefined while no such work is in progress. */
let ask: (() => void) | undefined;

/**
 * A signal that tells the work in progress to finish its update and save. Ctrl-C, a closed terminal, `kill`, and the
 * end of the npm that started this process raise it. A second Ctrl-C ends the process at once.
 */
export function interruption(): { readonly signal: AbortSignal; readonly release: () => void } {
  const controller = new AbortController();
  let since: number | undefined;
  const begin = () => {
    since ??= Date.now();
    controller.abort();
  };
  const onSignal = (name: (typeof signals)[number]) => {
    if (since !== undefined && Date.now() - since > sameMilliseconds)
      process.exit(128 + constants.signals[name]);
    begin();
  };
  const before = ask;
  ask = begin;
  for (const name of heeded()) process.on(name, onSignal);
  return {
    signal: controller.signal,
    release: () => {
      ask = before;
      for (const name of heeded()) process.off(name, onSignal);
    },
  };
}

/** Ends the process as a signal would. Work in progress that can save does so first. */
export function endAsIf(name: 'SIGTERM' | 'SIGPIPE'): void {
  if (ask) ask();
  else process.exit(128 + constants.signals[name]);
}

/**
 * Ends this process when npm, or the shell or tsx between the two, has ended; otherwise it would keep running unseen. A
 * process that was started by `nohup` keeps running when they ended with the terminal, and so does one that Node
 * started directly.
 */
export function endWithLaunchers(): void {
  let hungUp = false;
  if (startedByNohup())
    process.on('SIGHUP', () => void (hungUp = true)); // Node handles SIGHUP again, here as in npm
  else if (isRunByNpm(process.argv[2]) && outlivesManager()) return endAsIf('SIGTERM');
  const parent = process.ppid;
  const started = launchers();
  if (started.length === 0) return;
  let missed = false;
  const timer = setInterval(() => {
    if (hungUp) return clearInterval(timer);
    if (process.ppid === parent && started.every(({ pid }) => isRunning(pid))) return;
    if (!missed) return void (missed = true); // the signal that ended them may still be on its way here
    clearInterval(timer);
    endAsIf('SIGTERM');
  }, lookMilliseconds);
  timer.unref();
}

function heeded(): readonly (typeof signals)[number][] {
  return startedByNohup() ? ['SIGINT', 'SIGTERM'] : signals;
}

/**
 * Ends the process quietly when the program that reads its output has ended, as `head` does after ten lines. When its
 * terminal was closed, the process continues.
 */
export function endWithReader(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error) => {
      const code = codeOf(error);
      if (code === 'EPIPE') endAsIf('SIGPIPE');
      else if (code !== 'EIO') throw error;
    });
  }
}

/** Ends the process once all its output has been read: Node would drop whatever does not fit into a pipe. */
export function exitAfterOutput(code: number): void {
  process.exitCode = code;
  process.stdout.write('', () => process.stderr.write('', () => process.exit(code)));
}
