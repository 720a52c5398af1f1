/** The facts about a network in this project's own files: exports write them, and imports read them back. */
import { elementCount } from '../../core/shape';
import { publishedDataset } from '../../data/datasets/catalogue';
import * as z from 'zod';
import { distortionStages } from '../../data/augment/stages';
import { preprocessedShape, takesFitted, type FittedPreprocess } from '../../data/preprocess/preprocess';
import { UserError } from '../../core/errors';
import type { Augment, ImageShape, Input, Loss, Network, Preprocess, Recipe } from '../../core/network';
import type { ForeignWeights } from '../formats/foreign-weights';
import { recipeSchema } from '../../core/recipe/schema';

const { input, augment, loss } = recipeSchema.shape;
const { shape, preprocess } = input.shape;
const kinds = [
  'softmaxCrossEntropy',
  'rbfPenalty',
  'squaredError',
] as const satisfies readonly Loss['kind'][];

const factsSchema = z.object({
  labels: z.array(z.string()).nullish(),
  synsets: z.array(z.string()).nullish(),
  source: z.record(z.string(), z.unknown()).optional(),
  recipe: z.object({ input, augment, loss }).optional(),
  // The fields that exports had before `recipe` was introduced.
  scores: z.enum(kinds).optional(),
  preprocess: preprocess.optional(),
  input: z.object({ shape, preprocess }).optional(),
});
type Facts = z.infer<typeof factsSchema>;

export interface OwnFacts {
  readonly shape?: ImageShape | undefined;
  readonly preprocess?: readonly Preprocess[] | undefined;
  /** How image files are brought to where `preprocess` starts, if the file tells of its recipe. */
  readonly files?: Pick<Input, 'stored' | 'background'> | undefined;
  readonly augment?: readonly Augment[] | undefined;
  readonly loss?: Loss | undefined;
  readonly labels: readonly string[] | null;
  readonly synsets: readonly string[] | null;
  readonly source?: Readonly<Record<string, unknown>> | undefined;
  /** Remarks for the user about what the file does not say. */
  readonly notes: readonly string[];
}

/**
 * The facts in a file of this project; undefined for other files.
 * @throws UserError if they are not facts that an export would write
 */
export function ownFacts(
  { own, network: told, tensors }: ForeignWeights,
  network: Network,
  file: string,
): OwnFacts | undefined {
  if (own === undefined || told === undefined) return undefined;
  const found = factsSchema.safeParse(own);
  if (!found.success) {
    const [issue] = found.error.issues;
    const where = `${issue!.path.join('.')}: ${issue!.message}`.replaceAll(/\s+/g, ' ').slice(0, 200);
    throw new UserError(`${file}: expected what an export tells of its network, found other (${where})`);
  }
  const { labels = null, synsets = null, source, recipe } = found.data;
  const inGraph = tensors.some(({ name }) => name.startsWith(fittedPrefix));
  const {
    preprocess: steps,
    shape,
    notes,
  } = recipe ? { ...recipe.input, notes: [] } : earlierInput(found.data, network, inGraph);
  if (steps && inGraph && !takesFitted(steps))
    throw new UserError(
      `${file}: expected steps that take numbers from a training set, which its graph holds, found none`,
    );
  const facts = { shape, preprocess: steps, augment: recipe?.augment, loss: lossOf(found.data, network) };
  expectSize(shape, network, file);
  if (recipe) expectFitting(recipe, file);
  const { shape: _, preprocess: __, ...files } = recipe?.input ?? network.recipe.input;
  return { ...facts, ...(recipe && { files }), labels, synsets, source, notes };
}

/** The prefix under which a graph for TensorFlow.js stores what preprocessing took from a training set. */
const fittedPrefix = 'constants/preprocess/';

/**
 * The input of an export from before `recipe` was introduced: graphs for TensorFlow.js only described the steps outside
 * the graph.
 */
function earlierInput(
  { input: whole, preprocess: steps }: Facts,
  { recipe }: Network,
  inGraph: boolean,
): Pick<OwnFacts, 'shape' | 'preprocess' | 'notes'> {
  const said = steps ?? whole?.preprocess;
  if (!said)
    return {
      notes: ['the file does not tell how images are made ready: what the recipe says is taken for it'],
    };
  const shape = whole?.shape;
  const values = (all: readonly Preprocess[]) =>
    JSON.stringify(all.filter(({ kind }) => kind === 'range' || kind === 'subtract'));
  const usual = recipe.input.preprocess;
  const lacks = takesFitted(usual) && !takesFitted(said);
  if ((lacks || inGraph) && values(said) === values(usual)) return { shape, preprocess: usual, notes: [] };
  const notes = lacks ? ['steps that its graph takes itself are not told of, and are left out'] : [];
  return { shape, preprocess: said, notes };
}

