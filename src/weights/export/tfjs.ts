/** Exports a model that TensorFlow.js loads without our code, with a page that classifies photos. */
import { join } from 'node:path';
import { distortionStages } from '../../data/augment/stages';
import { centreCropOf } from '../../data/augment/random-crop';
import type { FittedPreprocess } from '../../data/preprocess/preprocess';
import { UserError } from '../../core/errors';
import { recordTfjs } from '../../graph/tfjs/record-tfjs';
import type { ImageShape, Preprocess } from '../../core/network';
import { storedSize } from '../../core/shape';
import { tf } from '../../core/tf';
import { writeFileAtomically } from '../../core/io/files';
import { countingWeights, notLoadedKey } from '../not-loaded';
import { writeTfjsShards, type TfjsWeight } from '../formats/tfjs/tfjs-shards';
import { classifyPage } from './classify-page';
import { affineBytes, halves, isKernel } from './stored-weights';
import type { WeightsAs } from './weight-types';
import { recipeFacts, type TrainedModel } from '../trained-model';

/**
 * Writes a model that TensorFlow.js loads with `tf.loadGraphModel('model.json')`, without our code, and a page
 * that classifies photos with it; all of it works without an internet connection.
 *
 * The graph takes images `[batch, height, width, channels]` after the steps of `userDefinedMetadata.input.preprocess`,
 * and outputs the class scores as `outputs[0]`; auxiliary heads are left out. Weights keep their names; other constants
 * are under `constants/`. Preprocessing that needs more than a few numbers from the training set is part of the graph.
 * @param folder an empty folder
 * @param scripts the texts of the page's scripts, by their names next to the page
 * @param as how kernels are stored; in 8 bits, by one scale and one least value a kernel
 * @throws UserError when photos cannot be preprocessed in a browser
 */
export async function exportTfjs(
  folder: string,
  trained: TrainedModel,
  scripts: Readonly<Record<string, string>>,
  as: WeightsAs = 'float32',
): Promise<void> {
  const { model } = trained;
  const metadata = metadataOf(trained);
  const [height, width, channels] = model.inputs[0]!.shape.slice(1) as [number, number, number];
  const constants = fittedTensors(trained.fitted, [height, width, channels]);
  try {
    const graph = await recordTfjs({
      model,
      input: [height, width, channels],
      computation: (images) =>
        [model.apply(prepared(images, trained.recipe.input.preprocess, constants))].flat()[0] as tf.Tensor,
      named: new Map([
        ...model.weights.map((weight) => [weight.read(), weight.originalName] as const),
        ...Object.entries(constants).map(
          ([name, tensor]) => [tensor, `constants/preprocess/${name}`] as const,
        ),
      ]),
    });
    const json = {
      format: 'graph-model',
      generatedBy: 'cnn-lineage',
      signature: graph.signature,
      userDefinedMetadata: metadata,
      modelTopology: { node: graph.nodes, versions: { producer: 2100 }, library: {} },
      weightsManifest: await writeTfjsShards(folder, graph.constants.map(quantisedAs(as))),
    };
    await writeFileAtomically(join(folder, 'model.json'), JSON.stringify(json));
  } finally {
    tf.dispose(Object.values(constants));
  }
  for (const [name, text] of Object.entries(scripts)) await writeFileAtomically(join(folder, name), text);
  await writeFileAtomically(join(folder, 'classify.html'), classifyPage(trained.network));
}

/** Weights whose kernels are stored in fewer bits. */
function quantisedAs(as: WeightsAs): (weight: TfjsWeight) => TfjsWeight {
  return (weight) => {
    const { name } = weight;
    if (as === 'float32' || !isKernel(name)) return weight;
    if (as === 'float16') {
      const of = (values: Float32Array) => ({
        stored: halves({ name, values }),
        quantization: { dtype: 'float16' as const },
      });
      return { ...weight, quantised: { bytes: 2, of } };
    }
    const of = (kernel: Float32Array) => {
      const { values: stored, ...steps } = affineBytes(kernel);
      return { stored, quantization: { dtype: 'uint8' as const, ...steps } };
    };
    return { ...weight, quantised: { bytes: 1, of } };
  };
}

