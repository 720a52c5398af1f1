/**
 * Reads weights in the format of TensorFlow.js: a `model.json`, or an older `weights_manifest.json`, that lists them,
 * and binary files next to it. Source: tfjs-core's io/types.ts and io/io_utils.ts.
 */
import { open, readFile, realpath, stat } from 'node:fs/promises';
import { dirname, isAbsolute, join, sep } from 'node:path';
import { bounds } from '../../../core/bounds';
import {
  UserError,
  codeOf,
  messageOf,
  printable,
  quoted,
  refusalOf,
  type Refuse,
} from '../../../core/errors';
import { kindOfJson, kindText } from '../kinds/file-kinds';
import { kerasArchitecture } from '../../architecture/keras/keras';
import type { ForeignTensor, ForeignWeights } from '../foreign-weights';
import { member, readJson } from '../../../core/io/json-text';
import { notLoadedKey, notLoadedNames } from '../../not-loaded';
import { tfjsEntry, type TfjsEntry } from './tfjs-entry';

/** A binary file, and the position of its bytes among those of its group. */
interface Shard {
  readonly path: string;
  readonly begin: number;
  readonly end: number;
}

/** Far more than any network has. */
const { tensors: mostTensors, shards: mostShards } = bounds.tfjs;

/**
 * Reads a layers model or a list of weights; numbers are read from the files on request. Names are those
 * in the file, which are Keras's or this project's.
 * @param path the path of the JSON file
 * @throws UserError when a file is missing, the JSON or a size does not conform to the format, or a path leads out of
 *   the
 *   folder
 */
export async function readTfjs(path: string): Promise<ForeignWeights> {
  const refuse = refusalOf(path);
  const json = readJson(await bytesOf(path), path);
  const manifest = Array.isArray(json) ? (json as readonly unknown[]) : member(json, 'weightsManifest');
  if (!Array.isArray(manifest)) {
    const members = typeof json === 'object' && json !== null ? Object.keys(json) : [];
    const found = members.includes('modelTopology') ? 'none' : kindText(kindOfJson(members));
    return refuse('a weightsManifest, as TensorFlow.js writes it', found);
  }
  const tensors = new Map<string, ForeignTensor>();
  for (const group of manifest as readonly unknown[]) {
    const { entries, paths } = groupOf(group, refuse);
    const shards = await shardsOf(dirname(path), paths, refuse);
    let begin = 0;
    for (const entry of entries) {
      const { name, shape, bytes, whole, decode } = entry;
      if (tensors.has(name)) refuse('every weight once', `two of ${quoted(name)}`);
      if (tensors.size === mostTensors) refuse(`at most ${mostTensors} weights`, 'more');
      const from = begin;
      tensors.set(name, {
        name,
        shape,
        ...(whole && { whole }),
        values: async () => decode(await rangeOf(shards, from, from + bytes, refuse)),
      });
      begin += bytes;
    }
    const found = shards.at(-1)?.end ?? 0;
    if (found !== begin)
      refuse(`${begin} bytes in ${quoted(paths.join(', '))}, as the shapes say`, String(found));
  }
  if (tensors.size === 0) refuse('weights', 'none');
  const topology = member(json, 'modelTopology');
  // The Python converter nests Keras's own description one level deeper.
  const architecture = kerasArchitecture(member(topology, 'model_config') ?? topology, refuse);
  const facts =
    member(json, 'generatedBy') === 'cnn-lineage' ? member(json, 'userDefinedMetadata') : undefined;
  const network = member(facts, 'network');
  const notLoaded = notLoadedNames(member(facts, notLoadedKey), refuse);
  return {
    format: 'tfjs',
    tensors: [...tensors.values()],
    ...(architecture && { architecture }),
    ...(typeof network === 'string' && { network, own: facts as Readonly<Record<string, unknown>> }),
    ...(notLoaded && { notLoaded }),
  };
}

async function bytesOf(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (error) {
    if (codeOf(error) === undefined) throw error;
    throw new UserError(`expected a model of TensorFlow.js at ${path}: ${messageOf(error)}`);
  }
}

function groupOf(
  group: unknown,
  refuse: Refuse,
): { entries: readonly TfjsEntry[]; paths: readonly string[] } {
  const [paths, weights] = [member(group, 'paths'), member(group, 'weights')];
  if (!Array.isArray(paths) || !Array.isArray(weights) || paths.length > mostShards)
    return refuse(
      `paths, at most ${mostShards}, and weights in each group of the weightsManifest`,
      'something else',
    );
  for (const path of paths as readonly unknown[]) {
    if (typeof path !== 'string' || !staysInside(path))
      refuse(
        'paths of files in the same folder',
        typeof path === 'string' ? quoted(path) : JSON.stringify(path).slice(0, 60),
      );
  }
  return { entries: weights.map((weight) => tfjsEntry(weight, refuse)), paths: paths as string[] };
}

/** Whether a path is valid within the folder on any system: other paths, and URLs, may lead elsewhere. */
function staysInside(path: string): boolean {
  const steps = path.split(/[/\\]/);
  return path !== '' && !isAbsolute(path) && !/[\\:\0]/.test(path) && !steps.includes('..');
}

/** Only the sizes of the files are checked here; nothing is read. */
async function shardsOf(folder: string, paths: readonly string[], refuse: Refuse): Promise<readonly Shard[]> {
  const shards: Shard[] = [];
  if (new Set(paths).size < paths.length) refuse('every file once in a group', 'one twice');
  for (const name of paths) {
    const path = join(folder, name);
    await expectInside(folder, name, refuse);
    const facts = await stat(path).catch((error: unknown) => refuse(`a file ${name}`, messageOf(error)));
    if (!facts.isFile()) refuse(`a file ${name}`, 'something else of that name');
    const begin = shards.at(-1)?.end ?? 0;
    shards.push({ path, begin, end: begin + facts.size });
  }
  return shards;
}

/**
 * A symbolic link among a model's files may lead to any file of this machine, whose bytes would then be read as
 * weights. Links in the path of the folder itself are allowed.
 */
async function expectInside(folder: string, name: string, refuse: Refuse): Promise<void> {
  const found = await realpath(join(folder, name)).catch((error: unknown) =>
    refuse(`a file ${name}`, messageOf(error)),
  );
  const root = await realpath(folder);
  if (found !== root && !found.startsWith(root.endsWith(sep) ? root : `${root}${sep}`))
    refuse(`a file ${name} in the model’s folder`, `a link that leads out of it, to ${printable(found)}`);
}

/** A range of bytes that lies in one file, or extends over several. */
async function rangeOf(
  shards: readonly Shard[],
  begin: number,
  end: number,
  refuse: Refuse,
): Promise<Uint8Array> {
  const bytes = new Uint8Array(end - begin);
  for (const shard of shards) {
    const [from, to] = [Math.max(begin, shard.begin), Math.min(end, shard.end)];
    if (from >= to) continue;
    const file = await open(shard.path);
    try {
      const { bytesRead } = await file.read(bytes, from - begin, to - from, from - shard.begin);
      if (bytesRead !== to - from) refuse(`${to - from} bytes in ${shard.path}`, String(bytesRead));
    } finally {
      await file.close();
    }
  }
  return bytes;
}
