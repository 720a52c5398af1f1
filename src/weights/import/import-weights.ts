/** Builds a network with the weights from another toolkit's file. */
import { option } from '../../core/text/wording';
import { elementCount } from '../../core/shape';
import { tf } from '../../core/tf';
import { UserError, printable, refusalOf } from '../../core/errors';
import { withoutDrawing } from '../../layers/initialise/initialise';
import type { FittedPreprocess } from '../../data/preprocess/preprocess';
import { Rbf } from '../../layers/rbf';
import type { ImageShape, Input, Loss, Network } from '../../core/network';
import { importedArchitecture } from '../architecture/imported';
import { expectFinite, expectFloats } from './finite';
import type { ForeignWeights } from '../formats/foreign-weights';
import { withNormalisations } from './onnx/folded-normalisation';
import { namedByGraph } from './onnx/named-by-graph';
import { lastUnits, namedByPosition } from './keras-positions';
import { mapWeights, namesInCommon, originOf, type Mapping, type Origin } from './mapping';
import { unwrapped, withoutPrefix } from '../formats/torch/torch-names';
import { differencesOf, few, incompleteness, unlikeness, type MappingReport } from './mapping-report';
import { readForeign } from '../formats/read-weights';
import { conventionNames, tensorName, type Convention } from './toolkit-layout';
import { lacksFitted } from '../fitted-file';
import { likeness, otherNames, type Networks } from './other-network';
import { filesFor, fittedInFile, ownFacts, ownSize, toldBy, type OwnFacts } from './own-facts';

/** How a file of weights is imported. */
export interface ImportOptions {
  /** The number of classes. Default: the number of units of the file's head. */
  readonly classes?: number | undefined;
  /** The input shape. Default: the recipe's. */
  readonly input?: ImageShape | undefined;
  /** The toolkit whose names the file uses. Default: the convention that matches the most names. */
  readonly convention?: Convention | undefined;
  /** Load the weights that match, and leave the others at their initial values. Default: false. */
  readonly partial?: boolean | undefined;
  /** Load the weights even if the file says that its layers compute differently. Default: false. */
  readonly despiteDifferences?: boolean | undefined;
  /** The seed for drawing the weights that the file lacks. Default: 1. */
  readonly seed?: number | undefined;
  /** Other networks by their names in commands, used to say which one a rejected file belongs to. Default: none. */
  readonly zoo?: Networks | undefined;
  /** Called with what became of each tensor, before the file is rejected because of it. */
  readonly onReport?: ((report: MappingReport) => void) | undefined;
}

/** A network with the weights of a file. */
export interface Imported {
  /** The model, which the caller disposes of. */
  readonly model: tf.LayersModel;
  readonly report: MappingReport;
  readonly format: ForeignWeights['format'];
  /**
   * The preprocessing that these weights were trained with, from stored pixels. It takes precedence over the recipe's.
   */
  readonly preprocess: Origin['preprocess'];
  /** What the network takes, and how image files become it: `preprocess` with what comes before it. */
  readonly input: Input;
  /** Weights that the file lacks, by our names. They are drawn from the seed or have their constant initial values. */
  readonly missing: readonly string[];
  /**
   * How the network that these weights were trained in differs from this one, one line for each difference. Empty
   * unless `despiteDifferences` is set, or was set at an earlier import that the file records.
   */
  readonly differences: readonly string[];
  /** The reason why the networks were not compared, if they were not. */
  readonly uncompared?: string;
  /** Other facts that a file of this project contains. The labels are those of the model's classes. */
  readonly own?: OwnFacts;
  /** The values that the file holds of a training set, if `preprocess` needs any. */
  readonly fitted: FittedPreprocess;
}

/**
 * Builds a network with the weights from a file of another toolkit or of this project. The file may lack the network's
 * auxiliary heads. Other missing or extra tensors are accepted only with `partial`, and layers that compute
 * differently, according to the file, only with `despiteDifferences`.
 * @throws UserError if the file cannot be read, or does not belong to this network
 */
