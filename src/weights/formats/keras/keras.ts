/** Reads weights written by any version of Keras. */
import { UserError, printable, quoted, refusalOf, type Refuse } from '../../../core/errors';
import { expectFloats } from '../../import/finite';
import type { ForeignTensor, ForeignWeights } from '../foreign-weights';
import type { Architecture } from '../../architecture/description';
import { kerasArchitecture } from '../../architecture/keras/keras';
import { readHdf5 } from './hdf5';
import type { Hdf5Contents } from './hdf5-contents';
import { member, readJson } from '../../../core/io/json-text';
import { countedOnce, legacyNames, namesByKind, variableNames } from './keras-names';
import { notLoadedKey, notLoadedNames } from '../../not-loaded';
import { readZip } from '../zip';

/**
 * Reads weights written by Keras: `.weights.h5` of Keras 3, or `.h5` of any Keras, which holds either a whole model
 * with a description of its layers, or only its weights. Also reads Caffe's `.caffemodel.h5`.
 * @param file a path, or the file's bytes
 * @throws UserError when the file is damaged, or is not one of these
 */
export async function readKerasHdf5(
  file: string | Uint8Array,
  where = typeof file === 'string' ? file : 'the data',
): Promise<ForeignWeights> {
  const refuse = refusalOf(where);
  const contents = await readHdf5(file, { attributes: ['name', 'model_config', ownFacts], where });
  const texts = contents.attributes.get('/');
  const described = texts?.['model_config']?.[0];
  const weights = withOwnFacts(weightsIn(contents, new Map(), refuse), texts?.[ownFacts]?.[0], where);
  if (described === undefined) return weights;
  const config = readJson(Buffer.from(described), `${where}, model_config`);
  return { ...weights, ...architectureIn(config, refuse) };
}

/**
 * Reads a `.keras` archive of Keras 3.
 * @throws UserError when the archive is damaged, or is not a `.keras` archive
 */
export async function readKerasArchive(file: Uint8Array, where: string): Promise<ForeignWeights> {
  const refuse = refusalOf(where);
  const entries = readZip(file, where);
  const [config, weights] = ['config.json', 'model.weights.h5'].map(
    (name) => entries.get(name) ?? refuse(`an entry ${name}, as Keras’s archives have`, 'none'),
  );
  const described = readJson(config!.bytes(), `${where}, config.json`);
  const names = namesByKind(described);
  const contents = await readHdf5(weights!.bytes(), { attributes: ['name'], where, packed: file.length });
  return { ...weightsIn(contents, names, refuse), ...architectureIn(described, refuse) };
}

/** The attribute in which this project's exports store facts about themselves. */
const ownFacts = 'cnn_lineage';

/** The weights of an export with the name of its network, and with the names that its layers have in that network. */
function withOwnFacts(weights: ForeignWeights, text: string | undefined, where: string): ForeignWeights {
  if (text === undefined) return weights;
  const facts = readJson(Buffer.from(text), `${where}, ${ownFacts}`);
  const refuse = refusalOf(`${where}, ${ownFacts}`);
  const notLoaded = notLoadedNames(member(facts, notLoadedKey), refuse);
  const [network, layers] = [member(facts, 'network'), member(facts, 'layers')];
  const others = member(facts, 'exportedAsOthers');
  if (Array.isArray(others) && others.length > 0)
    throw new UserError(
      `${where}: expected weights of the network’s own layers, found an export in which Keras’s stand for some (${others.slice(0, 3).map(String).map(quoted).join(', ')}); give the run itself, or its export as safetensors`,
    );
  const found = member(facts, 'constants');
  const constants = new Set<unknown>(Array.isArray(found) ? found : []);
  const tensors = weights.tensors
    .filter(({ name }) => !constants.has(layerIn(name)))
    .map((tensor) => ({ ...tensor, name: ourName(tensor.name, layers) }));
  if (new Set(tensors.map(({ name }) => name)).size < tensors.length)
    refuse('a name for every layer', 'one for several');
  return {
    ...weights,
    tensors,
    ...(typeof network === 'string' && { network, own: facts as Readonly<Record<string, unknown>> }),
    ...(notLoaded && { notLoaded }),
  };
}

function ourName(name: string, layers: unknown): string {
  const layer = layerIn(name);
  const ours = member(layers, layer);
  return typeof ours === 'string' ? `${ours}${name.slice(layer.length)}` : name;
}

function layerIn(name: string): string {
  return name.slice(0, Math.max(0, name.lastIndexOf('/')));
}

function architectureIn(config: unknown, refuse: Refuse): { readonly architecture?: Architecture } {
  const architecture = kerasArchitecture(config, refuse);
  return architecture ? { architecture } : {};
}

