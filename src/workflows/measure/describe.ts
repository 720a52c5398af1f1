/** What is known of networks without training them: counts beside the paper's, drawings, differences, derivatives. */
import { UserError } from '../../core/errors';
import { writeFileAtomically } from '../../core/io/files';
import { wholeNumber } from '../../core/given/numbers';
import { expectOptions, type OptionNames } from '../../core/given/options';
import { overridden, pathsSet } from '../../core/recipe/overrides';
import { option } from '../../core/text/wording';
import {
  describeNetwork,
  shapesOf,
  type DescribeOptions,
  type NetworkDescription,
} from '../../describe/describe-network';
import { diffNetworks } from '../../describe/diff';
import { drawNetwork } from '../../describe/draw/draw';
import {
  checkGradients as checkedGradients,
  type GradientCheck,
} from '../../describe/gradients/check-gradients';
import {
  overview as overviewOf,
  type ExperimentSummary,
  type OverviewRow,
  type RunOnFile,
} from '../../report/overview';
import { augmentedSamples, stepsText } from '../../report/sheets/augmented-samples';
import { contactSheet } from '../../report/sheets/contact-sheet';
import type { Augment } from '../../core/network';
import { basename } from 'node:path';
import { backendForCounting } from '../../runtime/backend';
import { defaults } from '../choices';
import { networkOf, openContext, workflowOptions, type WorkflowOptions, type Zoo } from '../context';
import { expectEnding } from '../data/found-path';

/**
 * Counts a network's layers from its built model, beside what its paper says.
 * @throws UserError for an unknown name, or if the number of classes is neither given nor known
 */
export async function describe(
  zoo: Zoo,
  name: string,
  options: DescribeOptions = {},
): Promise<NetworkDescription> {
  await backendForCounting();
  return describeNetwork(name, networkOf(zoo, name, option('network')), checked('describe', options));
}

/** How two networks differ, layer by layer and in their recipes. */
export async function diff(zoo: Zoo, one: string, other: string, options: DescribeOptions = {}) {
  return diffNetworks(await describe(zoo, one, options), await describe(zoo, other, options));
}

/** A drawing of a network, as SVG. */
export async function draw(zoo: Zoo, name: string, options: DescribeOptions = {}): Promise<string> {
  await backendForCounting();
  const model = shapesOf(name, networkOf(zoo, name, option('network')), checked('draw', options));
  try {
    return drawNetwork(name, model);
  } finally {
    model.dispose();
  }
}

/** Draws a network into an SVG file. */
export async function drawInto(
  zoo: Zoo,
  file: string,
  name: string,
  options: DescribeOptions = {},
): Promise<void> {
  expectEnding('svg', file, '.svg');
  await writeFileAtomically(file, await draw(zoo, name, options));
}

/** Every network with the counts of its built model, beside the published ones. */
export async function overview(
  zoo: Zoo,
  runs: readonly RunOnFile[] = [],
  experiments: readonly ExperimentSummary[] = [],
): Promise<readonly OverviewRow[]> {
  await backendForCounting();
  return overviewOf(zoo, runs, experiments);
}

const describeNames: OptionNames<DescribeOptions> = { classes: 'optional', batch: 'optional' };

function checked(verb: string, options: DescribeOptions): DescribeOptions {
  expectOptions(verb, options, describeNames);
  const { batch, classes } = options;
  return {
    batch: batch === undefined ? undefined : wholeNumber('batch', batch, 1),
    classes: classes === undefined ? undefined : wholeNumber('classes', classes, 1),
  };
}

export interface CheckGradientsOptions extends WorkflowOptions {
  /** How many entries to compare of each tensor. Default: 8. */
  readonly entries?: number | undefined;
  /** Fixes weights, images and the entries. Default: 1. */
  readonly seed?: number | undefined;
}

const gradientNames: OptionNames<CheckGradientsOptions> = {
  entries: 'optional',
  seed: 'optional',
  ...workflowOptions,
};

