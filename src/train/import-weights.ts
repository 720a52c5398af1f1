import { tf } from '../tf';
import { UserError } from '../errors';
import { withoutDrawing } from '../layers/initialise';
import type { ImageShape, Network } from '../network';
import { importedArchitecture } from '../weights/architecture/imported';
import { expectFinite } from '../weights/finite';
import type { ForeignWeights } from '../weights/foreign-weights';
import { lastUnits, namedByPosition } from '../weights/keras-positions';
import { mapWeights, namesInCommon, originOf, type Mapping, type Origin } from '../weights/mapping';
import {
  differencesOf,
  few,
  incompleteness,
  unlikeness,
  type MappingReport,
} from '../weights/mapping-report';
import { readForeign } from '../weights/read-foreign';
import { printable } from '../weights/refusal';
import { conventionNames, tensorName, type Convention } from '../weights/toolkit-layout';

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
  /** In what the file’s network differs from this one, a line each; none but where `despiteDifferences` asks for it. */
  readonly differences: readonly string[];
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
  const given = await readForeign(file);
  const origins = originsOf(network, options.convention, file);
  const classes =
    partial && options.classes ? options.classes : classesOf(given, network, origins, file, options.classes);
  const build = () => network.build({ classes, seed, ...(input && { input }) });
  const bare = withoutDrawing(build);
  let model = bare;
  try {
    // Keras's exports of ours name their layers, so that a file without is of the toolkit's own network where there is one.
    const [first] = origins.filter(({ convention }) => convention === 'keras' || convention === 'own');
    const found = given.byPosition && first ? namedByPosition(bare, first, given) : given;
    const origin = bestOrigin(bare, found.byPosition && first ? [first] : origins, found, file);
    const mapped = mapWeights(bare, origin, found);
    const { rows } = mapped.report;
    const scores = network.recipe.loss.kind;
    const report: MappingReport = {
      ...mapped.report,
      ...(found.byPosition && { byPosition: true as const }),
      architecture: importedArchitecture({ model: bare, origin, foreign: found, rows, scores }),
    };
    options.onReport?.(report);
    const reason = partial ? undefined : incompleteness(report);
    if (reason) throw new UserError(`${file}: ${reason}; a partial load takes what fits`);
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
    const differences = differencesOf(report);
    return { model, report, format, preprocess: origin.preprocess, missing, differences };
  } catch (error) {
    model.dispose();
    throw error;
  } finally {
    if (model !== bare) bare.dispose();
  }
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
 * The units of the layer that gives the class scores, as the file has them; those that are asked for where it does not say.
 * @throws UserError where others are asked for
 */
function classesOf(
  foreign: ForeignWeights,
  network: Network,
  origins: readonly Origin[],
  file: string,
  asked: number | undefined,
): number {
  const names = origins.flatMap(({ convention, layers }) =>
    network.head.map((layer) =>
      tensorName(convention, layers === 'same' ? layer : (layers[layer] ?? layer), 'bias'),
    ),
  );
  const found = foreign.tensors.find(({ name }) => names.includes(name));
  const classes = foreign.byPosition
    ? lastUnits(foreign)
    : found?.shape.reduce((product, size) => product * size, 1);
  if (classes !== undefined && classes > 0 && classes <= mostClasses) {
    if (asked === undefined || asked === classes) return classes;
    throw new UserError(
      `${file}: expected scores of the ${asked} classes that are asked for (--classes), found those of ${classes}; a partial load draws a head of its own`,
    );
  }
  if (asked !== undefined) return asked;
  throw new UserError(
    `${file}: expected the biases of the class scores (${few(names)}), which tell the number of classes, found ${few(foreign.tensors.map(({ name }) => printable(name)))}; if it has none, say how many`,
  );
}

function bestOrigin(
  model: tf.LayersModel,
  origins: readonly Origin[],
  { tensors }: ForeignWeights,
  file: string,
): Origin {
  const counts = origins.map((origin) => namesInCommon(model, origin, tensors));
  const most = Math.max(...counts);
  if (most > 0) return origins[counts.indexOf(most)]!;
  throw new UserError(
    `${file}: expected tensors of ${model.name}, as ${namesOf(origins).join(' or ')} name them, found ${few(tensors.map(({ name }) => printable(name)))}`,
  );
}

const namesOf = (origins: readonly Origin[]) => origins.map(({ convention }) => conventionNames[convention]);

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