export async function importWeights(
  file: string,
  network: Network,
  options: ImportOptions = {},
): Promise<Imported> {
  const { seed = 1, input, partial = false, despiteDifferences = false } = options;
  if (options.classes !== undefined && !(Number.isInteger(options.classes) && options.classes > 0))
    throw new UserError(`expected a whole number of classes, at least 1, found ${options.classes}`);
  const origins = originsOf(network, options.convention, file);
  const given = withoutWrappers(await readForeign(file), origins, file);
  const own = ownFacts(given, network, file);
  const expected = { network, origins, zoo: options.zoo ?? {}, file };
  const size = input ?? (own && ownSize(own, network));
  const buildFor = (classes: number) => network.build({ classes, seed, ...(size && { input: size }) });
  const classes =
    (partial ? options.classes : undefined) ??
    classesOf(given, network, origins, file, options.classes) ??
    refuseHeadless(given, expected, buildFor);
  const build = () => buildFor(classes);
  const bare = input || !size ? withoutDrawing(build) : ofOwnSize(() => withoutDrawing(build), file);
  let model = bare;
  try {
    // Keras's exports of our networks name their layers. A file without layer names therefore belongs to the toolkit's
    // own network, if there is one.
    const [first] = origins.filter(({ convention }) => convention === 'keras' || convention === 'own');
    const along =
      given.byGraph &&
      (origins.find(({ convention }) => convention === given.byGraph?.like) ?? origins.at(-1)!);
    const named = along
      ? namedByGraph(bare, along, given)
      : given.byPosition && first
        ? namedByPosition(bare, first, given)
        : given;
    const origin =
      named.byPosition && first
        ? first
        : bestOrigin(bare, along ? { ...expected, origins: [along] } : expected, named, partial);
    const found = withNormalisations(bare, origin, named);
    const mapped = mapWeights(bare, origin, found);
    const { byPosition, notes } = found;
    const { rows } = mapped.report;
    const loss = given.network === bare.name ? own?.loss : undefined;
    if (loss) expectScores(loss, bare, file);
    const scores = (loss ?? network.recipe.loss).kind;
    const preprocess = own?.preprocess ?? origin.preprocess;
    const shape = bare.inputs[0]!.shape.slice(1) as unknown as ImageShape;
    const fitted = await fittedInFile(preprocess, given, shape);
    const facts = own && { ...own, loss, ...namesOfClasses(own, { rows, network, classes, file }) };
    const said = [
      ...(notes ?? []),
      ...(facts?.notes ?? []),
      ...(own && lacksFitted({ shape, preprocess }, fitted) ? [lackingText] : []),
    ];
    const told = toldBy(own?.source);
    const report: MappingReport = {
      ...mapped.report,
      ...(byPosition && { byPosition }),
      ...(said.length > 0 && { notes: said }),
      ...((told.differences.length > 0 || told.uncompared !== undefined) && { told }),
      architecture: importedArchitecture({ model: bare, origin, foreign: found, rows, scores }),
    };
    expectFloats(
      mapped.loads.map(({ tensor }) => tensor),
      refusalOf(file),
    );
    options.onReport?.(report);
    const reason = partial ? undefined : incompleteness(report);
    if (reason)
      throw new UserError(
        `${file}: ${reason}; ${likeness(found, network, expected.zoo) ?? `importing with ${option('partial')} takes what fits`}`,
      );
    if (mapped.loads.length === 0)
      throw new UserError(`${file}: expected tensors of the shapes of ${bare.name}, found none`);
    const unlike = despiteDifferences ? undefined : unlikeness(report);
    if (unlike)
      throw new UserError(
        `${file}: ${unlike}; its weights would answer otherwise here (importing with ${option('despiteDifferences')} takes them all the same)`,
      );
    const missing = report.rows.flatMap((row) =>
      row.state === 'missing' || row.state === 'wrongShape' ? [row.weight] : [],
    );
    if (missing.length > 0) model = build();
    await load(mapWeights(model, origin, found), file);
    const { format } = found;
    const differences = [...new Set([...differencesOf(report), ...told.differences])];
    const { architecture } = report;
    const uncompared =
      architecture && 'uncompared' in architecture ? architecture.uncompared : told.uncompared;
    return {
      ...{ model, report, format, preprocess, missing, differences, fitted },
      input: { shape, preprocess, ...(own?.files ?? filesFor(network, preprocess, classes)) },
      ...(uncompared !== undefined && { uncompared }),
      ...(facts && { own: facts }),
    };
  } catch (error) {
    model.dispose();
    throw error;
  } finally {
    if (model !== bare) bare.dispose();
  }
}

