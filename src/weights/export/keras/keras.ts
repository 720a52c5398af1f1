/** Exports a whole model as a file that Keras loads. */
import { UserError } from '../../../core/errors';
import type { Network } from '../../../core/network';
import type { tf } from '../../../core/tf';
import { hdf5Bytes } from '../../formats/keras/hdf5';
import type { Hdf5Group } from '../../formats/keras/hdf5-encode';
import { originOf, type Origin } from '../../import/mapping';
import { read } from '../../named-array';
import { countingWeights, notLoadedKey } from '../../not-loaded';
import { layoutOf } from '../../import/toolkit-layout';
import { kerasLayer } from './layer';
import type { KerasStep, KerasWeight, OwnWeights } from './step';
import { recipeFacts, type TrainedModel } from '../../trained-model';
import { mainPathOf } from '../../../layers/layer-walk';

/** A model for Keras, and the facts that its user needs. */
export interface KerasFile {
  readonly bytes: Uint8Array;
  /** The number of outputs: the class scores first, then those of auxiliary heads. */
  readonly outputs: number;
  /** Whether the model expects the colours in the order blue, green, red. */
  readonly blueFirst: boolean;
  /** The first version of Keras that has all the layers and operations of the model. */
  readonly since: 2 | 3;
}

/**
 * A whole model in the `.h5` format of Keras 2, which Keras 3 also reads: with `keras.models.load_model`, or with
 * `load_weights` into a network with the same names. If Keras has the same network, names and layout are Keras's:
 * `keras.applications.VGG16(weights=FILE)` loads the file, and images are blue first. Otherwise names are ours. Layers
 * that Keras lacks are replaced by several of its layers, or by operations of Keras 3, which Keras 2 does not have.
 * Auxiliary heads that were never trained are left out; other untrained weights are listed in the attribute
 * `cnn_lineage`, by our names.
 * @throws UserError when a layer has no equivalent in Keras
 */
export async function kerasFile(trained: TrainedModel, network: Network): Promise<KerasFile> {
  const { labels, synsets, recipe, source } = trained;
  const model = withoutDrawnHeads(trained);
  const drawn = countingWeights(model, trained.notLoaded);
  const origin = kerasOrigin(network);
  const names = new Map(model.layers.map((layer) => [layer.name, nameIn(origin, layer.name)]));
  const layers = kerasLayers(trained.network, model, names);
  const config = kerasConfig(trained.network, model, layers, names);
  const groups: Record<string, Hdf5Group> = {};
  for (const { layer, all } of layers) {
    if (layer.weights.length > 0 || all.some(({ step }) => step.weights))
      Object.assign(groups, await layerGroups(layer, all, origin));
  }
  const order = orderOf(config).filter((name) => name in groups);
  const blueFirst = origin?.blueFirst !== undefined;
  const facts = {
    network: trained.network,
    labels,
    synsets,
    blueFirst,
    scores: recipe.loss.kind,
    recipe: recipeFacts(recipe),
    preprocess: recipe.input.preprocess,
    source,
    ...(!origin && { layers: renamed(names) }),
    constants: fixedSteps(layers),
    exportedAsOthers: layers.filter(isReplaced).map(({ layer }) => layer.name),
    ...(drawn.length > 0 && { [notLoadedKey]: drawn }),
  };
  const bytes = await hdf5Bytes({
    attributes: {
      ...writtenLike,
      model_config: JSON.stringify(config),
      cnn_lineage: JSON.stringify(facts),
    },
    groups: {
      model_weights: { attributes: { ...writtenLike, layer_names: order }, groups },
    },
  });
  const since = layers.some(({ all }) => all.some(({ step }) => step.module)) ? 3 : 2;
  return { bytes, outputs: model.outputs.length, blueFirst, since };
}

/** The model that is written: only its main path if the weights of auxiliary heads were never trained. */
function withoutDrawnHeads({ model, notLoaded = [] }: TrainedModel): tf.LayersModel {
  return countingWeights(model, notLoaded).length < notLoaded.length ? mainPathOf(model) : model;
}

