import { constants } from 'node:os';
import { isRunning } from '../src/runtime/cache';
import { launchers, outlivesManager } from './launchers';
import { isRunByNpm } from './npm-run';
import { startedByNohup } from './started-by-nohup';

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** A second signal ends the process at once, but not one that npm or tsx passes on besides the terminal. */
const sameMilliseconds = 1000;

/** How often to look whether npm is still there. */
const lookMilliseconds = 500;

/** Asks the work that is under way to save and end; nothing where no work does that. */
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
