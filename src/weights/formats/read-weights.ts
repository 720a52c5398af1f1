/** Reads a weights file of any toolkit; the format is detected from its content. */
import { option } from '../../core/text/wording';
import { open, readFile, readdir, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { UserError, codeOf, messageOf, printable } from '../../core/errors';
import { readCaffemodel } from './caffemodel';
import {
  beginningLength,
  kindOfArchive,
  kindOfFile,
  kindText,
  type FileKind,
  type Outline,
} from './kinds/file-kinds';
import { kindOfFolder } from './kinds/folder-kinds';
import type { ForeignWeights } from './foreign-weights';
import { readKerasArchive, readKerasHdf5 } from './keras/keras';
import { readPth } from './torch/pth';
import { foreignSafetensors } from './safetensors/foreign-safetensors';
import { describedTensors } from './safetensors/safetensors';
import { readOnnx } from './onnx/onnx';
import { readTfjs } from './tfjs/tfjs';
import { readZip } from './zip';

/**
 * Reads a weights file of any toolkit. The format is detected from the content, not from the name.
 * @param path the path of the file; for a TensorFlow.js model, of its `model.json`
 * @throws UserError when the file does not exist, has an unknown format (the message names its kind) or is damaged
 */
export async function readForeign(path: string): Promise<ForeignWeights> {
  const kind = await kindOfPath(path);
  if (!('reader' in kind)) return refuse(path, kind);
  switch (kind.reader) {
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
    case 'onnx':
      return readOnnx(await contentOf(path), path);
    default:
      return kind.reader satisfies never;
  }
}

/**
 * The kind of file at a path.
 * @throws UserError when there is none, or it cannot be read
 */
export async function kindOfPath(path: string): Promise<FileKind> {
  if (/^[a-z][a-z0-9+.-]+:\/\//i.test(path))
    return {
      what: 'an address',
      advice: `fetch the file first; importing with ${option('download')} fetches those that are listed`,
    };
  return unlessMissing(path, async () => {
    const facts = await stat(path);
    if (facts.isDirectory()) return kindOfFolder(path, await readdir(path));
    if (!facts.isFile()) return { what: 'neither a file nor a folder' };
    return kindOfFile(await outlineOf(path));
  });
}

function refuse(path: string, kind: FileKind): never {
  const folder = 'is' in kind && kind.is === 'folder';
  const toolkits = folder ? '' : ' of Caffe, PyTorch, Keras, TensorFlow.js, ONNX or safetensors';
  throw new UserError(`${path}: expected a file of weights${toolkits}, found ${kindText(kind)}`);
}

async function outlineOf(path: string): Promise<Outline> {
  const file = await open(path);
  try {
    const { size } = await file.stat();
    const part = async (length: number, from: number) => {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, Math.max(0, from));
      return buffer.subarray(0, bytesRead);
    };
    return {
      name: basename(path),
      size,
      beginning: await part(beginningLength, 0),
      end: await part(8, size - 8),
    };
  } finally {
    await file.close();
  }
}

/** Reports errors of the file system as errors of the user. */
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

/** Reads an archive of PyTorch or Keras. */
async function fromArchive(file: Uint8Array, path: string): Promise<ForeignWeights> {
  const names = [...readZip(file, path).keys()];
  if (names.includes('config.json') && names.includes('model.weights.h5'))
    return readKerasArchive(file, path);
  if (names.some((name) => name.endsWith('data.pkl'))) return readPth(file, path);
  return refuse(path, kindOfArchive(names.map(printable)));
}

function fromSafetensors(file: Uint8Array, path: string): ForeignWeights {
  const { tensors, metadata } = describedTensors(file, path);
  const own = keptByRun(
    tensors.map(({ name }) => name),
    metadata,
  );
  return own ? refuse(path, own) : foreignSafetensors(file, path);
}

/**
 * The kind of a file that runs of this project keep besides their records, and that is not a weights file for import.
 */
function keptByRun(
  names: readonly string[],
  metadata: Readonly<Record<string, string>>,
): FileKind | undefined {
  const checkpoint = Object.hasOwn(metadata, 'progress') && names.some((name) => name.startsWith('weights/'));
  if (!checkpoint && !/^\[(\{"kind":|\])/.test(metadata['preprocess'] ?? '')) return undefined;
  return {
    what: checkpoint
      ? 'the checkpoint of a run of this project’s'
      : 'what the preprocessing of a run or model of this project’s took from its training set',
    advice: `give ${checkpoint ? 'the run’s folder' : 'the folder that it lies in'} to classify, evaluate, export or finetune`,
  };
}
