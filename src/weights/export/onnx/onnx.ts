/** Exports a model as one ONNX file. */
import { distortionStages } from '../../../data/augment/stages';
import { centreCropOf } from '../../../data/augment/random-crop';
import { UserError } from '../../../core/errors';
import type { ImageShape, Preprocess } from '../../../core/network';
import { storedSize } from '../../../core/shape';
import type { tf } from '../../../core/tf';
import { inputsOf, mainPathOf, outputOf } from '../../../layers/layer-walk';
import { countingWeights, notLoadedKey } from '../../not-loaded';
import { recipeFacts, type TrainedModel } from '../../trained-model';
import type { WeightsAs } from '../weight-types';
import { OnnxGraph } from './graph';
import { interleaved, isIdle, isOnePlace, onnxRule, zeroMargins } from './layers';
import { onnxParts } from './messages';
import type { Margins, Place } from './place';

/** A model for ONNX, and the facts that its user needs. */
export interface OnnxFile {
  /** The file's bytes, in parts; of the weights, one is in memory at a time. */
  readonly parts: AsyncIterable<Uint8Array>;
  /** The names of the outputs: the class scores first, then those of auxiliary heads. */
  readonly outputs: readonly string[];
}

/** The first operator set of a version of ONNX that runtimes of 2022 and later read. */
export const opset = 17;

/** The names of the input, and of the output with the class scores. */
const [imageName, scoresName] = ['image', 'scores'];

/**
 * A model as an ONNX file: `image` `[batch, channels, height, width]`, after the steps of the metadata's
 * `input.preprocess`, becomes `scores` `[batch, classes]`. Weights keep their names; what they hold is in ONNX's order,
 * outputs first. Preprocessing that needs numbers of the training set is part of the graph. Auxiliary heads that were
 * trained are further outputs, by their names.
 * @param as how kernels are stored
 * @throws UserError when a layer has no equivalent
 */
export function onnxFile(trained: TrainedModel, version: string, as: WeightsAs = 'float32'): OnnxFile {
  const model = withoutDrawnHeads(trained);
  const graph = new OnnxGraph(as);
  const image = prepared(graph, trained);
  const outputs = addLayers(graph, trained.network, model, image);
  const shape = inputOf(model);
  const parts = onnxParts({
    producer: 'cnn-lineage',
    version,
    opset,
    name: trained.network,
    nodes: graph.nodes,
    initialisers: graph.initialisers,
    inputs: [{ name: imageName, shape: ['batch', shape[2], shape[0], shape[1]] }],
    outputs: outputs.map((name, index) => ({
      name,
      shape: ['batch', ...(model.outputs[index]!.shape.slice(1) as number[])],
    })),
    metadata: metadataOf(trained, model, as),
  });
  return { parts, outputs };
}

/** The model that is written: only its main path if the weights of auxiliary heads were never trained. */
function withoutDrawnHeads({ model, notLoaded = [] }: TrainedModel): tf.LayersModel {
  return countingWeights(model, notLoaded).length < notLoaded.length ? mainPathOf(model) : model;
}

/** All values but the network's name are JSON. */
function metadataOf(trained: TrainedModel, model: tf.LayersModel, as: WeightsAs): Record<string, string> {
  const { recipe, labels, synsets, source, notLoaded } = trained;
  const drawn = countingWeights(model, notLoaded);
  const facts = {
    labels,
    synsets,
    scores: recipe.loss.kind,
    input: {
      shape: inputOf(model),
      view: centreCropOf(distortionStages(recipe).crop, storedSize(recipe.input)),
      preprocess: recipe.input.preprocess.filter(({ kind }) => !isInGraph(kind)),
      ...(recipe.input.background && { background: recipe.input.background }),
    },
    weights: as,
    recipe: recipeFacts(recipe),
    source,
    ...(drawn.length > 0 && { [notLoadedKey]: drawn }),
  };
  const texts = Object.entries(facts).map(([name, fact]) => [name, JSON.stringify(fact)] as const);
  return { network: trained.network, ...Object.fromEntries(texts) };
}

/** Whether a step of the preprocessing is part of the graph; those come after all others. */
export function isInGraph(kind: Preprocess['kind']): boolean {
  return kind === 'subtractMean' || kind === 'contrastNormalise' || kind === 'whiten';
}

