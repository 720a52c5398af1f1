/** The processes that started this one: npm, its shell and tsx, as the system lists them. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** A process as the system lists it. */
export interface ListedProcess {
  readonly pid: number;
  readonly parent: number;
  /** Its command line, or the title that it gives itself: `npm run train lenet5`. */
  readonly line: string;
}

/** npm runs a shell, which runs tsx, which runs this. */
const mostBetween = 4;

/** npm, npx, pnpm and yarn, recognised by their process titles and by the file that Node runs. */
const manager =
  /^(?:\S*node(?:\.exe)? )?(?:\S*[\\/])?(?:npm|npx|pnpm|pnpx|yarn)(?:-cli|pkg)?(?:\.c?js)?(?: |$)/;
const runner = /[\\/]tsx(?:[\\/]|\s|$)/;

/**
 * The programs that started this one and have no other purpose, beginning with this process's parent. The list ends
 * with npm if npm is among them, otherwise with tsx. Once they have ended, no signal reaches this process through them.
 */
export function launchers(): readonly ListedProcess[] {
  const found: ListedProcess[] = [];
  for (const listed of ancestors()) {
    if (listed.pid === 1) break;
    found.push(listed);
    if (manager.test(listed.line)) return found;
  }
  return found.slice(0, 1).filter(({ line }) => runner.test(line));
}

const shell = /^(?:\S*[\\/])?(?:ba|da|z|k)?sh(?: |$)/;
/** The process that adopts processes whose parent has ended. */
const reaper = /^(?:\S*[\\/])?(?:init|systemd)(?: |$)/;

/**
 * Whether npm started this process and has already ended, so that only its shell and tsx are left among the ancestors.
 * False where the system does not provide this information.
 */
export function outlivesManager(): boolean {
  for (const { pid, line } of ancestors()) {
    if (manager.test(line)) return false;
    if (pid === 1 || reaper.test(line)) return true;
    if (!shell.test(line) && !runner.test(line)) return false;
  }
  return false;
}

/** This process's parent, its parent, and so on, as far as the system lists them. */
function* ancestors(): Generator<ListedProcess> {
  let pid = process.ppid;
  for (let up = 0; up < mostBetween && pid > 0; up++) {
    const listed = processOf(pid);
    if (!listed) return;
    yield listed;
    pid = listed.parent;
  }
}

function processOf(pid: number): ListedProcess | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]); // the name before it may contain blanks
    const line = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replace(/\0+$/, '').replaceAll('\0', ' ');
    return { pid, parent, line };
  } catch {
    return listedByPs(pid);
  }
}

/** For systems without `/proc`. */
function listedByPs(pid: number): ListedProcess | undefined {
  try {
    const words = ['-o', 'ppid=', '-o', 'args=', '-p', String(pid)];
    const text = execFileSync('ps', words, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
    const [, parent, line] = /^\s*(\d+)\s+(.*)/.exec(text) ?? [];
    return parent === undefined ? undefined : { pid, parent: Number(parent), line: line! };
  } catch {
    return undefined;
  }
}
