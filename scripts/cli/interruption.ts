/** How the process ends: by Ctrl-C and signals, when npm has ended, or when nobody reads its output. */
import { constants } from 'node:os';
import { launchers, outlivesManager } from './npm/launchers';
import { isRunByNpm } from './npm/npm-run';
import { startedByNohup } from './npm/started-by-nohup';
import { isRunning } from '../../src/core/io/temporary-folder';
import { codeOf } from '../../src/core/errors';

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** A second signal ends the process at once, unless it comes this soon: npm and tsx pass on what the terminal sent too. */
const sameMilliseconds = 1000;

/** How often to look whether npm is still there. */
const lookMilliseconds = 500;

/** Asks the work that is under way to save and end; undefined while there is no work that can. */
let ask: (() => void) | undefined;

/**
 * Ctrl-C, a closed terminal, `kill`, and the end of npm that started this, as a signal to finish the update and save.
 * A second Ctrl-C ends the process at once.
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

/** Ends the process as a signal would: after saving, where there is work that does. */
export function endAsIf(name: 'SIGTERM' | 'SIGPIPE'): void {
  if (ask) ask();
  else process.exit(128 + constants.signals[name]);
}

/**
 * Ends this process when npm, or the shell or tsx between, has ended: otherwise it would go on where nobody sees it. What was
 * started by `nohup` goes on where they ended with the terminal, and so does what Node started on its own.
 */
export function endWithLaunchers(): void {
  let hungUp = false;
  if (startedByNohup())
    process.on('SIGHUP', () => void (hungUp = true)); // Node heeds it again, here as in npm
  else if (isRunByNpm(process.argv[2]) && outlivesManager()) return endAsIf('SIGTERM');
  const parent = process.ppid;
  const started = launchers();
  if (started.length === 0) return;
  let missed = false;
  const timer = setInterval(() => {
    if (hungUp) return clearInterval(timer);
    if (process.ppid === parent && started.every(({ pid }) => isRunning(pid))) return;
    if (!missed) return void (missed = true); // what ended them may be on its way here
    clearInterval(timer);
    endAsIf('SIGTERM');
  }, lookMilliseconds);
  timer.unref();
}

function heeded(): readonly (typeof signals)[number][] {
  return startedByNohup() ? ['SIGINT', 'SIGTERM'] : signals;
}

/**
 * Ends the process quietly when the program that reads its output has ended, as `head` does after ten lines, but lets it
 * go on when its terminal was closed.
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

/** As `exitAfterOutput`, where nothing may happen meanwhile. */
export function endAfterOutput(code: number): Promise<never> {
  exitAfterOutput(code);
  return new Promise(() => {});
}

/** Ends the process once all that was written has been read: Node would drop what does not fit in a pipe. */
export function exitAfterOutput(code: number): void {
  process.exitCode = code;
  process.stdout.write('', () => process.stderr.write('', () => process.exit(code)));
}
