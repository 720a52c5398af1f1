/** The files that a command created, in a form in which two processes that did the same can be compared. */
import { sha256Of } from '../../../src/core/io/hash';
import { readFile, readdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';

/** Fields that depend on the time, the speed or the place of a process, and digests of files with such fields. */
const passing = new Set([
  ...[
    'seconds',
    'trainingSeconds',
    'totalSeconds',
    'residentBytes',
    'peakBytes',
    'sessionBytes',
    'started',
    'made',
    'time',
  ],
  ...['digest', 'crc32'],
  ...['machine', 'command', 'commit', 'updatesPerSecond', 'imagesPerSecond', 'wall', 'sha256OfWeights'],
]);

/**
 * Digests of the files below a folder, by relative path; TensorBoard's files are left out because they are full of
 * times.
 */
export async function digestsBelow(folder: string): Promise<ReadonlyMap<string, string>> {
  const digests = new Map<string, string>();
  for (const name of (await readdir(folder, { recursive: true })).sort()) {
    const path = join(folder, name);
    if (basename(name).startsWith('events.out.') || !(await stat(path)).isFile()) continue;
    const content = await settled(path, folder);
    digests.set(name, sha256Of(content));
  }
  return digests;
}

/** Files and folders that should exist only while something is being written. */
export async function leftBelow(folder: string): Promise<readonly string[]> {
  const names = await readdir(folder, { recursive: true });
  return names.filter((name) => /(?:^|\/)\.making-|\.tmp$|\.lock$|\.partial\.jsonl$/.test(name));
}

async function settled(path: string, folder: string): Promise<string | Uint8Array> {
  const bytes = await readFile(path);
  if (path.endsWith('.safetensors')) return bytes.subarray(8 + Number(bytes.readBigUInt64LE())); // the header has times
  const text = () => bytes.toString('utf8').replaceAll(folder, 'OUT');
  if (path.endsWith('.json')) return withoutPassing(text());
  if (path.endsWith('.jsonl')) return text().trimEnd().split('\n').map(withoutPassing).join('\n');
  return bytes;
}

function withoutPassing(json: string): string {
  return JSON.stringify(JSON.parse(json), (key, value: unknown) => (passing.has(key) ? undefined : value));
}
