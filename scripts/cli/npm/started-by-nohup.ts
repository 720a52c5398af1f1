/** Whether this program was meant to outlive the terminal: started by `nohup`, or by a shell that ignores SIGHUP. */
import { constants as fileConstants, readFileSync, readlinkSync } from 'node:fs';
import { constants } from 'node:os';
import { basename } from 'node:path';
import { isatty } from 'node:tty';
import { launchers } from './launchers';

let known: boolean | undefined;

/**
 * Node handles SIGHUP again in npm, in tsx and here, even if `nohup` made it ignored. The only traces left of `nohup`
 * are in the processes around them. They are examined once, while the launchers are still running.
 */
export function startedByNohup(): boolean {
  known ??= ignoresHangUp(starter().parent) || hasNohupsInput() || isNohupsCommand(starter().pid);
  return known;
}

/** The process that the user started, npm or this program itself, and its parent, which is usually a shell. */
function starter(): { readonly pid: number; readonly parent: number } {
  return launchers().at(-1) ?? { pid: process.pid, parent: process.ppid };
}

/** A script that `nohup` runs passes the ignored signal on to every process that it starts. */
function ignoresHangUp(pid: number): boolean {
  const [, ignored] = /^SigIgn:\s*([0-9a-f]+)$/m.exec(contentOf(`/proc/${pid}/status`)) ?? [];
  return (
    ignored !== undefined && ((BigInt(`0x${ignored}`) >> BigInt(constants.signals.SIGHUP - 1)) & 1n) === 1n
  );
}

/** GNU's `nohup` replaces a terminal as standard input by a file that cannot be read. */
function hasNohupsInput(): boolean {
  const [, flags] = /^flags:\s*(\d+)/m.exec(contentOf('/proc/self/fdinfo/0')) ?? [];
  return (parseInt(flags ?? '0', 8) & 3) === fileConstants.O_WRONLY;
}

/**
 * Shells set `_` to the program that they start, and `nohup` itself leaves it unchanged. A nested shell that does not
 * set `_` passes on an old value; but under `nohup` no output goes to a terminal.
 */
function isNohupsCommand(pid: number): boolean {
  if (isatty(1) || isatty(2)) return false;
  const environment = contentOf(`/proc/${pid}/environ`);
  const started = environment === '' ? process.env['_'] : /(?:^|\0)_=([^\0]*)/.exec(environment)?.[1];
  return (
    basename(started ?? '') === 'nohup' || [1, 2].some((output) => basename(fileOf(output)) === 'nohup.out')
  );
}

/** Empty if there is no such file, as on systems other than Linux, or if it belongs to another user. */
function contentOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

function fileOf(descriptor: number): string {
  try {
    return readlinkSync(`/proc/self/fd/${descriptor}`);
  } catch {
    return '';
  }
}
