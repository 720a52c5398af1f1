/** Looks into a trained network while it sees one image: answers, maps of layers, and what its score depends on. */
import { scoreKind, type ScoreKind } from '../../core/score-kind';
import type { Forward } from '../../evaluate/scores/forward';
import { bestClasses, probabilities } from '../../evaluate/scores/ranking';
import type { RankedClass } from '../../evaluate/scores/classify';
import { mainPathOf } from '../../layers/layer-walk';
import type { TrainedModel } from '../../weights/trained-model';
import { layerGraph, type GraphLayer } from '../layers/layer-graph';
import { activationsOf, type LayerOutput } from '../units/activations';
import { centresOf, type Centres } from '../units/centres';
import { averagingHeadOf, classActivation, headWeights, type ClassActivation } from './class-activation';
import { layersBySize, lastConvolution, mapsNamed } from './layers-shown';
import { occlusion, type Occluder, type Occlusion } from './occlusion';
import { gradCam, inputGradient, type GradCam, type InputGradient } from './score-gradients';
import type { ShownImage } from './shown-image';

/** What is looked at, and how. */
export interface InspectImageOptions extends Occluder {
  /** The index of the class that maps are drawn for. Default: the first answer. */
  readonly wanted?: number | undefined;
  /** Layers whose maps are shown, by name. Default: the last of each size of maps. */
  readonly layers?: readonly string[] | undefined;
  /** How many maps of each layer, the most excited ones. */
  readonly maps: number;
  /** The layer whose maps Grad-CAM weighs. Default: the last convolution with more than one position. */
  readonly gradCam?: string | undefined;
  readonly forward?: Forward | undefined;
  readonly onProgress?: ((done: number, all: number) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** A layer's maps for the image. */
export interface ShownLayer {
  readonly name: string;
  readonly output: LayerOutput;
  /** The indices of the maps that are shown: all in order, or the most excited first. */
  readonly maps: readonly number[];
}

/** Where in the image the positions of a map look. */
interface Placed {
  readonly centres: Centres;
}

/** What was found. */
export interface InspectedImage {
  readonly shown: ShownImage;
  /** `[height, width, channels]` of the input. */
  readonly shape: readonly [height: number, width: number, channels: number];
  readonly scores: Float32Array;
  readonly scoreKind: ScoreKind;
  /** The best classes, in order. */
  readonly predictions: readonly RankedClass[];
  /** The class that the maps are drawn for. */
  readonly class: RankedClass;
  /** The exact class activation map; null where the head does not average. */
  readonly classActivation: (ClassActivation & Placed & { readonly layer: string }) | null;
  /** Null of a network without a convolution that has more than one position. */
  readonly gradCam: (GradCam & Placed) | null;
  readonly gradient: InputGradient;
  readonly occlusion: Occlusion;
  readonly layers: readonly ShownLayer[];
}

/** The answers that are named. */
const ranks = 5;

/** The graph of a network's main path, the scores last. */
export function mainGraph({ model }: Pick<TrainedModel, 'model'>): readonly GraphLayer[] {
  return layerGraph(mainPathOf(model));
}

/**
 * Looks into a network while it sees an image.
 * @throws UserError for layers that are none, and for an occluder as `occlusion`
 */
export async function inspectImage(
  trained: TrainedModel,
  shown: ShownImage,
  options: InspectImageOptions,
): Promise<InspectedImage> {
  const { model, recipe } = trained;
  const graph = mainGraph(trained);
  const cam =
    options.gradCam === undefined ? lastConvolution(graph) : mapsNamed(graph, options.gradCam, 'gradCam');
  const named = options.layers?.map((name) => mapsNamed(graph, name, 'layers')) ?? layersBySize(graph);
  const { input } = shown;
  const outputs = await activationsOf(model).of(input);
  const scores = outputs.get(graph.at(-1)!.name)!.values;
  const shares = probabilities(recipe.loss, scores);
  const ranked = (index: number): RankedClass => ({
    label: trained.labels?.[index] ?? String(index),
    index,
    probability: shares?.[index] ?? null,
    ...(!shares && { score: scores[index]! }),
  });
  const predictions = bestClasses(recipe.loss, scores, ranks).map(ranked);
  const wanted = options.wanted ?? predictions[0]!.index;
  const head = averagingHeadOf(graph);
  return {
    shown,
    shape: model.inputs[0]!.shape.slice(1) as [number, number, number],
    scores,
    scoreKind: scoreKind(recipe.loss),
    predictions,
    class: ranked(wanted),
    classActivation: head && {
      layer: head.features.name,
      centres: centresOf(head.features),
      ...classActivation(outputs.get(head.features.name)!, await headWeights(head), wanted),
    },
    gradCam: cam && {
      ...(await gradCam(trained, input, wanted, cam.name)),
      centres: centresOf(cam),
    },
    gradient: await inputGradient(trained, input, wanted),
    occlusion: await occlusion(trained, shown, wanted, options),
    layers: named.map(({ name }) => {
      const output = outputs.get(name)!;
      return { name, output, maps: mostExcited(output, options.maps) };
    }),
  };
}

/** The maps of a layer with the largest values: all in order if they are not more than `count`. */
export function mostExcited({ shape, values }: LayerOutput, count: number): readonly number[] {
  const maps = shape.at(-1)!;
  const largest = new Float32Array(maps);
  for (let at = 0; at < values.length; at++) {
    const size = values[at]! < 0 ? -values[at]! : values[at]!;
    if (size > largest[at % maps]!) largest[at % maps] = size;
  }
  const all = Array.from(largest.keys());
  if (maps <= count) return all;
  return all.sort((one, other) => largest[other]! - largest[one]! || one - other).slice(0, count);
}