/** The facts that the page, or other code, needs besides the graph. */
function metadataOf({ network, model, recipe, labels, synsets, source, notLoaded }: TrainedModel): object {
  const shape = model.inputs[0]!.shape.slice(1) as unknown as ImageShape;
  const drawn = countingWeights(model, notLoaded); // others are not in the graph
  const view = centreCropOf(distortionStages(recipe).crop, storedSize(recipe.input));
  return {
    network,
    classes: model.outputs[0]!.shape.at(-1),
    labels,
    synsets,
    scores: recipe.loss.kind,
    input: {
      shape,
      view,
      preprocess: stepsOutside({ recipe }),
      ...(recipe.input.background && { background: recipe.input.background }),
    },
    recipe: recipeFacts(recipe),
    source,
    ...(drawn.length > 0 && { [notLoadedKey]: drawn }),
  };
}

/** The preprocessing steps that are not part of the exported graph: the caller of the graph has to do them. */
export function stepsOutside({ recipe }: Pick<TrainedModel, 'recipe'>): readonly Preprocess[] {
  const { window } = centreCropOf(distortionStages(recipe).crop, storedSize(recipe.input));
  return recipe.input.preprocess.filter((step) => isForPage(step, window));
}

/** Whether the page has to do a step, because it is not in the graph and has an effect. */
function isForPage(step: Preprocess, window: { readonly height: number; readonly width: number }): boolean {
  switch (step.kind) {
    case 'shrink':
      if (step.height === window.height && step.width === window.width) return false;
      throw new UserError(
        `export: expected photos cut to the network's size, found "shrink" of ${window.height}x${window.width} to ${step.height}x${step.width}, which the browser's page cannot`,
      );
    case 'pad':
      return step.height !== window.height || step.width !== window.width;
    case 'range':
    case 'subtract':
      return true;
    case 'subtractMean':
    case 'contrastNormalise':
    case 'whiten':
      return false;
    default:
      return step satisfies never;
  }
}

type FittedTensors = Partial<Record<'mean' | 'centre' | 'matrix', tf.Tensor>>;

/** The caller has to dispose of the tensors. */
function fittedTensors({ mean, whitening }: FittedPreprocess, shape: ImageShape): FittedTensors {
  return {
    ...(mean && { mean: tf.tensor(mean, [1, ...shape]) }),
    ...(whitening && {
      centre: tf.tensor(whitening.mean, [1, whitening.mean.length]),
      matrix: tf.tensor(whitening.matrix, [whitening.mean.length, whitening.mean.length]),
    }),
  };
}

/** Applies the steps that are part of the graph; see `contrastNormalise` and `whitener`. */
function prepared(
  images: tf.Tensor4D,
  steps: readonly Preprocess[],
  { mean, centre, matrix }: FittedTensors,
): tf.Tensor4D {
  return steps.reduce<tf.Tensor4D>((values, step) => {
    switch (step.kind) {
      case 'subtractMean':
        return values.sub(expected(mean));
      case 'contrastNormalise': {
        const centred = values.sub(values.mean([1, 2, 3], true));
        const norms = centred.square().sum([1, 2, 3], true).sqrt();
        // A smaller norm is a rounding error, of a constant image: its values then stay close to 0.
        return centred.div(norms.div(step.scale).maximum(2e-5));
      }
      case 'whiten': {
        const flat = values.reshape([values.shape[0], -1]).sub<tf.Tensor2D>(expected(centre));
        return tf.matMul(flat, expected(matrix) as tf.Tensor2D).reshape(values.shape);
      }
      case 'shrink':
      case 'pad':
      case 'range':
      case 'subtract':
        return values;
      default:
        return step satisfies never;
    }
  }, images);
}

function expected(tensor: tf.Tensor | undefined): tf.Tensor {
  if (tensor) return tensor;
  throw new UserError('export: expected what the preprocessing took from the training set, found nothing');
}
