/** Whether whoever started this program wanted it to outlive the terminal: `nohup`, or a shell that ignores the hang-up. */
import { constants as fileConstants, readFileSync, readlinkSync } from 'node:fs';
import { constants } from 'node:os';
import { basename } from 'node:path';
import { isatty } from 'node:tty';
import { launchers } from './launchers';

let known: boolean | undefined;

/**
 * Node heeds SIGHUP again in npm, tsx and here, though `nohup` had it ignored. What is left of that is what surrounds
 * them; it is looked at once, while those that started this are still there.
 */
export function startedByNohup(): boolean {
  known ??= ignoresHangUp(starter().parent) || hasNohupsInput() || isNohupsCommand(starter().pid);
  return known;
}

/** What the user started, npm or this program itself, and who started it: a shell, most often. */
function starter(): { readonly pid: number; readonly parent: number } {
  return launchers().at(-1) ?? { pid: process.pid, parent: process.ppid };
}

/** A script that `nohup` runs hands the ignored signal on to all that it starts. */
function ignoresHangUp(pid: number): boolean {
  const [, ignored] = /^SigIgn:\s*([0-9a-f]+)$/m.exec(contentOf(`/proc/${pid}/status`)) ?? [];
  return (
    ignored !== undefined && ((BigInt(`0x${ignored}`) >> BigInt(constants.signals.SIGHUP - 1)) & 1n) === 1n
  );
}

/** GNU's `nohup` puts a standard input that cannot be read in the terminal's place. */
function hasNohupsInput(): boolean {
  const [, flags] = /^flags:\s*(\d+)/m.exec(contentOf('/proc/self/fdinfo/0')) ?? [];
  return (parseInt(flags ?? '0', 8) & 3) === fileConstants.O_WRONLY;
}

/**
 * Shells say in `_` which program they start, and `nohup` itself leaves it as it is. A shell within, that does not say it,
 * hands an old one on: but of `nohup` no output goes to a terminal.
 */
function isNohupsCommand(pid: number): boolean {
  if (isatty(1) || isatty(2)) return false;
  const environment = contentOf(`/proc/${pid}/environ`);
  const started = environment === '' ? process.env['_'] : /(?:^|\0)_=([^\0]*)/.exec(environment)?.[1];
  return (
    basename(started ?? '') === 'nohup' || [1, 2].some((output) => basename(fileOf(output)) === 'nohup.out')
  );
}

/** Empty where there is no such file, as outside of Linux, or it is another user's. */
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