/** @param byKind names of layers, by the names of their groups, which are derived from the layers' kinds */
function weightsIn(
  contents: Hdf5Contents,
  byKind: ReadonlyMap<string, string>,
  refuse: Refuse,
): ForeignWeights {
  const paths = contents.datasets.map(({ path }) => path);
  const caffe = contents.datasets.filter(({ path }) => caffeBlob.test(path));
  if (caffe.length > 0)
    return {
      format: 'caffemodel',
      tensors: caffe.map(({ path, shape, values }) => ({
        name: path.slice('/data/'.length),
        shape,
        values: () => values.slice(),
      })),
    };
  expectFloats(wholeWeightsIn(contents), refuse);
  const numbered = paths.some((path) => variable.test(path));
  const byAttribute = numbered ? undefined : paths.find((path) => anyVariable.test(path));
  if (byAttribute !== undefined)
    refuse(
      'weights of layers, as a functional or sequential model of Keras keeps them',
      `those of a subclassed model, by its attributes (${printable(byAttribute.replace(anyVariable, '$1').slice(1))}); in Python, model.save("NEW.h5") keeps them by its layers’ names, or copy them into a functional model and save that`,
    );
  const byPosition = numbered && byKind.size === 0 && !namesLayers(contents);
  const names = numbered ? variableNamesIn(contents, byKind, byPosition, refuse) : legacyNames(paths);
  const tensors = new Map<string, ForeignTensor>();
  for (const { path, shape, values } of contents.datasets) {
    const name = names.get(path);
    if (name === undefined) continue; // the optimiser's state
    if (tensors.has(name)) refuse('every weight once', `two of ${quoted(name)}`);
    tensors.set(name, { name, shape, values: () => values.slice() });
  }
  if (tensors.size === 0)
    refuse(
      'weights of layers, as Keras keeps them',
      paths.length > 0 ? `numbers called ${paths.slice(0, 3).map(quoted).join(', ')}` : 'none',
    );
  return { format: 'keras', ...(byPosition && { byPosition }), tensors: [...tensors.values()] };
}

/** Entries named like a layer’s weight that hold whole numbers, such as Keras's quantised weights; ignores counters. */
function wholeWeightsIn({ attributes, whole }: Hdf5Contents): Pick<ForeignTensor, 'name' | 'whole'>[] {
  const legacy = legacyNames(whole.map(({ path }) => path));
  return whole.flatMap(({ path, shape, type }) => {
    const [, folder, group, index] = variable.exec(path) ?? [];
    if (folder === undefined) {
      const name = legacy.get(path);
      return name !== undefined && trained.test(name) ? [{ name, whole: type }] : [];
    }
    const layer = attributes.get(folder)?.['name']?.[0] ?? group!;
    return index === '0' && shape.length > 1 ? [{ name: `${layer}/kernel`, whole: type }] : [];
  });
}

/** Whether any layer has a name, or is part of a nested model, so that layers cannot be identified by position. */
function namesLayers({ attributes, datasets }: Hdf5Contents): boolean {
  return datasets.some(({ path }) => {
    const [, folder] = variable.exec(path) ?? [];
    return folder !== undefined && (attributes.get(folder)?.['name'] !== undefined || !topLevel.test(folder));
  });
}

/** The names of Keras 3's weights, by their paths. */
function variableNamesIn(
  { attributes, datasets }: Hdf5Contents,
  byKind: ReadonlyMap<string, string>,
  byPosition: boolean,
  refuse: Refuse,
): ReadonlyMap<string, string> {
  const found = datasets.flatMap(({ path }) => {
    const [, folder, group, index] = variable.exec(path) ?? [];
    return index === undefined ? [] : [{ path, folder: folder!, group: group!, index }];
  });
  const groups = countedOnce(found.filter(({ folder }) => twice.test(folder)).map(({ group }) => group));
  const sizes = new Map<string, number>();
  for (const { folder } of found) sizes.set(folder, (sizes.get(folder) ?? 0) + 1);
  return new Map(
    found.map(({ path, folder, group: written, index }) => {
      const group = (twice.test(folder) && groups.get(written)) || written;
      const layer =
        attributes.get(folder)?.['name']?.[0] ??
        (byPosition ? group : topLevel.test(folder) ? byKind.get(group) : undefined) ??
        refuse(
          'the names of layers, which older versions of Keras 3 wrote by model.save("….keras") only',
          `none for ${quoted(written)}`,
        );
      return [path, `${layer}/${variableNames(group, sizes.get(folder)!)[Number(index)] ?? index}`];
    }),
  );
}

/**
 * A blob in a `.caffemodel.h5`: its layer, whose name may contain slashes, and its index. Source: Net::ToHDF5 of Caffe.
 */
const caffeBlob = /^\/data\/(?!.*\/?vars\/\d+$).+\/\d+$/;
/**
 * A weight of Keras 3: its layer's group, and its index there. Keras 2.13 used a different name for the layers' group.
 */
const variable = /^((?:\/.*)?\/(?:layers|_layer_checkpoint_dependencies)\/([^/]+)\/vars)\/(\d+)$/;
/** The same for any object in Keras 3, except the optimiser's state. */
const anyVariable = /^((?!\/optimizer\/).+)\/vars\/\d+$/;
/** The names of weights within layers. */
const trained = /\/(?:kernel|bias|gamma|beta|moving_mean|moving_variance)$/;
/** The group in which Keras 2.13 stored each layer with weights twice, and numbered it accordingly. */
const twice = /^\/_layer_checkpoint_dependencies\/[^/]+\/vars$/;
/** A group of the model itself, not of a nested model. */
const topLevel = /^\/[^/]+\/[^/]+\/vars$/;
