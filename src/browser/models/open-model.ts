/** Opens and keeps the models of a page: behind an address, of dropped files, in the browser's database. */
import { createStore, del, get, keys, set, type UseStore } from 'idb-keyval';
import { UserError, messageOf } from '../../core/errors';
import { expectOptions } from '../../core/given/options';
import { elementCount } from '../../core/shape';
import { withoutDrawing } from '../../layers/initialise/initialise';
import { foreignSafetensors } from '../../weights/formats/safetensors/foreign-safetensors';
import { filesFor, ownFacts } from '../../weights/import/own-facts';
import { lacksFitted } from '../../weights/fitted-values';
import { modelFiles, type ModelRecord } from '../../weights/model-record';
import { setWeights } from '../../weights/named-array';
import { backendInUse } from '../backend';
import { digest, modelFolder, networkOf, openModelFiles, type Networks } from './model-files';
import { pageTrained, type PageTrained } from './trained';
import type { Cancellable } from '../training';

/** How a model is opened. */
export interface OpenModelOptions extends Cancellable {
  /** Told how many bytes of a file have come, and of how many; null where the server does not say. */
  readonly onProgress?: ((file: string, bytes: number, all: number | null) => void) | undefined;
}

/**
 * Opens a trained model on the backend in use or the best there is.
 * @param source the address of a model folder or of an exported `.safetensors` file, or the files themselves, as dropped
 *   on the page
 * @param networks the network that it is of, by its name: `zoo`, or `{ lenet5 }` for a page that needs no other
 * @throws UserError if nothing is there, it is damaged, or its network is not among `networks`; the signal's reason
 * @example
 * const model = await openModel('/models/lenet5', { lenet5 });
 * const [best] = await model.classify(canvas);
 */
