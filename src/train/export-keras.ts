import { UserError } from '../errors';
import type { Network } from '../network';
import type { tf } from '../tf';
import { hdf5Bytes } from '../weights/hdf5';
import type { Hdf5Group } from '../weights/hdf5-encode';
import { originOf, type Origin } from '../weights/mapping';
import { read } from '../weights/named-array';
import { countingWeights, notLoadedKey } from '../weights/not-loaded';
import { layoutOf } from '../weights/toolkit-layout';
import { mainPathOf } from './frozen-trunk';
import { kerasLayer } from './keras-layer';
import type { TrainedModel } from './trained-model';

/**
 * A whole model as Keras 2 writes it in an `.h5` file, which Keras 3 reads too: `keras.models.load_model`, or
 * `load_weights` into a network with the same names. Where Keras has the network itself, it is called and laid out as
 * there: `keras.applications.VGG16(weights=FILE)` takes it, and images are blue first. Otherwise names are ours. Auxiliary
 * heads that are as they were drawn are left out; other such weights are named in the attribute `cnn_lineage`, by our names.
 * @throws UserError when a layer is none of Keras's
 */
export async function kerasFile(
  trained: TrainedModel,
  network: Network,
): Promise<{ readonly bytes: Uint8Array; readonly blueFirst: boolean }> {
  const { labels, synsets, recipe, source } = trained;
  const model = withoutDrawnHeads(trained);
  const drawn = countingWeights(model, trained.notLoaded);
  const origin = kerasOrigin(network);
  const names = new Map(model.layers.map((layer) => [layer.name, nameIn(origin, layer.name)]));
  if (new Set(names.values()).size < names.size)
    throw new Error(`${trained.network}: expected different names for all layers, found some the same`);
  const config = kerasConfig(trained.network, model, names);
  const groups: Record<string, Hdf5Group> = {};
  for (const layer of model.layers) {
    if (layer.weights.length > 0)
      groups[names.get(layer.name)!] = await layerGroup(layer, names.get(layer.name)!, origin);
  }
  const blueFirst = origin?.blueFirst !== undefined;
  const facts = {
    network: trained.network,
    labels,
    synsets,
    blueFirst,
    preprocess: recipe.input.preprocess,
    source,
    ...(drawn.length > 0 && { [notLoadedKey]: drawn }),
  };
  const bytes = await hdf5Bytes({
    attributes: {
      ...writtenLike,
      model_config: JSON.stringify(config),
      cnn_lineage: JSON.stringify(facts),
    },
    groups: {
      model_weights: { attributes: { ...writtenLike, layer_names: Object.keys(groups) }, groups },
    },
  });
  return { bytes, blueFirst };
}

/** The model that is written: its main path alone where weights of auxiliary heads are as they were drawn. */
function withoutDrawnHeads({ model, notLoaded = [] }: TrainedModel): tf.LayersModel {
  return countingWeights(model, notLoaded).length < notLoaded.length ? mainPathOf(model) : model;
}

/** The version whose layout this is; files without one are read as Keras 1's. */
const writtenLike = { keras_version: '2.15.0', backend: 'tensorflow' } as const;

function kerasOrigin(network: Network): Origin | undefined {
  const source = network.weights?.find(({ toolkit }) => toolkit === 'keras');
  return source && originOf(source);
}

/** Keras allows no slash in a layer's name. */
function nameIn(origin: Origin | undefined, name: string): string {
  const theirs = origin && origin.layers !== 'same' ? origin.layers[name] : undefined;
  return theirs ?? name.replaceAll('/', '_');
}

async function layerGroup(
  layer: tf.layers.Layer,
  name: string,
  origin: Origin | undefined,
): Promise<Hdf5Group> {
  const datasets: Record<string, { shape: readonly number[]; values: Float32Array }> = {};
  for (const weight of layer.weights) {
    const { shape, values } = await read(weight.originalName, weight.read());
    // What brings Keras's order to ours brings ours to Keras's: at most the colours are reversed.
    const { reorder } = layoutOf('keras', layer, weight, layer.name === origin?.blueFirst);
    datasets[`${weight.originalName.slice(layer.name.length + 1)}:0`] = { shape, values: reorder(values) };
  }
  return {
    attributes: { weight_names: Object.keys(datasets).map((weight) => `${name}/${weight}`) },
    groups: { [name]: { datasets } },
  };
}

/** What TensorFlow.js writes of a model is Keras's own description of it, but for our layers. */
function kerasConfig(network: string, model: tf.LayersModel, names: ReadonlyMap<string, string>): object {
  const { config } = model.toJSON(null, false) as unknown as { readonly config: ModelConfig };
  const layers = config.layers.map(({ name, inbound_nodes: inbound }, index) => {
    const converted = kerasLayer(model.layers[index]!, config.layers[index]!);
    if (!converted)
      throw new UserError(
        `export: expected a network of layers that Keras has, found ${model.layers[index]!.getClassName()} in ${network}; safetensors and tfjs take any`,
      );
    return {
      class_name: converted.kind,
      config: { ...converted.config, name: names.get(name) },
      name: names.get(name),
      inbound_nodes: inbound.map((node) => node.map((input) => ended(input, names))),
    };
  });
  const [first] = config.output_layers;
  return {
    class_name: 'Functional',
    config: {
      name: network.replaceAll('-', '_'),
      trainable: true,
      layers,
      input_layers: config.input_layers.map((end) => ended(end, names)),
      // Keras gives one output itself, and several as a list.
      output_layers:
        config.output_layers.length === 1
          ? [ended(first!, names)]
          : config.output_layers.map((end) => ended(end, names)),
    },
  };
}

/** A reference to a layer's output: its name, and numbers. */
type End = readonly [name: string, ...others: unknown[]];

interface ModelConfig {
  readonly layers: readonly LayerConfig[];
  readonly input_layers: readonly End[];
  readonly output_layers: readonly End[];
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
