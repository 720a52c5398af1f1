import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { zoo, type NetworkName } from '../models/registry';
import { UserError } from '../src/errors';
import { browserFiles } from '../src/runtime/browser-files';
import { kerasFile } from '../src/train/export-keras';
import { safetensorsFile } from '../src/train/export-safetensors';
import { exportTfjs } from '../src/train/export-tfjs';
import type { TrainedModel } from '../src/train/trained-model';
import { writeFileAtomically } from '../src/weights/atomic-file';
import { newFolder } from './new-folder';

export const exportFormats = ['tfjs', 'safetensors', 'keras'] as const;
export type ExportFormat = (typeof exportFormats)[number];

/** Keras tells its layouts apart by a file's name. */
export function expectExportName(format: ExportFormat, out: string): void {
  if (format !== 'keras' || (out.endsWith('.h5') && !out.endsWith('.weights.h5'))) return;
  throw new UserError(`--out ${out}: expected a name that ends in .h5, and not in .weights.h5, for Keras`);
}

/**
 * Writes a model in a format, atomically.
 * @returns how to open it, in one line
 */
export async function writeExport(format: ExportFormat, out: string, trained: TrainedModel): Promise<string> {
  switch (format) {
    case 'tfjs':
      await newFolder(out, (folder) => exportTfjs(folder, trained, browserFiles));
      return `npx http-server ${out}, then /classify.html; in code, tf.loadGraphModel('model.json')`;
    case 'safetensors':
      await writeFileAtomically(out, await safetensorsFile(trained));
      return `any safetensors library, or npm run import -- ${out} --network ${trained.network} --classes ${trained.model.outputs[0]!.shape.at(-1)} --out DIR`;
    case 'keras': {
      const { bytes, blueFirst } = await kerasFile(trained, zoo[trained.network as NetworkName]);
      await writeFileAtomically(out, bytes);
      return `keras.models.load_model('${out}'), with images ${blueFirst ? 'blue' : 'red'} first`;
    }
    default:
      return format satisfies never;
  }
}

/** Of a file, or of the files in a folder. */
export async function bytesAt(path: string): Promise<number> {
  const facts = await stat(path);
  if (!facts.isDirectory()) return facts.size;
  const inside = await Promise.all((await readdir(path)).map((name) => stat(join(path, name))));
  return inside.reduce((sum, { size }) => sum + size, 0);
}
