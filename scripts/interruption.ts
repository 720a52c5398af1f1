import { constants as fileConstants, readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { isRunning } from '../src/runtime/cache';
import { launchers } from './launchers';

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
 * started by `nohup`, or on its own by Node, goes on until it is done.
 */
export function endWithLaunchers(): void {
  if (startedByNohup()) return void process.on('SIGHUP', () => {}); // Node heeds it again, though nohup ignored it
  const parent = process.ppid;
  const started = launchers();
  if (started.length === 0) return;
  const timer = setInterval(() => {
    if (process.ppid === parent && started.every(({ pid }) => isRunning(pid))) return;
    clearInterval(timer);
    endAsIf('SIGTERM');
  }, lookMilliseconds);
  timer.unref();
}

function heeded(): readonly (typeof signals)[number][] {
  return startedByNohup() ? ['SIGINT', 'SIGTERM'] : signals;
}

/** GNU's `nohup` puts a standard input that cannot be read in the terminal's place. */
function startedByNohup(): boolean {
  try {
    const [, flags] = /^flags:\s*(\d+)/m.exec(readFileSync('/proc/self/fdinfo/0', 'utf8')) ?? [];
    return (parseInt(flags ?? '0', 8) & 3) === fileConstants.O_WRONLY;
  } catch {
    return false;
  }
}