/** The Keras version whose layout this is; Keras reads files without a version as Keras 1's. */
const writtenLike = { keras_version: '2.15.0', backend: 'tensorflow' } as const;

function kerasOrigin(network: Network): Origin | undefined {
  const source = network.weights?.find(({ toolkit }) => toolkit === 'keras');
  return source && originOf(source);
}

/** The layer's name in the file: Keras does not allow slashes. */
function nameIn(origin: Origin | undefined, name: string): string {
  const theirs = origin && origin.layers !== 'same' ? origin.layers[name] : undefined;
  return theirs ?? name.replaceAll('/', '_');
}

/** Our names of the layers that have another name in Keras, by that name. */
function renamed(names: ReadonlyMap<string, string>): Readonly<Record<string, string>> {
  const changed = [...names].filter(([ours, theirs]) => ours !== theirs);
  return Object.fromEntries(changed.map(([ours, theirs]) => [theirs, ours]));
}

/** Steps with constant numbers that the layer uses but does not have as weights. */
function fixedSteps(layers: readonly Replaced[]): readonly string[] {
  return layers
    .filter(({ layer }) => layer.weights.length === 0)
    .flatMap(({ all }) => all.filter(({ step }) => step.weights).map(({ name }) => name));
}

/** Whether the file holds a layer's weights only in a converted form, from which they cannot be recovered. */
function isReplaced({ layer, all }: Replaced): boolean {
  return layer.weights.length > 0 && all.some(({ step }) => step.weights);
}

/** One of our layers, and the steps that replace it; the output of the last step is the layer's output. */
interface Replaced {
  readonly layer: tf.layers.Layer;
  readonly described: LayerConfig;
  readonly all: readonly { readonly name: string; readonly step: KerasStep }[];
}

function kerasLayers(
  network: string,
  model: tf.LayersModel,
  names: ReadonlyMap<string, string>,
): readonly Replaced[] {
  const replaced = configOf(model).layers.map((described, index) => {
    const layer = model.layers[index]!;
    const found = kerasLayer(layer, described);
    if (!found)
      throw new UserError(
        `export: expected a network of layers that Keras has, found ${layer.getClassName()} ${layer.name} in ${network}; safetensors and tfjs take any`,
      );
    const name = names.get(layer.name)!;
    return { layer, described, all: found.map((step) => ({ name: stepName(name, step.suffix), step })) };
  });
  const all = replaced.flatMap((one) => one.all.map(({ name }) => name));
  if (new Set(all).size < all.length)
    throw new Error(`${network}: expected different names for all layers, found some the same`);
  return replaced;
}

function stepName(layer: string, suffix: string | undefined): string {
  return suffix === undefined ? layer : `${layer}_${suffix}`;
}

async function layerGroups(
  layer: tf.layers.Layer,
  all: Replaced['all'],
  origin: Origin | undefined,
): Promise<Record<string, Hdf5Group>> {
  const own: Record<string, KerasWeight> = {};
  for (const weight of layer.weights) {
    const { shape, values } = await read(weight.originalName, weight.read());
    // The conversion from Keras's order to ours also converts back: it reverses at most the colours.
    const { reorder } = layoutOf('keras', layer, weight, layer.name === origin?.blueFirst);
    own[weight.originalName.slice(layer.name.length + 1)] = { shape, values: reorder(values) };
  }
  const groups: Record<string, Hdf5Group> = {};
  for (const { name, step } of all) {
    const weights = step.weights?.(own) ?? (all.length === 1 ? own : {});
    if (Object.keys(weights).length > 0) groups[name] = weightGroup(name, weights);
  }
  return groups;
}

function weightGroup(name: string, weights: OwnWeights): Hdf5Group {
  const datasets = Object.fromEntries(
    Object.entries(weights).map(([weight, array]) => [`${weight}:0`, array] as const),
  );
  return {
    attributes: { weight_names: Object.keys(datasets).map((weight) => `${name}/${weight}`) },
    groups: { [name]: { datasets } },
  };
}