/**
 * Compares every derivative of a network with finite differences.
 * @throws UserError for a network that is not trained by its gradient
 */
export async function checkGradients(
  zoo: Zoo,
  name: string,
  options: CheckGradientsOptions = {},
): Promise<GradientCheck & { readonly backend: string }> {
  expectOptions('checkGradients', options, gradientNames);
  const network = networkOf(zoo, name, option('network'));
  const entries = wholeNumber('entries', options.entries ?? defaults.gradientEntries, 1);
  const seed = wholeNumber('seed', options.seed ?? defaults.seed, 0);
  const { runtime } = await openContext(zoo, ['checkGradients', name, options], options);
  return { backend: runtime.backend, ...(await checkedGradients(network, { entries, seed })) };
}

/** Which distortions of an image are drawn, and where. */
export interface DrawAugmentedOptions {
  /** The network whose recipe distorts the image. */
  readonly recipe: string;
  /** The PNG file to draw into. */
  readonly out: string;
  /** How many times to distort it. Default: 14. */
  readonly samples?: number | undefined;
  /** Fixes the distortions. Default: 1. */
  readonly seed?: number | undefined;
  /** Fields of the recipe with their values, such as `augment=[{"kind":"flip"}]`. */
  readonly set?: readonly string[] | undefined;
}

const drawingNames: OptionNames<DrawAugmentedOptions> = {
  recipe: 'required',
  out: 'required',
  samples: 'optional',
  seed: 'optional',
  set: 'optional',
};

/** A sheet that was drawn. */
export interface AugmentedSheet {
  readonly title: string;
  readonly augment: readonly Augment[];
  readonly captions: readonly string[];
}

/** The most samples that a sheet shows, each as a thumbnail. */
const mostSamples = 1000;

/**
 * Draws what a network sees of an image while it is trained, on one sheet.
 * @param image the path of an image file
 * @throws UserError for an image that cannot be read, and for options that would change nothing
 */
export async function drawAugmented(
  zoo: Zoo,
  image: string,
  options: DrawAugmentedOptions,
): Promise<AugmentedSheet> {
  expectOptions('drawAugmented', options, drawingNames);
  const { recipe: name, out, set = [] } = options;
  expectEnding('out', out, '.png');
  const recipe = overridden(networkOf(zoo, name, option('recipe')).recipe, set);
  expectUsed(options, recipe.augment.length > 0);
  const shown = await augmentedSamples({
    file: image,
    recipe,
    samples: wholeNumber('samples', options.samples ?? defaults.samples, 0, mostSamples),
    seed: wholeNumber('seed', options.seed ?? defaults.seed, 0),
  });
  const title = `${basename(image)} as ${name} sees it: ${stepsText(recipe)}`;
  await writeFileAtomically(out, await contactSheet(title, shown));
  return { title, augment: recipe.augment, captions: shown.map(({ caption }) => caption) };
}

/** The recipe's fields that affect the sheet, which shows samples before their preprocessing. */
const drawn = ['augment', 'input', 'input.shape'];

/** @throws UserError for an option that would change nothing */
function expectUsed({ samples, seed, set = [] }: DrawAugmentedOptions, distorts: boolean): void {
  const refuse = (name: string, why: string) => {
    throw new UserError(`${option(name)}: expected it ${why}`);
  };
  if (!distorts && samples !== undefined)
    refuse('samples', 'with distortions in the recipe, found it without');
  if (!distorts && seed !== undefined) refuse('seed', 'with distortions in the recipe, found it without');
  if (samples === 0 && seed !== undefined) refuse('seed', `without ${option('samples', '0')}, found it with`);
  for (const path of pathsSet(set))
    if (!drawn.some((field) => path === field || (field !== 'input' && path.startsWith(`${field}.`))))
      throw new UserError(
        `${option('set', path)}: expected a field that decides what is drawn (augment, input.shape), found one that changes nothing in it`,
      );
}
