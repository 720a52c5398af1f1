/** Describes a network: the counts from its model, and the facts from its paper and recipe. */
import { option } from '../core/text/wording';
import { elementCount } from '../core/shape';
import { publishedDataset } from '../data/datasets/catalogue';
import { UserError } from '../core/errors';
import { withoutDrawing } from '../layers/initialise/initialise';
import type { ImageShape, Network, Paper, Recipe } from '../core/network';
import type { tf } from '../core/tf';
import { describeModel, type Description } from './describe-model';
import { estimateMemory, type MemoryEstimate } from './memory';
import { weightPrior, type WeightPrior } from './weight-prior';

/** All that is known of a network: the counts from its built model, and the facts from its paper and recipe. */
export interface NetworkDescription extends Description {
  readonly name: string;
  /** What else it is called, and what else is called by its name; left out of networks that say neither. */
  readonly called?: NonNullable<Network['called']>;
  readonly classes: number;
  readonly input: ImageShape;
  /** Our counts compared with those that the paper states. */
  readonly compared: readonly Compared[];
  readonly memory: MemoryEstimate;
  readonly prior: WeightPrior;
  readonly paper: Paper;
  readonly recipe: Recipe;
}

/** A count of ours beside the one that the paper states. */
export interface Compared {
  /** `parameters`, `connections`, or one of these followed by `of` and a layer's name. */
  readonly what: string;
  readonly ours: number;
  readonly paper: number;
  readonly same: boolean;
}

/** For how many classes, and for which batch, a network is described. */
export interface DescribeOptions {
  /** Default: the number of classes of the recipe's data set. */
  readonly classes?: number | undefined;
  /** Images per batch, for the memory estimate. Default: the recipe's batch size. */
  readonly batch?: number | undefined;
}

/**
 * A network's model without initialised weights, for its shapes alone. The caller disposes of it.
 * @throws UserError when the number of classes is neither given nor known
 */
export function shapesOf(name: string, network: Network, options: DescribeOptions = {}): tf.LayersModel {
  const classes = classesOf(name, network, options);
  return withoutDrawing(() => network.build({ classes, seed: 0 }));
}

/** @throws UserError when the number of classes is neither given nor known */
export function describeNetwork(
  name: string,
  network: Network,
  options: DescribeOptions = {},
): NetworkDescription {
  const { paper, recipe, called } = network;
  const model = shapesOf(name, network, options);
  const description = describeModel(model);
  const input = (model.inputs[0]!.shape as number[]).slice(1) as [number, number, number];
  model.dispose();
  const values = elementCount(input);
  return {
    name,
    ...(called && { called }),
    classes: classesOf(name, network, options),
    input,
    ...description,
    compared: compared(description, paper),
    memory: estimateMemory(description, values, options.batch ?? recipe.batchSize, recipe),
    prior: weightPrior(recipe, publishedDataset(recipe.dataset)?.trainingImages ?? null),
    paper,
    recipe,
  };
}

function classesOf(name: string, { recipe }: Network, { classes }: DescribeOptions): number {
  const known = classes ?? publishedDataset(recipe.dataset)?.classes;
  if (known !== undefined) return known;
  throw new UserError(
    `describe ${name}: expected ${option('classes')}, for the number of classes of ${recipe.dataset} is not known, found none`,
  );
}

function compared(description: Description, { parameters, connections }: Paper): Compared[] {
  const compare = (what: string, ours: number, paper: number) => ({
    what,
    ours,
    paper,
    same: ours === paper,
  });
  const layers = (field: 'parameters' | 'connections', published: Readonly<Record<string, number>>) =>
    Object.entries(published).map(([name, paper]) => {
      const layer = description.layers.find((candidate) => candidate.name === name);
      return compare(`${field} of ${name}`, layer?.[field] ?? 0, paper);
    });
  return [
    compare('parameters', description.parameters, parameters.exact),
    ...layers('parameters', parameters.layers),
    ...(connections
      ? [
          compare('connections', description.connections, connections.exact),
          ...layers('connections', connections.layers),
        ]
      : []),
  ];
}
