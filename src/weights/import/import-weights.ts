/** Builds a network with the weights of another toolkit's file. */
import { elementCount } from '../../core/shape';
import { tf } from '../../core/tf';
import { UserError, printable, refusalOf } from '../../core/errors';
import { withoutDrawing } from '../../layers/initialise/initialise';
import type { FittedPreprocess } from '../../data/preprocess/preprocess';
import { Rbf } from '../../layers/rbf';
import type { ImageShape, Loss, Network } from '../../core/network';
import { importedArchitecture } from '../architecture/imported';
import { expectFinite, expectFloats } from './finite';
import type { ForeignWeights } from '../formats/foreign-weights';
import { lastUnits, namedByPosition } from './keras-positions';
import { mapWeights, namesInCommon, originOf, type Mapping, type Origin } from './mapping';
import { unwrapped, withoutPrefix } from '../formats/torch/torch-names';
import { differencesOf, few, incompleteness, unlikeness, type MappingReport } from './mapping-report';
import { readForeign } from '../formats/read-weights';
import { conventionNames, tensorName, type Convention } from './toolkit-layout';
import { lacksFitted } from '../fitted-file';
import { likeness, otherNames, type Networks } from './other-network';
import { fittedInFile, ownFacts, ownSize, toldBy, type OwnFacts } from './own-facts';

export interface ImportOptions {
  /** Default: as many as the file's head has units. */
  readonly classes?: number | undefined;
  /** Default: the recipe's. */
  readonly input?: ImageShape | undefined;
  /** Whose names the file uses. Default: the convention of which it has most names. */
  readonly convention?: Convention | undefined;
  /** Take what fits, and leave the rest of the network as it starts. Default: false. */
  readonly partial?: boolean | undefined;
  /** Take the weights even of layers that compute otherwise, by what the file says of them. Default: false. */
  readonly despiteDifferences?: boolean | undefined;
  /** What the file lacks is drawn from it. Default: 1. */
  readonly seed?: number | undefined;
  /** Which others a file may be of, by their names in commands, to tell whose it is where it is refused. Default: none. */
  readonly zoo?: Networks | undefined;
  /** Told what became of each tensor, before a file is refused for it. */
  readonly onReport?: ((report: MappingReport) => void) | undefined;
}

export interface Imported {
  /** The caller's to dispose of. */
  readonly model: tf.LayersModel;
  readonly report: MappingReport;
  readonly format: ForeignWeights['format'];
  /** What these weights were trained on, from stored pixels; where it differs from the recipe's, this is right. */
  readonly preprocess: Origin['preprocess'];
  /** Weights that the file lacks, by our names: drawn from the seed, or as they start. */
  readonly missing: readonly string[];
  /**
   * In what the network that these weights were trained in differs from this one, a line each; none but where
   * `despiteDifferences` asks for it, or did at an earlier import, as the file tells.
   */
  readonly differences: readonly string[];
  /** Why that was not compared, where it was not. */
  readonly uncompared?: string;
  /** What else a file of this project’s tells; of labels, those of the classes that the model has. */
  readonly own?: OwnFacts;
  /** What the file holds of a training set, where `preprocess` takes something from it. */
  readonly fitted: FittedPreprocess;
}

/**
 * Builds a network with the weights of a file of another toolkit, or of this project's. A file without the network's
 * auxiliary heads will do; a file with more or less than the network otherwise only if `partial` says so, and one whose
 * layers compute otherwise, by what it says of them, only if `despiteDifferences` does.
 * @throws UserError when the file cannot be read, or is not of this network
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
    // Keras's exports of ours name their layers, so that a file without is of the toolkit's own network where there is one.
    const [first] = origins.filter(({ convention }) => convention === 'keras' || convention === 'own');
    const found = given.byPosition && first ? namedByPosition(bare, first, given) : given;
    const origin = found.byPosition && first ? first : bestOrigin(bare, expected, found, partial);
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
        `${file}: ${reason}; ${likeness(found, network, expected.zoo) ?? 'import --partial takes what fits'}`,
      );
    if (mapped.loads.length === 0)
      throw new UserError(`${file}: expected tensors of the shapes of ${bare.name}, found none`);
    const unlike = despiteDifferences ? undefined : unlikeness(report);
    if (unlike)
      throw new UserError(
        `${file}: ${unlike}; its weights would answer otherwise here (import --despite-differences takes them all the same)`,
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

/** Says of a fitted preprocessing that the file is without it. */
const lackingText =
  'its images were made ready by numbers of its training set (a mean image, a whitening), which are not in this file but in the run’s folder and in its export for TensorFlow.js';

