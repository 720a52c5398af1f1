// A lock that one process holds, and that is taken over from one that was killed.
import { randomUUID } from 'node:crypto';
import { readFileSync, readlinkSync, rmSync } from 'node:fs';
import { mkdir, open, readFile, rename, rm, stat, utimes } from 'node:fs/promises';
import { hostname } from 'node:os';
import { dirname, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { UserError, codeOf } from '../errors';
import { isRunning } from './cache';

const heartbeatMilliseconds = 5_000;
/** Longer than any update: on another machine, only silence tells that a holder is gone. */
const silentMilliseconds = 10 * 60_000;

/** Who holds a file: `host@pid`, then the machine's process numbers that it is one of, and when it was started there. */
interface Holder {
  readonly name: string;
  readonly host: string;
  readonly pid: number;
  readonly numbers: string;
  readonly started: string;
}

/** The locks that this process holds, by their paths. */
const held = new Map<string, NodeJS.Timeout>();

/**
 * Holds a lock for this process alone, until it is given back or the process ends. That of a process that was killed is
 * taken over. Where a file cannot be written there is nothing to guard, and nothing is done.
 * @param lock the path of its file, in a folder that is made where it is not there
 * @param what is done there, such as `training`
 * @throws UserError that names the other process that holds it
 */
export async function hold(lock: string, what: string): Promise<() => Promise<void>> {
  const path = resolve(lock);
  if (held.has(path)) return async () => {};
  const own = ownName();
  try {
    await mkdir(dirname(path), { recursive: true });
    for (let attempt = 0; !(await taken(path, own)); attempt++) {
      const holder = await holderOf(path);
      if (holder && (attempt > 50 || !(await isGone(path, holder))))
        throw new UserError(
          `${dirname(lock)}: expected no other ${what} there, found that of process ${holder.pid} on ${holder.host}; ` +
            `wait for it or end it first`,
        );
      if (holder) await removeOf(path, holder);
      else await sleep(20); // given back meanwhile, or not written yet
    }
  } catch (error) {
    if (['EACCES', 'EPERM', 'EROFS', 'ENOSYS', 'EOPNOTSUPP'].includes(codeOf(error) ?? ''))
      return async () => {};
    throw error;
  }
  const beat = setInterval(
    () => void utimes(path, new Date(), new Date()).catch(() => {}),
    heartbeatMilliseconds,
  );
  beat.unref();
  if (held.size === 0) process.on('exit', releaseAll);
  held.set(path, beat);
  return () => release(path, own);
}

async function release(path: string, own: string): Promise<void> {
  clearInterval(held.get(path));
  held.delete(path);
  if (held.size === 0) process.off('exit', releaseAll);
  if ((await readFile(path, 'utf8').catch(() => '')) === own) await rm(path, { force: true });
}

function releaseAll(): void {
  const own = ownName();
  for (const path of held.keys()) {
    try {
      if (readFileSync(path, 'utf8') === own) rmSync(path, { force: true });
    } catch {
      // taken away by somebody else
    }
  }
}

/** @returns whether there was none, and now there is this process's */
async function taken(path: string, own: string): Promise<boolean> {
  try {
    const file = await open(path, 'wx');
    try {
      await file.writeFile(own);
    } finally {
      await file.close();
    }
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  }
}

async function holderOf(path: string): Promise<Holder | undefined> {
  const name = await readFile(path, 'utf8').catch(() => '');
  const [, host, pid, numbers, started] = /^(.+)@(\d+) (\S+) (\S+)\n$/.exec(name) ?? [];
  if (host !== undefined) return { name, host, pid: Number(pid), numbers: numbers!, started: started! };
  const age = await stat(path).then(
    ({ mtimeMs }) => Date.now() - mtimeMs,
    () => 0,
  );
  // Its process was killed between making the file and writing its name.
  return age > 10_000 ? { name, host: 'nobody', pid: 0, numbers: '', started: '' } : undefined;
}

/** Whether a holder no longer runs on this machine, or has long been silent on another. */
async function isGone(path: string, { host, pid, numbers, started }: Holder): Promise<boolean> {
  if (pid === 0) return true;
  if (host === hostname() && numbers === processNumbers()) {
    if (pid === process.pid) return true; // an earlier process of the same number
    return !isRunning(pid) || (startOf(pid) ?? started) !== started;
  }
  const touched = await stat(path).then(
    ({ mtimeMs }) => mtimeMs,
    () => Date.now(),
  );
  return Date.now() - touched > silentMilliseconds;
}

/** Removes the file of a holder that is gone, and puts back what another process has put in its place meanwhile. */
async function removeOf(path: string, { name }: Holder): Promise<void> {
  const aside = `${path}.${randomUUID()}`;
  await rename(path, aside).catch(() => {});
  const found = await readFile(aside, 'utf8').catch(() => name);
  if (found === name) await rm(aside, { force: true });
  else await rename(aside, path);
}

function ownName(): string {
  return `${hostname()}@${process.pid} ${processNumbers()} ${startOf(process.pid) ?? '-'}\n`;
}

/** Containers of one machine number their processes each for itself. */
function processNumbers(): string {
  try {
    return readlinkSync('/proc/self/ns/pid');
  } catch {
    return '-';
  }
}

/** When a process began, where the system tells: after a restart another may have its number. */
function startOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    return undefined;
  }
}
