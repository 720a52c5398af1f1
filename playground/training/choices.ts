/** What can be chosen for a training in the page, and the recipe that the choices make. */
import type { Network, Optimiser, Recipe } from '../../browser';
import { family as lenets } from '../../models/lenet';
import { neocognitron } from '../../models/neocognitron';

/** The networks that learn while one watches. */
export const networks = {
  lenet1: lenets.lenet1,
  lenet5: lenets.lenet5,
  neocognitron,
} as const satisfies Record<string, Network>;

export type NetworkChoice = keyof typeof networks;

/** The rules of learning: the recipe's momentum, the same without momentum, the one of 1998, the neocognitron's. */
type Rule = 'momentum' | 'plain' | 'diagonalLevenbergMarquardt' | 'winnerTakeAll';

export interface Choices {
  readonly network: NetworkChoice;
  readonly rule: Rule;
  /** The learning rate ε, held until it is changed. */
  readonly rate: number;
  readonly batchSize: number;
  /** j of eq. 9 of LeCun et al. 1998; null for its eq. 8, which has no competition of classes. LeNet-5 alone has it. */
  readonly rival: number | null;
  /** Fixes the first weights, the order of the images, and the digits that are drawn. */
  readonly seed: number;
  /** How many training digits are drawn, unless files are given. */
  readonly images: number;
}

/** The settings of the address that a training depends on, without the part's name. */
export type Setting = 'network' | 'rule' | 'rate' | 'batch' | 'j' | 'seed' | 'images';

/** The bounds of numbers that can be chosen. */
export const bounds = {
  rate: { least: 1e-6, most: 1e3 },
  batchSize: { least: 1, most: 512 },
  rival: { least: 0, most: 1000 },
  seed: { least: 0, most: 2 ** 31 - 1 },
  images: { least: 100, most: 20_000 },
} as const;

const gradientRules = ['momentum', 'plain', 'diagonalLevenbergMarquardt'] as const;

/** The rules that a network can learn by, its usual one first. */
export function rulesOf(network: NetworkChoice): readonly [Rule, ...Rule[]] {
  return network === 'neocognitron' ? ['winnerTakeAll'] : gradientRules;
}

/** Rates at which the networks learn: of the recipes where they have one, of LeCun et al. 1998, §III.B, for its rule. */
const usualRates = {
  lenet1: { momentum: lenets.lenet1.recipe.schedule.from, plain: 0.02 },
  lenet5: { momentum: lenets.lenet5.recipe.schedule.from, plain: 0.01 },
} as const;

/** The choices of a network that has just been chosen. */
export function usualChoices(network: NetworkChoice, rule: Rule = rulesOf(network)[0]): Choices {
  const { batchSize } = networks[network].recipe;
  const common = { network, rule, rival: 1, seed: 1, images: 2000 };
  if (network === 'neocognitron') return { ...common, rate: neocognitron.recipe.schedule.rate, batchSize };
  // Appendix C: an update after each pattern.
  if (rule === 'diagonalLevenbergMarquardt') return { ...common, rate: 0.0005, batchSize: 1 };
  return { ...common, rate: usualRates[network][rule === 'plain' ? 'plain' : 'momentum'], batchSize };
}

/** The choices that an address says; what it does not say, or says wrongly, is as usual. */
export function choicesOf(said: (name: Setting) => string | undefined): Choices {
  const network = Object.keys(networks).find((name) => name === said('network')) as NetworkChoice | undefined;
  const chosen = network ?? 'lenet5';
  const rule = rulesOf(chosen).find((each) => each === said('rule'));
  const usual = usualChoices(chosen, rule);
  const whole = (name: 'batch' | 'seed' | 'images', field: 'batchSize' | 'seed' | 'images') =>
    wholeWithin(said(name), field) ?? usual[field];
  const j = said('j');
  return {
    ...usual,
    rate: within(said('rate'), 'rate') ?? usual.rate,
    rival: j === 'none' ? null : (within(j, 'rival') ?? usual.rival),
    batchSize: whole('batch', 'batchSize'),
    seed: whole('seed', 'seed'),
    images: whole('images', 'images'),
  };
}

/** The number that a text says, if it is one within the field's bounds. */
export function within(text: string | undefined, field: keyof typeof bounds): number | undefined {
  const value = text === undefined || text.trim() === '' ? NaN : Number(text);
  const { least, most } = bounds[field];
  return value >= least && value <= most ? value : undefined;
}

/** The same for whole numbers. */
export function wholeWithin(text: string | undefined, field: keyof typeof bounds): number | undefined {
  const value = within(text, field);
  return Number.isInteger(value) ? value : undefined;
}

/** More passes than anyone watches. */
const openEnd = 1_000_000;

/** The recipe that choices make: the network's own, with a constant rate, until it is stopped. */
export function recipeOf({ network, rule, rate, batchSize, rival }: Choices): Recipe {
  const { recipe } = networks[network] as Network;
  const { loss } = recipe;
  return {
    ...recipe,
    ...ruleChanges(network, rule),
    epochs: openEnd,
    batchSize,
    schedule: { kind: 'constant', rate },
    loss: loss.kind === 'rbfPenalty' ? { ...loss, rival } : loss,
  };
}

/** What a rule changes in the network's recipe. */
function ruleChanges(network: NetworkChoice, rule: Rule): Partial<Recipe> {
  switch (rule) {
    case 'winnerTakeAll':
    case 'momentum':
      return {};
    case 'plain':
      return { optimiser: { kind: 'momentum', momentum: 0 } };
    case 'diagonalLevenbergMarquardt':
      return {
        optimiser: levenbergMarquardt,
        order: 'constant', // Appendix C: "in a constant random order"
        // From LeNet-5's weights within ±2.4/F the steps of this rule are so long that all units of F6 saturate.
        ...(network === 'lenet5' && { initialiser: unitVariance }),
      };
    default:
      return rule satisfies never;
  }
}

/** LeCun et al. 1998, §III.B: μ, and the samples by which curvature is estimated. */
const levenbergMarquardt: Optimiser = { kind: 'diagonalLevenbergMarquardt', mu: 0.02, images: 500 };

/** Weights of variance 1 / fan-in. */
const unitVariance: Recipe['initialiser'] = {
  kernel: { kind: 'uniformOverRootFanIn', scale: Math.sqrt(3) },
  bias: 'asKernel',
};

/**
 * The schedule of a training whose rate is changed by hand: with the same seed it does the same updates again.
 * @param epoch passes done
 */
export function rescheduled(schedule: Recipe['schedule'], epoch: number, rate: number): Recipe['schedule'] {
  if (epoch === 0) return { kind: 'constant', rate };
  const before =
    schedule.kind === 'steps'
      ? schedule.steps.filter((step) => step.epoch < epoch)
      : [{ epoch: 0, rate: schedule.kind === 'constant' ? schedule.rate : rate }];
  return { kind: 'steps', steps: [...before, { epoch, rate }] };
}
