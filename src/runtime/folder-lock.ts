/** A lock that one process holds, and that another takes over where its holder was killed. */
import { randomUUID } from 'node:crypto';
import { readFileSync, readlinkSync, rmSync } from 'node:fs';
import { open, readFile, realpath, rename, rm, stat, utimes } from 'node:fs/promises';
import { hostname } from 'node:os';
import { dirname, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { makeFolder } from '../core/io/files';
import { counted } from '../core/text/counted';
import { UserError, codeOf } from '../core/errors';
import { isRunning } from '../core/io/temporary-folder';

const heartbeatMilliseconds = 5_000;
/** Longer than any update: on another machine, only silence tells that a holder is gone. */
const silentMilliseconds = 10 * 60_000;
/** After so long without a sign, what looks like a copy of another machine's lock is one. */
const copiedMilliseconds = 60_000;

/**
 * Who holds a file: `host@pid`, then the machine's process numbers that it is one of, when it was started there, and the
 * file that it made: its inode, and its folder as JSON. Earlier releases wrote no file.
 */
interface Holder {
  readonly name: string;
  readonly host: string;
  readonly pid: number;
  readonly numbers: string;
  readonly started: string;
  readonly made?: { readonly inode: string; readonly folder: string };
}

/** The locks that this process holds, by their paths, with what it wrote there. */
const held = new Map<string, { readonly beat: NodeJS.Timeout; readonly own: string }>();

/**
 * Holds a lock for this process alone, until it is given back or the process ends. That of a process that was killed is
 * taken over, and so is one that was copied with its folder. Where a file cannot be written there is nothing to guard, and nothing is done.
 * @param lock the path of its file, in a folder that is made where it is not there
 * @param what is done there, such as `training`
 * @throws UserError that names the other process that holds it
 */
export async function hold(lock: string, what: string): Promise<() => Promise<void>> {
  const path = resolve(lock);
  if (held.has(path)) return async () => {};
  let own: string | undefined;
  try {
    await makeFolder(dirname(path));
    for (let removed = 0; (own = await taken(path)) === undefined;) {
      const holder = await holderOf(path);
      if (!holder) {
        await sleep(20); // given back meanwhile, or not written yet
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
      // taken away by somebody else
    }
  }
}

/** @returns what this process wrote there; undefined where there was one */
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
  // Its process was killed between making the file and writing its name.
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

/** Whether a holder no longer runs on this machine, has long been silent on another, or holds a file that this is a copy of. */
async function isGone(path: string, holder: Holder): Promise<boolean> {
  const { host, pid, numbers, started } = holder;
  if (pid === 0) return true;
  const isCopy = await isCopied(path, holder);
  if (isHere(host, numbers)) {
    if (isCopy || pid === process.pid) return true; // or an earlier process of the same number
    return !isRunning(pid) || (startOf(pid) ?? started) !== started;
  }
  return (await silence(path)) > (isCopy ? copiedMilliseconds : silentMilliseconds);
}

function isHere(host: string, numbers: string): boolean {
  return host === hostname() && numbers === processNumbers();
}

/**
 * Whether it is another file than its holder made, in another folder. One that was moved is still the same file; and some
 * network's disks number files anew, but not in their own folder.
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

/** Milliseconds since a holder last touched its file; 0 where it is not there any more. */
async function silence(path: string): Promise<number> {
  return stat(path).then(
    ({ mtimeMs }) => Date.now() - mtimeMs,
    () => 0,
  );
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
  return `${hostname()}@${process.pid} ${processNumbers()} ${startOf(process.pid) ?? '-'}`;
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
