/** Writes a trained model as files for TensorFlow.js, for Keras, or as safetensors. */
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { zoo, type NetworkName } from '../../models/registry';
import { UserError } from '../../src/core/errors';
import { pathWord, shellWords } from '../../src/core/text/shell-words';
import { kerasFile } from '../../src/weights/export/keras/keras';
import { safetensorsFile } from '../../src/weights/export/safetensors';
import { browserFiles, exportTfjs, stepsOutside } from '../../src/weights/export/tfjs';
import { imageWords } from '../../src/weights/export/image-words';
import { scoreKind, scoreWords } from '../../src/core/score-kind';
import type { TrainedModel } from '../../src/weights/trained-model';
import { writeFileAtomically, newFolder } from '../../src/core/io/files';
import { countingWeights, weightsText } from '../../src/weights/not-loaded';
import { expectEnding } from '../cli/options/shared-options';
import { commandToCopy } from '../cli/npm/npm-run';

export const exportFormats = ['tfjs', 'safetensors', 'keras'] as const;
export type ExportFormat = (typeof exportFormats)[number];

/** Checks that the file name fits the format; Keras tells its own layouts apart by the file name. */
export function expectExportName(format: ExportFormat, out: string): void {
  if (format === 'safetensors') expectEnding('--out', out, '.safetensors');
  if (format === 'tfjs' && /\.(?:h5|keras|safetensors|json|zip)$/.test(out))
    throw new UserError(`--out ${out}: expected a folder for TensorFlow.js, found the name of a file`);
  if (format !== 'keras' || (out.endsWith('.h5') && !out.endsWith('.weights.h5'))) return;
  throw new UserError(`--out ${out}: expected a name that ends in .h5, and not in .weights.h5, for Keras`);
}

/** How to use the exported files, one line for each item. */
export interface ExportNotes {
  /** How to open the export. */
  readonly opening: string;
  readonly scores: string;
  /** How to prepare images for it, and where the export itself describes that. */
  readonly images: string;
}

/** Writes a model in a given format, atomically. */
export async function writeExport(
  format: ExportFormat,
  out: string,
  trained: TrainedModel,
): Promise<ExportNotes> {
  const scores = scoreWords[scoreKind(trained.recipe.loss)];
  switch (format) {
    case 'tfjs': {
      const steps = stepsOutside(trained);
      await newFolder(out, (folder) => exportTfjs(folder, trained, browserFiles));
      return {
        opening: `${shellWords(['npx', 'http-server', pathWord(out)])}, then /classify.html; in code, tf.loadGraphModel('model.json')`,
        scores,
        images: `${imageWords(trained, { steps })} (in model.json: userDefinedMetadata)`,
      };
    }
    case 'safetensors':
      await writeFileAtomically(out, await safetensorsFile(trained));
      return {
        opening: `any safetensors library, or ${again(out, trained)}`,
        scores,
        images: `${imageWords(trained)} (in the file: its metadata)`,
      };
    case 'keras': {
      const network = zoo[trained.network as NetworkName];
      const { bytes, outputs, blueFirst, since } = await kerasFile(trained, network);
      await writeFileAtomically(out, bytes);
      return {
        opening: `keras.models.load_model(${pythonText(out)}), in Keras ${since === 3 ? '3' : '2 or 3'}`,
        scores: `${outputs > 1 ? `the first of ${outputs} outputs: ` : ''}${scores}`,
        images: `${imageWords(trained, { blueFirst })} (in the file: its attribute cnn_lineage)`,
      };
    }
    default:
      return format satisfies never;
  }
}

/** What became of weights that were neither loaded nor trained. */
export interface Drawn {
  /** Weights that are not in the file. */
  readonly leftOut?: readonly string[];
  /** Weights that are in the file because the answers depend on them; the file lists them. */
  readonly notLoaded?: readonly string[];
}

/** safetensors may omit any weight; the other formats contain a graph, without the heads that evaluation drops. */
export function drawnIn(format: ExportFormat, { model, notLoaded = [] }: TrainedModel): Drawn {
  const kept = format === 'safetensors' ? [] : countingWeights(model, notLoaded);
  const leftOut = notLoaded.filter((name) => !kept.includes(name));
  return {
    ...(leftOut.length > 0 && { leftOut }),
    ...(kept.length > 0 && { notLoaded: kept }),
  };
}

export function drawnLines({ leftOut = [], notLoaded = [] }: Drawn): readonly string[] {
  const why = 'neither loaded nor trained, but drawn at random';
  return [
    ...(leftOut.length > 0 ? [`left out: ${weightsText(leftOut)}, ${why}`] : []),
    ...(notLoaded.length > 0
      ? [`marked in it: ${weightsText(notLoaded)}, ${why}; its answers depend on them`]
      : []),
  ];
}

function again(out: string, { network, model }: TrainedModel): string {
  const classes = String(model.outputs[0]!.shape.at(-1));
  return commandToCopy('import', pathWord(out), '--network', network, '--classes', classes, '--out', 'DIR');
}

function pythonText(text: string): string {
  const control = (letter: string) => `\\x${letter.charCodeAt(0).toString(16).padStart(2, '0')}`;
  return `'${text.replaceAll(/['\\]/g, '\\$&').replaceAll(/[\0-\x1f\x7f]/g, control)}'`;
}

/** The size of a file, or of the files in a folder. */
export async function bytesAt(path: string): Promise<number> {
  const facts = await stat(path);
  if (!facts.isDirectory()) return facts.size;
  const inside = await Promise.all((await readdir(path)).map((name) => stat(join(path, name))));
  return inside.reduce((sum, { size }) => sum + size, 0);
}