/** The Keras description of a model: TensorFlow.js writes the same, except for our own layers. */
function kerasConfig(
  network: string,
  model: tf.LayersModel,
  replaced: readonly Replaced[],
  names: ReadonlyMap<string, string>,
): KerasModel {
  const { input_layers: inputs, output_layers: outputs } = configOf(model);
  return {
    class_name: 'Functional',
    config: {
      name: network.replaceAll('-', '_'),
      trainable: true,
      layers: replaced.flatMap((one) => one.all.map((_, index) => stepConfig(one, index, names))),
      input_layers: inputs.map((end) => ended(end, names)),
      output_layers: outputs.map((end) => ended(end, names)),
    },
  };
}

function stepConfig(
  { layer, described, all }: Replaced,
  index: number,
  names: ReadonlyMap<string, string>,
): LayerConfig {
  const { name, step } = all[index]!;
  const inbound = described.inbound_nodes.map((node) => node.map((input) => ended(input, names)));
  const before = index === 0 ? 'input' : all[index - 1]!.step.suffix!;
  const endOf = (from: string): readonly End[] =>
    from === 'input'
      ? inbound[0]!.map(([below, node, tensor]) => [below, node, tensor, { ...step.given }])
      : [[stepName(names.get(layer.name)!, from), 0, 0, { ...step.given }]];
  return {
    class_name: step.kind,
    ...(step.module && { module: step.module, registered_name: step.kind }),
    config: { ...step.config, name },
    name,
    inbound_nodes: all.length === 1 ? inbound : [(step.from ?? [before]).flatMap(endOf)],
  };
}

function orderOf({ config }: KerasModel): string[] {
  const placed = config.layers.map(({ name, inbound_nodes: inbound }) => ({
    name,
    below: inbound.flat().map(([below]) => below),
  }));
  return kerasOrder(
    placed,
    config.output_layers.map(([name]) => name),
  );
}

function configOf(model: tf.LayersModel): ModelConfig {
  return (model.toJSON(null, false) as unknown as { readonly config: ModelConfig }).config;
}

/** A reference to a layer's output: its name, followed by indices. */
type End = readonly [name: string, ...others: unknown[]];

interface ModelConfig {
  readonly layers: readonly LayerConfig[];
  readonly input_layers: readonly End[];
  readonly output_layers: readonly End[];
}

interface KerasModel {
  readonly class_name: 'Functional';
  readonly config: ModelConfig & { readonly name: string; readonly trainable: boolean };
}

export interface LayerConfig {
  readonly name: string;
  readonly class_name: string;
  readonly config: Readonly<Record<string, unknown>>;
  readonly inbound_nodes: readonly (readonly End[])[];
}

function ended([name, ...others]: End, names: ReadonlyMap<string, string>): End {
  return [names.get(name)!, ...others];
}

/** A layer in Keras's description of a model. */
export interface PlacedLayer {
  readonly name: string;
  /** The layers that are its inputs, in order. */
  readonly below: readonly string[];
}

/**
 * The layers in Keras's own order, by which it finds their weights in an `.h5` file: layers farther from the outputs
 * come first; at equal distance, the layer that a walk down from the outputs meets first. Keras sorts layers like this
 * when it loads a model, whatever their order in the description.
 */
export function kerasOrder(layers: readonly PlacedLayer[], outputs: readonly string[]): string[] {
  const belowOf = new Map(layers.map(({ name, below }) => [name, below]));
  const met = new Set<string>();
  const finished: string[] = [];
  const walk = (name: string): void => {
    if (met.has(name)) return;
    met.add(name);
    belowOf.get(name)!.forEach(walk);
    finished.push(name);
  };
  outputs.forEach(walk);
  const distances = new Map<string, number>();
  // A layer comes after all layers that read it, so its distance is final when it is passed on to its inputs.
  for (const name of finished.reverse()) {
    const distance = distances.get(name) ?? 0;
    distances.set(name, distance);
    for (const below of belowOf.get(name)!)
      distances.set(below, Math.max(distances.get(below) ?? 0, distance + 1));
  }
  return [...met].sort((one, other) => distances.get(other)! - distances.get(one)!);
}