/** The activations' targets matter only in training; older exports do not record them. */
function lossOf({ recipe, scores }: Facts, network: Network): Loss | undefined {
  if (recipe?.loss.kind === 'softmaxCrossEntropy') return { kind: recipe.loss.kind };
  if (recipe) return recipe.loss;
  switch (scores) {
    case 'softmaxCrossEntropy':
      return { kind: scores };
    case 'squaredError':
      return network.recipe.loss.kind === scores ? network.recipe.loss : { kind: scores, on: 1, off: -1 };
    case 'rbfPenalty':
      return network.recipe.loss.kind === scores ? network.recipe.loss : { kind: scores, rival: null };
    case undefined:
      return undefined;
    default:
      return scores satisfies never;
  }
}

/** @throws UserError if preprocessing would not turn images into the network's input */
function expectFitting(recipe: Pick<Recipe, 'input' | 'augment'>, file: string): void {
  const { shape, preprocess: steps } = recipe.input;
  try {
    distortionStages(recipe);
    for (const step of steps)
      if (
        step.kind === 'subtract' &&
        [step.mean, step.deviation ?? step.mean].some(({ length }) => length !== shape[2])
      )
        throw new UserError(`input: expected ${shape[2]} values to subtract, found others`);
    const given = preprocessedShape(shape, steps);
    if (given.join() !== shape.join())
      throw new UserError(
        `input: expected steps that give images of ${shape.join('x')}, found ${given.join('x')}`,
      );
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    throw new UserError(
      `${file}: expected what an export tells of its network, found other (${error.message})`,
    );
  }
}

/** Keeps a damaged file from making the network have more weights than any machine can hold. */
const mostWeights = 1e9;

/** @throws UserError if no network of that size can be built */
function expectSize(shape: ImageShape | undefined, { recipe, paper }: Network, file: string): void {
  const usual = recipe.input.shape;
  if (!shape || shape.join() === usual.join()) return;
  // Fully connected layers grow with the size of the images.
  if ((paper.parameters.exact * elementCount(shape)) / elementCount(usual) > mostWeights)
    throw new UserError(
      `${file}: expected images about the ${usual.join('x')} of the network, found ${shape.join('x')}`,
    );
}

/** The input shape of the network in the file, if it differs from the recipe's. */
export function ownSize({ shape }: OwnFacts, { recipe }: Network): ImageShape | undefined {
  return shape && shape.join() !== recipe.input.shape.join() ? shape : undefined;
}

/** The values of its training set that the graph of an export for TensorFlow.js contains. */
export async function fittedInFile(
  steps: readonly Preprocess[],
  { own, tensors }: ForeignWeights,
  shape: ImageShape,
): Promise<FittedPreprocess> {
  if (own === undefined || !takesFitted(steps)) return {};
  const size = elementCount(shape);
  const found = async (name: string, length: number) => {
    const tensor = tensors.find((one) => one.name === `${fittedPrefix}${name}`);
    const given = tensor && elementCount(tensor.shape);
    return given === length ? tensor!.values() : undefined;
  };
  const [mean, centre, matrix] = [
    await found('mean', size),
    await found('centre', size),
    await found('matrix', size ** 2),
  ];
  return { ...(mean && { mean }), ...(centre && matrix && { whitening: { mean: centre, matrix } }) };
}

/**
 * What is known of an earlier import of weights, from their source or from the source of the weights they started from.
 */
export interface Told {
  /** How the network that they were trained in differs. */
  readonly differences: readonly string[];
  /** The reason why the networks were not compared. */
  readonly uncompared?: string;
}

export function toldBy(source: unknown): Told {
  const differences = new Set<string>();
  let uncompared: string | undefined;
  for (
    let from = source;
    typeof from === 'object' && from !== null;
    from = 'from' in from ? from.from : undefined
  ) {
    const { differences: lines, uncompared: reason } = from as Readonly<Record<string, unknown>>;
    if (Array.isArray(lines)) for (const line of lines) if (typeof line === 'string') differences.add(line);
    if (typeof reason === 'string') uncompared ??= reason;
  }
  return { differences: [...differences], ...(uncompared !== undefined && { uncompared }) };
}

/**
 * How image files are brought to where the preprocessing starts, for weights that do not tell: as for the network's
 * recipe, whose data set their classes are taken to be of where they are as many.
 */
export function filesFor(
  { recipe: { dataset, input } }: Network,
  preprocess: Input['preprocess'],
  classes: number,
): Pick<Input, 'stored' | 'background'> {
  const usual = publishedDataset(dataset);
  const padded = preprocess.some(({ kind }) => kind === 'pad');
  return {
    ...(padded && input.stored && { stored: input.stored }),
    ...(usual?.background && usual.classes === classes && { background: usual.background }),
  };
}
