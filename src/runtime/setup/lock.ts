/** The lock that lets one process at a time set TensorFlow up in a folder. */
import { lutimes, lstat, readlink, rename, rm, symlink } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { makeFolder } from '../../core/io/files';
import { codeOf } from '../../core/errors';
import { isRunning } from '../../core/io/temporary-folder';

const heartbeatMilliseconds = 2_000;
const silentMilliseconds = 60_000;

/**
 * Runs `work` while holding the lock of `folder`, after waiting for another process that holds it.
 * `onWait` is called once, with the holder's name, if it has to wait.
 *
 * The lock is a symbolic link whose target names its holder, so that both appear in one step. A lock
 * whose holder died is taken over. The lock only avoids duplicate work: the work is also safe without it.
 */
export async function withLock<T>(
  folder: string,
  onWait: (holder: string) => void,
  work: () => Promise<T>,
): Promise<T> {
  await makeFolder(folder);
  const lock = join(folder, 'setup.lock');
  const own = `${hostname()}@${process.pid}`;
  let waited = false;
  while (!(await taken(lock, own))) {
    const holder = await readlink(lock).catch(() => null);
    if (holder === null) continue;
    if (await isStale(lock, holder)) {
      await rename(lock, `${lock}.${process.pid}`).catch(() => {});
      await rm(`${lock}.${process.pid}`, { force: true });
      continue;
    }
    if (!waited) onWait(holder);
    waited = true;
    await sleep(200);
  }
  const beat = setInterval(
    () => void lutimes(lock, new Date(), new Date()).catch(() => {}),
    heartbeatMilliseconds,
  );
  try {
    return await work();
  } finally {
    clearInterval(beat);
    if ((await readlink(lock).catch(() => null)) === own) await rm(lock, { force: true });
  }
}

async function taken(lock: string, own: string): Promise<boolean> {
  try {
    await symlink(own, lock);
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  }
}

/** A lock is stale when its holder no longer runs on this machine, or has not touched it for a minute. */
async function isStale(lock: string, holder: string): Promise<boolean> {
  const [host, pid] = holder.split('@');
  if (host === hostname() && !isRunning(Number(pid))) return true;
  const touched = await lstat(lock).then(
    ({ mtimeMs }) => mtimeMs,
    () => Date.now(),
  );
  return Date.now() - touched > silentMilliseconds;
}