export async function openModel(
  source: string | URL | Iterable<File>,
  networks: Networks,
  options: OpenModelOptions = {},
): Promise<PageTrained> {
  expectOptions('openModel', options, { signal: 'optional', onProgress: 'optional' });
  if (typeof source !== 'string' && !(source instanceof URL)) return openFiles([...source], networks);
  const address = String(source);
  if (/\.safetensors(?:[?#]|$)/.test(address)) {
    const bytes = await fetched(address, options);
    if (bytes) return openSafetensors(bytes, address, networks);
    throw new UserError(`${address}: expected a file of weights, found none there`);
  }
  const folder = address.replace(/\/+$/, '');
  return openModelFiles((name) => fetched(`${folder}/${name}`, options), folder, networks);
}

async function openFiles(files: readonly File[], networks: Networks): Promise<PageTrained> {
  const bytesOf = async (file: File) => new Uint8Array(await file.arrayBuffer());
  const found = (name: string) => files.find((file) => file.name === name);
  const [single] = files;
  if (!found(modelFiles.record) && files.length === 1 && single!.name.endsWith('.safetensors'))
    return openSafetensors(await bytesOf(single!), single!.name, networks);
  const read = async (name: string) => {
    const file = found(name);
    return file && bytesOf(file);
  };
  return openModelFiles(read, 'the given files', networks);
}

/** The bytes behind an address; undefined where there is nothing. */
async function fetched(
  address: string,
  { signal, onProgress }: OpenModelOptions,
): Promise<Uint8Array | undefined> {
  let response: Response;
  try {
    response = await fetch(address, signal ? { signal } : {});
  } catch (error) {
    signal?.throwIfAborted();
    throw new UserError(`${address}: expected an answer, found none (${messageOf(error)})`);
  }
  if (response.status === 404) return undefined;
  if (!response.ok) throw new UserError(`${address}: expected a file, found status ${response.status}`);
  // Servers of pages answer with the page itself where there is no such file.
  if (response.headers.get('content-type')?.startsWith('text/html')) return undefined;
  const said = Number(response.headers.get('content-length'));
  const all = said > 0 && !response.headers.has('content-encoding') ? said : null;
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  const reader = response.body!.getReader();
  for (let next = await reader.read(); !next.done; next = await reader.read()) {
    chunks.push(next.value);
    bytes += next.value.length;
    onProgress?.(address, bytes, all);
  }
  const whole = new Uint8Array(bytes);
  chunks.reduce((start, chunk) => (whole.set(chunk, start), start + chunk.length), 0);
  return whole;
}

/**
 * Opens a file that `export --format safetensors`, or `safetensorsFile` in a page, made.
 * @param where names it in messages
 * @throws UserError if it is of another program, damaged, or of a network that is not among `networks`
 */
export async function openSafetensors(
  bytes: Uint8Array,
  where: string,
  networks: Networks,
): Promise<PageTrained> {
  await backendInUse();
  const file = foreignSafetensors(bytes, where);
  const name = file.network;
  if (name === undefined)
    throw new UserError(
      `${where}: expected a file that this project exported, found one that names no network of it`,
    );
  const network = networkOf(name, networks, where);
  const facts = ownFacts(file, network, where)!;
  const usual = network.recipe;
  const shape = facts.shape ?? usual.input.shape;
  const preprocess = facts.preprocess ?? usual.input.preprocess;
  if (lacksFitted({ shape, preprocess }, {}))
    throw new UserError(
      `${where}: expected the folder of the model, since its preprocessing takes numbers from a training set; found its weights alone`,
    );
  const [head] = network.head.map((layer) => file.tensors.find((tensor) => tensor.name === `${layer}/bias`));
  const classes = facts.labels?.length ?? (head ? elementCount(head.shape) : 10);
  const input = { shape, preprocess, ...(facts.files ?? filesFor(network, preprocess, classes)) };
  const build = () => network.build({ classes, input: input.shape, seed: 1 });
  const notLoaded = file.notLoaded ?? [];
  const model = notLoaded.length > 0 ? build() : withoutDrawing(build);
  const left = new Set(notLoaded);
  try {
    const arrays = file.tensors
      .filter((tensor) => !left.has(tensor.name))
      .map((tensor) => ({ ...tensor, values: tensor.values() as Float32Array }));
    setWeights(
      model.weights.filter(({ originalName }) => !left.has(originalName)),
      arrays,
      where,
    );
  } catch (error) {
    model.dispose();
    throw error;
  }
  const record: Omit<ModelRecord, 'sha256'> = {
    network: name,
    classes,
    labels: facts.labels && [...facts.labels],
    synsets: facts.synsets && [...facts.synsets],
    input: structuredClone(input) as ModelRecord['input'],
    ...(facts.augment && { augment: structuredClone(facts.augment) as NonNullable<ModelRecord['augment']> }),
    ...(facts.loss && { loss: structuredClone(facts.loss) as NonNullable<ModelRecord['loss']> }),
    missing: [...notLoaded],
    seed: 1,
    source: {
      kind: 'imported',
      file: where.split('/').at(-1)!,
      bytes: bytes.length,
      sha256: digest(bytes),
      format: 'safetensors',
      convention: 'own',
      ...(facts.source && { from: { ...facts.source } }),
      published: null,
    },
    command: 'openSafetensors in a page',
    commit: null,
    made: new Date().toISOString(),
  };
  const recipe = { input, augment: facts.augment ?? usual.augment, loss: facts.loss ?? usual.loss };
  const { labels, synsets, source } = record;
  return pageTrained(
    { network: name, model, recipe, fitted: {}, labels, synsets, source, notLoaded },
    network,
    record,
  );
}

let database: UseStore | undefined;

/** The database of the page's origin, in which models are kept. */
function store(): UseStore {
  return (database ??= createStore('cnn-lineage', 'models'));
}

/**
 * Keeps a model in the browser's database (IndexedDB) under a name, in place of one that was kept under it.
 * @throws UserError if the browser has no room for it, or keeps nothing for this page
 */
export async function saveModel(name: string, trained: PageTrained): Promise<void> {
  try {
    await set(name, await modelFolder(trained), store());
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw new UserError(`${name}: the browser cannot keep the model (${messageOf(error)})`);
  }
}

/**
 * Opens a model that `saveModel` kept.
 * @throws UserError if there is none of that name
 */
export async function openSavedModel(name: string, networks: Networks): Promise<PageTrained> {
  const files = await get<Readonly<Record<string, Uint8Array>>>(name, store());
  if (files) return openModelFiles(async (file) => files[file], name, networks);
  const names = await savedModels();
  throw new UserError(
    `${name}: expected a model that the browser keeps, found ${names.length > 0 ? `only ${names.join(', ')}` : 'none'}`,
  );
}

/** The names of the models that the browser keeps for this page's origin. */
export async function savedModels(): Promise<readonly string[]> {
  return (await keys<string>(store())).sort();
}

/** Forgets a model that was kept; does nothing if there is none of that name. */
export async function removeSavedModel(name: string): Promise<void> {
  await del(name, store());
}
