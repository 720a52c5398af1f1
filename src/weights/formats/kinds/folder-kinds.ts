/** Detects what kind of folder was given in place of a file of weights. */
import { printable } from '../../../core/errors';
import { join } from 'node:path';
import type { FileKind } from './file-kinds';

const weights = /\.(?:safetensors|pth|pt|pth\.tar|ckpt|h5|hdf5|keras|caffemodel|bin)$/i;

/**
 * The kind of a folder that was given as a file of weights, by the names in it.
 * @param path the path as the user gave it, to which the advice appends names
 */
export function kindOfFolder(path: string, names: readonly string[]): Exclude<FileKind, { reader: unknown }> {
  const has = (name: string) => names.includes(name);
  const inside = (name: string) => join(path, printable(name));
  if (has('network.json'))
    return {
      what: 'a model’s folder, which is one already',
      advice: 'classify, evaluate, export and finetune take it as it is',
    };
  if (has('run.json'))
    return {
      what: 'a run’s folder, which needs no import',
      advice: 'classify, evaluate, export and finetune take it as it is',
    };
  if (has('saved_model.pb'))
    return {
      what: 'a SavedModel of TensorFlow',
      advice: 'in Python, load it and save it by model.save(….keras)',
    };
  for (const name of ['model.json', 'weights_manifest.json'])
    if (has(name)) return { what: 'a folder', advice: `give the ${inside(name)} in it`, is: 'files' };
  if (has('data.pkl'))
    return {
      what: 'an unpacked .pth',
      advice: 'pack its folder into a zip archive again, without compression',
    };
  if (names.some((name) => /\.ckpt.*\.index$|^variables\.index$/.test(name)) || has('checkpoint'))
    return {
      what: 'a checkpoint of TensorFlow',
      advice: 'in Python, load it and save it by model.save(….keras)',
    };
  const found = names.filter((name) => weights.test(name)).sort();
  if (found.length === 1)
    return { what: 'a folder', advice: `give the file in it: ${inside(found[0]!)}`, is: 'files' };
  if (found.length > 1) {
    const more = found.length > 3 ? ', …' : '';
    return {
      what: `a folder with several files of weights`,
      advice: `give one of them: ${found.slice(0, 3).map(inside).join(', ')}${more}`,
      is: 'files',
    };
  }
  if (names.length === 0) return { what: 'an empty folder', is: 'folder' };
  return { what: 'a folder, not a file', is: 'folder' };
}