/** Adds the steps that are part of the graph; see `contrastNormalise` and `whitener`. Returns the result's name. */
function prepared(graph: OnnxGraph, { model, recipe, fitted }: TrainedModel): string {
  const [height, width, channels] = inputOf(model);
  const size = height * width * channels;
  const inside = recipe.input.preprocess.filter(({ kind }) => isInGraph(kind));
  const add = (name: string, op: string, inputs: readonly string[], attributes = {}) =>
    graph.add(op, inputs, `preprocess/${name}`, attributes);
  const perm = (...axes: number[]) => ({ perm: { ints: axes } });
  return inside.reduce((values, { kind, ...step }) => {
    if (kind === 'subtractMean') {
      const mean = graph.constant('preprocess/mean', [1, height, width, channels], expected(fitted.mean));
      return add('centred', 'Sub', [values, add('mean', 'Transpose', [mean], perm(0, 3, 1, 2))]);
    }
    if (kind === 'contrastNormalise') {
      const axes = { ints: [1, 2, 3] };
      const means = add('means', 'ReduceMean', [values], { axes });
      const apart = add('apart', 'Sub', [values, means]);
      const norms = add('norms', 'ReduceL2', [apart], { axes });
      const { scale } = step as { readonly scale: number };
      const factors = add('factors', 'Div', [norms, graph.number(scale)]);
      // A smaller norm is a rounding error, of a constant image: its values then stay close to 0.
      const divisors = add('divisors', 'Max', [factors, graph.number(2e-5)]);
      return add('normalised', 'Div', [apart, divisors]);
    }
    const { mean, matrix } = fitted.whitening ?? {};
    const flat = add('flat', 'Flatten', [add('places', 'Transpose', [values], perm(0, 2, 3, 1))]);
    const centre = graph.constant('preprocess/centre', [1, size], expected(mean));
    const turned = graph.constant('preprocess/matrix', [size, size], expected(matrix));
    const white = add('white', 'MatMul', [add('less', 'Sub', [flat, centre]), turned]);
    const square = add('square', 'Reshape', [white, graph.ints(-1, height, width, channels)]);
    return add('whitened', 'Transpose', [square], perm(0, 3, 1, 2));
  }, imageName);
}

function expected(values: Float32Array | undefined): Float32Array {
  if (values) return values;
  throw new UserError('export: expected what the preprocessing took from the training set, found nothing');
}

/** Adds all layers; returns the names of the outputs. */
function addLayers(graph: OnnxGraph, network: string, model: tf.LayersModel, image: string): string[] {
  const described = (
    model.toJSON(null, false) as unknown as { config: { layers: { config: Place['config'] }[] } }
  ).config.layers;
  /** The ONNX tensor of each of the model's, and zeros around it that its reader has to add. */
  const values = new Map<number, string>();
  const margins = new Map<number, Margins>();
  const ends = model.outputs.map(({ id }) => id);
  for (const [index, layer] of model.layers.entries()) {
    const { id } = outputOf(layer);
    if (layer.getClassName() === 'InputLayer') {
      values.set(id, image);
      continue;
    }
    const below = inputsOf(layer);
    const place: Place = {
      graph,
      layer,
      config: described[index]!.config,
      inputs: below.map((tensor) => values.get(tensor.id)!),
      output: id === ends[0] ? scoresName : layer.name,
      margins: margins.get(below[0]!.id) ?? [0, 0, 0, 0],
    };
    const isEnd = ends.includes(id);
    const readers = model.layers.filter((reader) => inputsOf(reader).some((tensor) => tensor.id === id));
    const one = readers.length === 1 && !isEnd ? readers[0] : undefined;
    if (isIdle(layer)) {
      values.set(id, isEnd ? graph.add('Identity', place.inputs, place.output) : place.inputs[0]!);
    } else if (layer.getClassName() === 'Flatten') {
      values.set(id, flattened(place, readers));
    } else if (layer.getClassName() === 'ZeroPadding2D' && one?.getClassName() === 'Conv2D') {
      margins.set(id, zeroMargins(place));
      values.set(id, place.inputs[0]!);
    } else {
      const rule = onnxRule(place);
      if (!rule)
        throw new UserError(
          `export: expected a network of layers that this export knows, found ${layer.getClassName()} ${layer.name} in ${network}; safetensors and tfjs take any`,
        );
      rule(place);
      values.set(id, place.output);
    }
  }
  return ends.map((id) => values.get(id)!);
}

/**
 * A full layer's kernel is reordered to what ONNX's Flatten gives, maps before places; all other layers see our order.
 */
function flattened(place: Place, readers: readonly tf.layers.Layer[]): string {
  const { graph, layer, inputs, output } = place;
  const full = readers.every((reader) => reader.getClassName() === 'Dense') && readers.length > 0;
  if (full || isOnePlace(place)) return graph.add('Flatten', inputs, output);
  if (readers.some((reader) => reader.getClassName() === 'Dense'))
    throw new UserError(`export: expected full layers alone, or none, to read ${layer.name}, found both`);
  return interleaved(place);
}

function inputOf(model: tf.LayersModel): ImageShape {
  return model.inputs[0]!.shape.slice(1) as unknown as ImageShape;
}