/** Reports that the file lacks the values of a fitted preprocessing. */
const lackingText =
  'its images were made ready by numbers of its training set (a mean image, a whitening), which are not in this file but in the run’s folder and in its export for TensorFlow.js';

/** @throws UserError if the network does not accept images of the size given in the file */
function ofOwnSize(build: () => tf.LayersModel, file: string): tf.LayersModel {
  try {
    return build();
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    throw new UserError(
      `${file}: expected what an export tells of its network, found other (${error.message})`,
    );
  }
}

/** @throws UserError if the file describes scores that the network does not produce */
function expectScores({ kind }: Loss, model: tf.LayersModel, file: string): void {
  const distances = model.outputs[0]!.sourceLayer instanceof Rbf;
  if (distances === (kind === 'rbfPenalty')) return;
  throw new UserError(
    `${file}: expected scores that are ${distances ? 'distances' : 'no distances'}, as those of ${model.name}, found ${kind}`,
  );
}

/**
 * The labels in the file, if its classes are those of its own head.
 * @throws UserError if the number of labels differs from the number of classes
 */
function namesOfClasses(
  { labels, synsets, notes }: OwnFacts,
  given: {
    readonly rows: MappingReport['rows'];
    readonly network: Network;
    readonly classes: number;
    readonly file: string;
  },
): Pick<OwnFacts, 'labels' | 'synsets' | 'notes'> {
  const { rows, network, classes, file } = given;
  if (!labels && !synsets) return { labels, synsets, notes };
  const drawn = rows.some(
    (row) =>
      (row.state === 'wrongShape' || (row.state === 'missing' && !row.told)) &&
      !row.auxiliary &&
      network.head.some((layer) => row.weight.startsWith(`${layer}/`)),
  );
  if (drawn)
    return {
      labels: null,
      synsets: null,
      notes: [...notes, 'its labels are those of its own head, which is not taken: classes have none here'],
    };
  for (const [what, names] of [
    ['labels', labels],
    ['synsets', synsets],
  ] as const)
    if (names && names.length !== classes)
      throw new UserError(
        `${file}: expected ${classes} ${what}, one a class, in what it tells of its network, found ${names.length}`,
      );
  return { labels, synsets, notes };
}

/** The toolkits that the network's files may come from, including this project. */
function originsOf(network: Network, wanted: Convention | undefined, file: string): readonly Origin[] {
  const own: Origin = { convention: 'own', layers: 'same', preprocess: network.recipe.input.preprocess };
  const all = [...(network.weights ?? []).map(originOf), own];
  const origins = all.filter(({ convention }) => wanted === undefined || convention === wanted);
  if (origins.length > 0) return origins;
  throw new UserError(
    `${file}: expected names of ${namesOf(all).join(' or ')}, which are known for this network, found ${wanted} asked for`,
  );
}

/** Keeps a damaged file from making the network have a billion classes; ImageNet has 21,843. */
const mostClasses = 2 ** 15;

/**
 * The number of units that the file has in the layer of the class scores. If the file does not say, the requested
 * number; undefined if none was requested.
 * @throws UserError if another number was requested
 */
function classesOf(
  foreign: ForeignWeights,
  network: Network,
  origins: readonly Origin[],
  file: string,
  asked: number | undefined,
): number | undefined {
  const names = headBiases(network, origins);
  const found = foreign.tensors.find(({ name }) => names.includes(name));
  const classes = foreign.byGraph
    ? foreign.byGraph.classes
    : foreign.byPosition
      ? lastUnits(foreign)
      : found && elementCount(found.shape);
  if (classes === undefined || classes === 0 || classes > mostClasses) return asked;
  if (asked === undefined || asked === classes) return classes;
  throw new UserError(
    `${file}: expected scores of the ${asked} classes that are asked for (${option('classes')}), found those of ${classes}; importing with ${option('partial')} draws a head of its own`,
  );
}

