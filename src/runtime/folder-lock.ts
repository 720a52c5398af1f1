/** A lock that one process holds, and that another process takes over if the holder was killed. */
import { randomUUID } from 'node:crypto';
import { readFileSync, readlinkSync, rmSync } from 'node:fs';
import { open, readFile, realpath, rename, rm, stat, utimes } from 'node:fs/promises';
import { hostname } from 'node:os';
import { dirname, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { makeFolder } from '../core/io/files';
import { counted } from '../core/text/counted';
import { UserError, codeOf } from '../core/errors';
import { isRunning, statusFields } from '../core/io/temporary-folder';

const heartbeatMilliseconds = 5_000;
/** Longer than any update takes: on another machine, only a lack of updates shows that a holder has ended. */
const silentMilliseconds = 10 * 60_000;
/** After this long without an update, an apparent copy of another machine's lock is treated as a copy. */
const copiedMilliseconds = 60_000;

/**
 * The holder of a lock: `host@pid`, then the id of its process namespace, its start time, and the lock file that it
 * made: the inode, and the folder as JSON. Earlier releases did not write the file.
 */
interface Holder {
  readonly name: string;
  readonly host: string;
  readonly pid: number;
  readonly numbers: string;
  readonly started: string;
  readonly made?: { readonly inode: string; readonly folder: string };
}

/** The locks that this process holds, by path, with the text that it wrote into each. */
const held = new Map<string, { readonly beat: NodeJS.Timeout; readonly own: string }>();

/**
 * Locks a path for this process alone, until the lock is released or the process ends. The lock of a killed process is
 * taken over, and so is one that was copied with its folder. If the file cannot be written, there is nothing to
 * protect, and nothing is done.
 * @param lock the path of the lock file; its folder is created if necessary
 * @param what the activity that needs the lock, such as `training`
 * @throws UserError that names the process that holds the lock; that may be this one
 */
export async function hold(lock: string, what: string): Promise<() => Promise<void>> {
  const path = resolve(lock);
  if (held.has(path))
    throw new UserError(`${dirname(lock)}: expected no other ${what} there, found one of this process`);
  let own: string | undefined;
  try {
    await makeFolder(dirname(path));
    for (let removed = 0; (own = await taken(path)) === undefined;) {
      const holder = await holderOf(path);
      if (!holder) {
        await sleep(20); // released in the meantime, or not written yet
        continue;
      }
      if (removed++ > 50 || !(await isGone(path, holder))) throw await isHeld(lock, what, holder);
      await removeOf(path, holder);
    }
  } catch (error) {
    const code = codeOf(error) ?? codeOf((error as Error).cause);
    if (['EACCES', 'EPERM', 'EROFS', 'ENOSYS', 'EOPNOTSUPP'].includes(code ?? '')) return async () => {};
    throw error;
  }
  const beat = setInterval(
    () => void utimes(path, new Date(), new Date()).catch(() => {}),
    heartbeatMilliseconds,
  );
  beat.unref();
  if (held.size === 0) process.on('exit', releaseAll);
  held.set(path, { beat, own });
  return () => release(path);
}

async function isHeld(lock: string, what: string, { host, pid, numbers }: Holder): Promise<UserError> {
  const expected = `${dirname(lock)}: expected no other ${what} there, found that of process ${pid} on ${host}`;
  if (isHere(host, numbers)) return new UserError(`${expected} (${lock}); wait for it or end it first`);
  const minutes = Math.floor((await silence(resolve(lock))) / 60_000);
  const ago = minutes < 1 ? 'less than a minute ago' : `${counted(minutes, 'minute')} ago`;
  return new UserError(
    `${expected}, whose last sign of life, the time of ${lock}, was ${ago}; wait for it or end it first, ` +
      `or remove that file if it is gone: without a sign it counts as gone after ${silentMilliseconds / 60_000} minutes`,
  );
}

async function release(path: string): Promise<void> {
  const { beat, own } = held.get(path) ?? {};
  clearInterval(beat);
  held.delete(path);
  if (held.size === 0) process.off('exit', releaseAll);
  if ((await readFile(path, 'utf8').catch(() => '')) === own) await rm(path, { force: true });
}

function releaseAll(): void {
  for (const [path, { own }] of held) {
    try {
      if (readFileSync(path, 'utf8') === own) rmSync(path, { force: true });
    } catch {
      // removed by another process
    }
  }
}

/** @returns the text that this process wrote into the lock; undefined if the lock already existed */
async function taken(path: string): Promise<string | undefined> {
  try {
    const file = await open(path, 'wx');
    try {
      const { ino } = await file.stat({ bigint: true });
      const own = `${ownName()} ${ino} ${JSON.stringify(await realpath(dirname(path)))}\n`;
      await file.writeFile(own);
      return own;
    } finally {
      await file.close();
    }
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return undefined;
    throw error;
  }
}

async function holderOf(path: string): Promise<Holder | undefined> {
  const name = await readFile(path, 'utf8').catch(() => '');
  const [, host, pid, numbers, started, inode, folder] =
    /^(\S+)@(\d+) (\S+) (\S+)(?: (\d+) (".*"))?\n$/.exec(name) ?? [];
  if (host !== undefined) {
    const made = inode !== undefined && { made: { inode, folder: unquoted(folder!) } };
    return { name, host, pid: Number(pid), numbers: numbers!, started: started!, ...made };
  }
  // Its process was killed between creating the file and writing its name.
  return (await silence(path)) > 10_000
    ? { name, host: 'nobody', pid: 0, numbers: '', started: '' }
    : undefined;
}

function unquoted(text: string): string {
  try {
    return JSON.parse(text) as string;
  } catch {
    return text;
  }
}

/**
 * Whether a holder has ended on this machine, has been silent for long on another, or is the holder of a lock that was
 * copied to this path.
 */
async function isGone(path: string, holder: Holder): Promise<boolean> {
  const { host, pid, numbers, started } = holder;
  if (pid === 0) return true;
  const isCopy = await isCopied(path, holder);
  if (isHere(host, numbers)) {
    if (isCopy || pid === process.pid) return true; // or an earlier process with the same number
    return !isRunning(pid) || (startOf(pid) ?? started) !== started;
  }
  return (await silence(path)) > (isCopy ? copiedMilliseconds : silentMilliseconds);
}

function isHere(host: string, numbers: string): boolean {
  return host === hostname() && numbers === processNumbers();
}

/**
 * Whether this is another file than the one its holder created, and in another folder. A file that was moved is still
 * the same file. Some network file systems renumber files, but not in the same folder.
 */
async function isCopied(path: string, { made }: Holder): Promise<boolean> {
  if (!made) return false;
  try {
    const { ino } = await stat(path, { bigint: true });
    return String(ino) !== made.inode && (await realpath(dirname(path))) !== made.folder;
  } catch {
    return false;
  }
}

/** Milliseconds since a holder last touched its file; 0 if the file no longer exists. */
async function silence(path: string): Promise<number> {
  return stat(path).then(
    ({ mtimeMs }) => Date.now() - mtimeMs,
    () => 0,
  );
}

/**
 * Removes the lock of a holder that has ended. If another process has created its own lock there, that one is restored.
 */
async function removeOf(path: string, { name }: Holder): Promise<void> {
  const aside = `${path}.${randomUUID()}`;
  await rename(path, aside).catch(() => {});
  const found = await readFile(aside, 'utf8').catch(() => name);
  if (found === name) await rm(aside, { force: true });
  else await rename(aside, path);
}

function ownName(): string {
  return `${hostname()}@${process.pid} ${processNumbers()} ${startOf(process.pid) ?? '-'}`;
}

/** The process namespace: containers on one machine number their processes independently. */
function processNumbers(): string {
  try {
    return readlinkSync('/proc/self/ns/pid');
  } catch {
    return '-';
  }
}

/** When a process started, if the system provides it: after a restart another process may have the same number. */
function startOf(pid: number): string | undefined {
  return statusFields(pid)?.[19];
}
