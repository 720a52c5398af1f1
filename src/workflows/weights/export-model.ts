/** Writes a trained model as files for TensorFlow.js, as ONNX, for Keras, as safetensors, or as a page. */
import { readdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { UserError } from '../../core/errors';
import { pathWord, shellWords } from '../../core/text/shell-words';
import { kerasFile } from '../../weights/export/keras/keras';
import { isInGraph, onnxFile } from '../../weights/export/onnx/onnx';
import { weightTypes, type WeightsAs } from '../../weights/export/weight-types';
import { safetensorsFile } from '../../weights/export/safetensors';
import { exportTfjs, stepsOutside } from '../../weights/export/tfjs';
import { packageVersion } from '../data/found-path';
import { pageScripts } from './page-scripts';
import { imageWords } from '../../weights/export/image-words';
import { scoreKind, scoreWords } from '../../core/score-kind';
import type { TrainedModel } from '../../weights/trained-model';
import { writeFileAtomically, newFolder } from '../../core/io/files';
import { countingWeights } from '../../weights/not-loaded';
import { importCall, option } from '../../core/text/wording';
import { expectOneOf, expectOptions, expectText, type OptionNames } from '../../core/given/options';
import { exportFormats, type ExportFormat } from '../choices';
import {
  networkOf,
  openContext,
  workflowOptions,
  type Context,
  type WorkflowOptions,
  type Zoo,
} from '../context';
import { expectEnding } from '../data/found-path';
import { foundWeights } from '../trained/named-weights';
import { modelPage } from './playground/playground';
import { openFolder, type Opened } from '../trained/open-folder';

export interface ExportModelOptions extends WorkflowOptions {
  /**
   * TensorFlow.js in a folder with a page that classifies photos; ONNX, Keras or safetensors in a file; or a page that
   * shows what each layer computes.
   */
  readonly format: ExportFormat;
  /** The folder or file to make. */
  readonly out: string;
  /** A file of class names, one a line. Default: the names that the folder keeps. */
  readonly labels?: string | undefined;
  /**
   * The type of the kernels in the file: `float16` for TensorFlow.js, ONNX and safetensors, `int8` for TensorFlow.js and
   * ONNX. Default: float32.
   */
  readonly weightsAs?: WeightsAs | undefined;
}

const names: OptionNames<ExportModelOptions> = {
  format: 'required',
  out: 'required',
  labels: 'optional',
  weightsAs: weightTypes,
  ...workflowOptions,
};

/** What was exported, and how it is used. */
export interface ExportedModel extends Drawn {
  readonly format: ExportFormat;
  readonly weightsAs: WeightsAs;
  readonly out: string;
  readonly bytes: number;
  readonly network: string;
  readonly source: TrainedModel['source'];
  /** How to open it. */
  readonly opening: string;
  /** What its scores mean. */
  readonly scores: string;
  /** How images are prepared for it. */
  readonly images: string;
}

/**
 * Writes a trained model for TensorFlow.js, as ONNX, for Keras, or as safetensors.
 * @param folder the folder of a run or a model, or a name that `loadPretrained` takes
 * @throws UserError if the folder holds no trained network, the name does not fit the format, or the network cannot be
 *   written in it
 */
export async function exportModel(
  zoo: Zoo,
  folder: string,
  options: ExportModelOptions,
): Promise<ExportedModel> {
  expectText('exportModel', 'the folder of a model', folder);
  expectOptions('exportModel', options, names);
  const { format, out, labels, weightsAs = 'float32' } = options;
  expectOneOf(option('format'), format, exportFormats);
  expectExportName(format, out);
  expectWeightType(format, weightsAs);
  const context = await openContext(zoo, ['exportModel', folder, options], options);
  const { path } = await foundWeights(folder, context, { labelled: labels !== undefined });
  const trained = await openFolder(path, { labels }, context);
  try {
    const notes = await writeExport(path, { format, out, weightsAs }, trained, context);
    const { network, source } = trained;
    const written = { format, weightsAs, out, bytes: await bytesAt(out), network, source };
    return { ...written, ...notes, ...drawnIn(format, trained) };
  } finally {
    trained.model.dispose();
  }
}

/** Checks that the file name fits the format; Keras tells its own layouts apart by the file name. */
function expectExportName(format: ExportFormat, out: string): void {
  if (format === 'safetensors') expectEnding('out', out, '.safetensors');
  if (format === 'onnx') expectEnding('out', out, '.onnx');
  if (format === 'page') expectEnding('out', out, '.html');
  if (format === 'tfjs' && /\.(?:h5|keras|onnx|safetensors|json|zip|html)$/.test(out))
    throw new UserError(
      `${option('out', out)}: expected a folder for TensorFlow.js, found the name of a file`,
    );
  if (format !== 'keras' || (out.endsWith('.h5') && !out.endsWith('.weights.h5'))) return;
  throw new UserError(
    `${option('out', out)}: expected a name that ends in .h5, and not in .weights.h5, for Keras`,
  );
}

/** Why a format has no weights of fewer bits; formats that have them all are not named. */
const withoutTypes: Readonly<Partial<Record<ExportFormat, Partial<Record<WeightsAs, string>>>>> = {
  safetensors: {
    int8: 'a safetensors file has no place for the scale of whole numbers; float16 halves it',
  },
  keras: {
    float16: 'Keras makes its layers’ float32 weights of a file’s numbers',
    int8: 'an .h5 file of Keras has no place for the scale of whole numbers',
  },
  page: {
    float16: 'the page computes with float32 weights, of which it has its figures',
    int8: 'the page computes with float32 weights, of which it has its figures',
  },
};

function expectWeightType(format: ExportFormat, weightsAs: WeightsAs): void {
  const reason = withoutTypes[format]?.[weightsAs];
  if (reason === undefined) return;
  const known = weightTypes.filter((type) => withoutTypes[format]![type] === undefined);
  throw new UserError(
    `${option('weightsAs')}: expected ${known.join(' or ')} for ${option('format', format)}, found ${weightsAs}: ${reason}`,
  );
}

/** How to use the exported files, one line for each item. */
interface ExportNotes {
  /** How to open the export. */
  readonly opening: string;
  readonly scores: string;
  /** How to prepare images for it, and where the export itself describes that. */
  readonly images: string;
}

/** Writes a model in a given format, atomically. */
async function writeExport(
  folder: string,
  {
    format,
    out,
    weightsAs,
  }: Required<Pick<ExportModelOptions, 'format' | 'out'>> & { readonly weightsAs: WeightsAs },
  trained: Opened,
  context: Context,
): Promise<ExportNotes> {
  const scores = scoreWords[scoreKind(trained.recipe.loss)];
  switch (format) {
    case 'tfjs': {
      const steps = stepsOutside(trained);
      await newFolder(out, async (folder) => exportTfjs(folder, trained, await pageScripts(), weightsAs));
      return {
        opening: `${shellWords(['npx', 'http-server', pathWord(out)])}, then /classify.html; in code, tf.loadGraphModel('model.json')`,
        scores,
        images: `${imageWords(trained, { steps })} (in model.json: userDefinedMetadata)`,
      };
    }
    case 'onnx': {
      const { parts, outputs } = onnxFile(trained, packageVersion(), weightsAs);
      await writeFileAtomically(out, parts);
      const steps = trained.recipe.input.preprocess.filter(({ kind }) => !isInGraph(kind));
      return {
        opening: `onnxruntime.InferenceSession(${pythonText(out)}).run(['scores'], {'image': images})`,
        scores: `${outputs.length > 1 ? `the first of ${outputs.length} outputs: ` : ''}${scores}`,
        images: `${imageWords(trained, { steps, channelsFirst: true })} (in the file: its metadata_props)`,
      };
    }
    case 'safetensors':
      await writeFileAtomically(
        out,
        await safetensorsFile(trained, weightsAs === 'float16' ? weightsAs : 'float32'),
      );
      return {
        opening: `any safetensors library, or ${again(out, trained)}`,
        scores,
        images: `${imageWords(trained)} (in the file: its metadata)`,
      };
    case 'keras': {
      const network = networkOf(context.zoo, trained.network, out);
      const { bytes, outputs, blueFirst, since } = await kerasFile(trained, network);
      await writeFileAtomically(out, bytes);
      return {
        opening: `keras.models.load_model(${pythonText(out)}), in Keras ${since === 3 ? '3' : '2 or 3'}`,
        scores: `${outputs > 1 ? `the first of ${outputs} outputs: ` : ''}${scores}`,
        images: `${imageWords(trained, { blueFirst })} (in the file: its attribute cnn_lineage)`,
      };
    }
    case 'page':
      await writeFileAtomically(out, await modelPage(basename(folder), folder, trained, context));
      return {
        opening: 'a double click opens it in a browser; it needs no server and makes no requests',
        scores,
        images: `${imageWords(trained)} (by the page itself)`,
      };
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
function drawnIn(format: ExportFormat, { model, notLoaded = [] }: TrainedModel): Drawn {
  const kept = format === 'safetensors' ? [] : countingWeights(model, notLoaded);
  const leftOut = notLoaded.filter((name) => !kept.includes(name));
  return {
    ...(leftOut.length > 0 && { leftOut }),
    ...(kept.length > 0 && { notLoaded: kept }),
  };
}

function again(out: string, { network, model }: TrainedModel): string {
  return importCall({ file: out, network, classes: model.outputs[0]!.shape.at(-1)! });
}

function pythonText(text: string): string {
  const control = (letter: string) => `\\x${letter.charCodeAt(0).toString(16).padStart(2, '0')}`;
  return `'${text.replaceAll(/['\\]/g, '\\$&').replaceAll(/[\0-\x1f\x7f]/g, control)}'`;
}

/** The size of a file, or of the files in a folder. */
async function bytesAt(path: string): Promise<number> {
  const facts = await stat(path);
  if (!facts.isDirectory()) return facts.size;
  const inside = await Promise.all((await readdir(path)).map((name) => stat(join(path, name))));
  return inside.reduce((sum, { size }) => sum + size, 0);
}