/** The names of the biases of the class scores. */
function headBiases(network: Network, origins: readonly Origin[]): readonly string[] {
  return origins.flatMap(({ convention, layers }) =>
    network.head.map((layer) =>
      tensorName(convention, layers === 'same' ? layer : (layers[layer] ?? layer), 'bias'),
    ),
  );
}

/** The toolkit that a file is expected to come from. */
interface Expected {
  readonly network: Network;
  readonly origins: readonly Origin[];
  readonly zoo: Networks;
  readonly file: string;
}

/**
 * The error for a file without a number of classes: either it belongs to another network, or only its head is missing.
 */
function refuseHeadless(
  given: ForeignWeights,
  expected: Expected,
  build: (classes: number) => tf.LayersModel,
): never {
  const model = withoutDrawing(() => build(10)); // any number will do for comparing names
  try {
    bestOrigin(model, expected, given, false);
  } finally {
    model.dispose();
  }
  const names = headBiases(expected.network, expected.origins);
  throw new UserError(
    `${expected.file}: expected the biases of the class scores (${few(names)}), which tell the number of classes, found none among its ${given.tensors.length} tensors; importing with ${option('classes', 'N')} says how many, and with ${option('partial')} a head that the file lacks is drawn`,
  );
}

/**
 * The origin that matches the most names of a file.
 * @throws UserError if even that one matches so few names that the file belongs to another network
 */
function bestOrigin(
  model: tf.LayersModel,
  { network, origins, zoo, file }: Expected,
  given: ForeignWeights,
  partial: boolean,
): Origin {
  const counts = origins.map((origin) => namesInCommon(model, origin, given.tensors));
  const most = Math.max(...counts);
  // Names such as `fc` and `conv1` occur in many networks.
  const least = partial ? 1 : Math.min(given.tensors.length, model.weights.length) / 4;
  if (most > 0 && most >= least) return origins[counts.indexOf(most)]!;
  throw new UserError(
    `${file}: expected tensors of ${model.name}, as ${namesOf(origins).join(' or ')} ${origins.length > 1 ? 'name' : 'names'} them, found ${otherNames(given, network, zoo)}`,
  );
}

/**
 * PyTorch's names, without the prefixes that wrappers and training scripts add.
 * @throws UserError if the file contains two networks with such names, for example a student and its teacher
 */
function withoutWrappers(given: ForeignWeights, origins: readonly Origin[], file: string): ForeignWeights {
  const layers = origins.flatMap(({ convention, layers: names }) =>
    convention === 'pytorch' && names !== 'same' ? Object.values(names) : [],
  );
  if (layers.length === 0 || (given.format !== 'pth' && given.format !== 'safetensors')) return given;
  const entries = given.tensors.map((tensor) => [tensor.name, tensor] as const);
  const plain = unwrapped(entries).map(([name, tensor]) => ({ ...tensor, name }));
  const { tensors, prefix, rivals } = withoutPrefix(plain, layers);
  if (rivals.length > 0)
    throw new UserError(
      `${file}: expected the network’s names once, found them behind each of ${few(rivals.map(printable))}; in Python, save the tensors of the one that is meant`,
    );
  const said = prefix === '' ? [] : [`${printable(prefix)} before its names is left out`];
  const notes = [...(given.notes ?? []), ...said];
  return { ...given, tensors, ...(notes.length > 0 && { notes }) };
}

const namesOf = (origins: readonly Origin[]) => [
  ...new Set(origins.map(({ convention }) => conventionNames[convention])),
];

/** Loads one tensor after the other, so that no more than one is in memory twice. */
async function load({ loads }: Mapping, file: string): Promise<void> {
  for (const { weight, tensor, layout } of loads) {
    const found = await tensor.values();
    expectFinite(found, tensor.name, file);
    const values = layout.reorder(found);
    const value = tf.tensor(values, weight.shape as number[]);
    weight.write(value);
    value.dispose();
  }
}