/** @throws UserError where the network does not take images of the size that the file says */
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

/** @throws UserError where the file tells of scores that the network does not give */
function expectScores({ kind }: Loss, model: tf.LayersModel, file: string): void {
  const distances = model.outputs[0]!.sourceLayer instanceof Rbf;
  if (distances === (kind === 'rbfPenalty')) return;
  throw new UserError(
    `${file}: expected scores that are ${distances ? 'distances' : 'no distances'}, as those of ${model.name}, found ${kind}`,
  );
}

/**
 * The labels that a file tells, where the classes are those of its own head.
 * @throws UserError where there are more or fewer than classes
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

/** Whose files the network's may be, this project's own among them. */
function originsOf(network: Network, wanted: Convention | undefined, file: string): readonly Origin[] {
  const own: Origin = { convention: 'own', layers: 'same', preprocess: network.recipe.input.preprocess };
  const all = [...(network.weights ?? []).map(originOf), own];
  const origins = all.filter(({ convention }) => wanted === undefined || convention === wanted);
  if (origins.length > 0) return origins;
  throw new UserError(
    `${file}: expected names of ${namesOf(all).join(' or ')}, which are known for this network, found ${wanted} asked for`,
  );
}

/** Keeps a damaged file from deciding that the network is made with a billion classes; ImageNet has 21,843. */
const mostClasses = 2 ** 15;

/**
 * The units of the layer that gives the class scores, as the file has them; those that are asked for where it does not
 * say, and nothing where nobody does.
 * @throws UserError where others are asked for
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
  const classes = foreign.byPosition ? lastUnits(foreign) : found && elementCount(found.shape);
  if (classes === undefined || classes === 0 || classes > mostClasses) return asked;
  if (asked === undefined || asked === classes) return classes;
  throw new UserError(
    `${file}: expected scores of the ${asked} classes that are asked for (--classes), found those of ${classes}; import --partial draws a head of its own`,
  );
}

/** What the biases of the class scores are called. */
function headBiases(network: Network, origins: readonly Origin[]): readonly string[] {
  return origins.flatMap(({ convention, layers }) =>
    network.head.map((layer) =>
      tensorName(convention, layers === 'same' ? layer : (layers[layer] ?? layer), 'bias'),
    ),
  );
}

/** Whose a file is expected to be. */
interface Expected {
  readonly network: Network;
  readonly origins: readonly Origin[];
  readonly zoo: Networks;
  readonly file: string;
}

/** Of a file that does not say how many classes it is for: because it is another network's, or lacks its head alone. */
function refuseHeadless(
  given: ForeignWeights,
  expected: Expected,
  build: (classes: number) => tf.LayersModel,
): never {
  const model = withoutDrawing(() => build(10)); // as good as any number for comparing names
  try {
    bestOrigin(model, expected, given, false);
  } finally {
    model.dispose();
  }
  const names = headBiases(expected.network, expected.origins);
  throw new UserError(
    `${expected.file}: expected the biases of the class scores (${few(names)}), which tell the number of classes, found none among its ${given.tensors.length} tensors; import --classes N says how many, and with --partial a head that the file lacks is drawn`,
  );
}

/**
 * The origin of which a file has most names.
 * @throws UserError where it has so few of any that it is another network's
 */
function bestOrigin(
  model: tf.LayersModel,
  { network, origins, zoo, file }: Expected,
  given: ForeignWeights,
  partial: boolean,
): Origin {
  const counts = origins.map((origin) => namesInCommon(model, origin, given.tensors));
  const most = Math.max(...counts);
  // Names such as `fc` and `conv1` are in many networks.
  const least = partial ? 1 : Math.min(given.tensors.length, model.weights.length) / 4;
  if (most > 0 && most >= least) return origins[counts.indexOf(most)]!;
  throw new UserError(
    `${file}: expected tensors of ${model.name}, as ${namesOf(origins).join(' or ')} ${origins.length > 1 ? 'name' : 'names'} them, found ${otherNames(given, network, zoo)}`,
  );
}

/**
 * PyTorch's names, without what wrappers and training scripts put before them.
 * @throws UserError where there are two networks of such names, as a student and its teacher
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

/** One tensor after the other, so that no more than one is in memory twice. */
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
