/** The command `augment`: draws how a recipe distorts an image, on one sheet. */
import { basename } from 'node:path';
import { networkNames, zoo, type NetworkName } from '../../models/registry';
import { formatNames } from '../../src/data/image/header';
import { augmentedSamples, stepsText } from '../../src/report/sheets/augmented-samples';
import { contactSheet } from '../../src/report/sheets/contact-sheet';
import { UserError } from '../../src/core/errors';
import { overridden, pathsSet } from '../../src/core/recipe/overrides';
import { writeFileAtomically } from '../../src/core/io/files';
import { jsonOption, print, type Command } from '../cli/output';
import { expectEnding, expectUsed } from '../cli/options/shared-options';
import { wholeNumber } from '../cli/numbers';

interface Arguments {
  image: string;
  recipe: NetworkName;
  out: string;
  samples?: number | undefined;
  seed?: number | undefined;
  set?: string[] | undefined;
  json: boolean;
}

/** Defaults of the options. */
const usual = { samples: 14, seed: 1 } as const;

/** The most samples that a sheet shows, each as a thumbnail. */
const mostSamples = 1000;

export const augment: Command<Arguments> = {
  command: 'augment <image>',
  describe: 'draw what a network sees of an image while it is trained',
  builder: (argv) =>
    jsonOption(argv)
      .positional('image', { type: 'string', demandOption: true, describe: `a ${formatNames} file` })
      .option('recipe', {
        choices: networkNames,
        demandOption: true,
        describe: "whose recipe, by the network's name",
      })
      .option('out', { type: 'string', default: 'sheet.png', describe: 'the PNG file to draw into' })
      .option('samples', {
        type: 'number',
        describe: `how many times to distort it (default: ${usual.samples})`,
      })
      .option('seed', { type: 'number', describe: `fixes the distortions (default: ${usual.seed})` })
      .option('set', {
        type: 'string',
        array: true,
        nargs: 1,
        describe: 'FIELD=VALUE of the recipe, such as augment=[{"kind":"flip"}]',
      }),
  handler: async ({ image, recipe: name, out, samples, seed, set, json }) => {
    expectEnding('--out', out, '.png');
    const recipe = overridden(zoo[name].recipe, set ?? []);
    expectOptionsUsed({ samples, seed, set }, recipe.augment.length > 0);
    const shown = await augmentedSamples({
      file: image,
      recipe,
      samples: wholeNumber('--samples', samples ?? usual.samples, 0, mostSamples),
      seed: wholeNumber('--seed', seed ?? usual.seed, 0),
    });
    const title = `${basename(image)} as ${name} sees it: ${stepsText(recipe)}`;
    await writeFileAtomically(out, await contactSheet(title, shown));
    const captions = shown.map(({ caption }) => caption);
    print(
      json,
      { image, recipe: name, out, augment: recipe.augment, captions },
      `${title}\ndrawn into ${out}`,
    );
  },
};

/** The recipe's fields that affect the sheet, which shows samples before their preprocessing. */
const drawn = ['augment', 'input', 'input.shape'];

/** @throws UserError for an option that would change nothing */
function expectOptionsUsed(
  { set, ...given }: Pick<Arguments, 'samples' | 'seed' | 'set'>,
  distorts: boolean,
): void {
  if (!distorts) expectUsed(given, ['samples', 'seed'], 'distortions in the recipe', false);
  if (given.samples === 0) expectUsed(given, ['seed'], '--samples 0', true);
  for (const path of pathsSet(set ?? []))
    if (!drawn.some((field) => path === field || (field !== 'input' && path.startsWith(`${field}.`))))
      throw new UserError(
        `--set ${path}: expected a field that decides what is drawn (augment, input.shape), found one that changes nothing in it`,
      );
}
