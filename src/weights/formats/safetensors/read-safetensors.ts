/** Reads safetensors files from the disk. */
import { readFile } from 'node:fs/promises';
import { UserError, codeOf, messageOf } from '../../../core/errors';
import { parseSafetensors, type Safetensors } from './safetensors';

/**
 * Reads a file; see `parseSafetensors`.
 * @param source a path, or the file's bytes, whose memory the tensors may share
 * @param where names the file in error messages
 * @throws UserError when the file is missing, damaged or of an unsupported type
 */
export async function readSafetensors(source: string | Uint8Array, where?: string): Promise<Safetensors> {
  if (typeof source !== 'string') return parseSafetensors(source, where);
  return parseSafetensors(await bytesOf(source), where ?? source);
}

async function bytesOf(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (error) {
    if (codeOf(error) === undefined) throw error;
    throw new UserError(`expected a safetensors file at ${path}: ${messageOf(error)}`);
  }
}
