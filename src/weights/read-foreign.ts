import { open, readFile } from 'node:fs/promises';
import { UserError, codeOf, messageOf } from '../errors';
import { readCaffemodel } from './caffemodel';
import type { ForeignWeights } from './foreign-weights';
import { readKerasArchive, readKerasHdf5 } from './keras';
import { readPth } from './pth';
import { describedTensors } from './safetensors';
import { readTfjs } from './tfjs';
import { readZip } from './zip';

/**
 * Reads a file of weights of any toolkit. Its beginning says what it is, not its name.
 * @param path of the file; of a TensorFlow.js model, of its `model.json`
 * @throws UserError when there is no such file, it is of none of the formats, or damaged
 */
export async function readForeign(path: string): Promise<ForeignWeights> {
  const beginning = await unlessMissing(path, () => beginningOf(path));
  const kind = kindOf(beginning);
  if (!kind)
    throw new UserError(
      `${path}: expected a file of weights of Caffe, PyTorch, Keras, TensorFlow.js or safetensors, found another`,
    );
  switch (kind) {
    case 'caffemodel':
      return readCaffemodel(await contentOf(path), path);
    case 'pth':
      return readPth(await contentOf(path), path);
    case 'zip':
      return fromArchive(await contentOf(path), path);
    case 'safetensors':
      return fromSafetensors(await contentOf(path), path);
    case 'hdf5':
      return readKerasHdf5(path);
    case 'json':
      return readTfjs(path);
    default:
      return kind satisfies never;
  }
}

type Kind = 'caffemodel' | 'pth' | 'zip' | 'safetensors' | 'hdf5' | 'json';

function kindOf(beginning: Uint8Array): Kind | undefined {
  const begins = (...bytes: number[]) => bytes.every((byte, at) => beginning[at] === byte);
  // A length of eight bytes, which may begin as any other kind does, and an object of JSON.
  if (beginning[6] === 0 && beginning[7] === 0 && beginning[8] === 0x7b) return 'safetensors';
  if (begins(0x50, 0x4b)) return 'zip';
  if (begins(0x80)) return 'pth'; // a pickle
  if (begins(0x89, 0x48, 0x44, 0x46)) return 'hdf5';
  if (begins(0x7b) || begins(0x5b)) return 'json';
  // The first fields of a NetParameter: its name, a layer of either kind, what it reads.
  if ([0x0a, 0x12, 0x1a, 0x20, 0x28, 0x32, 0x38, 0x42].includes(beginning[0]!) || begins(0xa2, 0x06))
    return 'caffemodel';
  return undefined;
}

async function beginningOf(path: string): Promise<Uint8Array> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(16), 0, 16, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

/** What the file system says is the user's to mend. */
async function unlessMissing<T>(path: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (codeOf(error) === undefined) throw error;
    throw new UserError(`${path}: expected a file of weights, found ${messageOf(error)}`);
  }
}

function contentOf(path: string): Promise<Uint8Array> {
  return unlessMissing(path, () => readFile(path));
}

/** PyTorch's or Keras's. */
async function fromArchive(file: Uint8Array, path: string): Promise<ForeignWeights> {
  return readZip(file, path).has('config.json') ? readKerasArchive(file, path) : readPth(file, path);
}

function fromSafetensors(file: Uint8Array, path: string): ForeignWeights {
  const { tensors, metadata } = describedTensors(file, path);
  // Files of this project's, exported or a model folder's, say which network's they are and where its weights are from.
  const network = Object.hasOwn(metadata, 'source') ? metadata['network'] : undefined;
  return {
    format: 'safetensors',
    ...(network !== undefined && { network }),
    tensors: tensors.map(({ name, shape, read }) => ({
      name,
      shape,
      values: () => new Float32Array(read().data),
    })),
  };
}
