import { basename } from 'node:path';
import { networkNames, zoo, type NetworkName } from '../models/registry';
import { formatNames } from '../src/data/picture-header';
import { augmentedSamples, stepsText } from '../src/report/augmented-samples';
import { contactSheet } from '../src/report/contact-sheet';
import { overridden } from '../src/train/overrides';
import { writeFileAtomically } from '../src/weights/atomic-file';
import { jsonOption, print, type Command } from './cli';
import { expectEnding } from './file-endings';
import { wholeNumber } from './run-start';

interface Arguments {
  image: string;
  recipe: NetworkName;
  out: string;
  samples: number;
  seed: number;
  set?: string[] | undefined;
  json: boolean;
}

export const augment: Command<Arguments> = {
  command: 'augment <image>',
  describe: 'draw what a network sees of a picture while it is trained',
  builder: (argv) =>
    jsonOption(argv)
      .positional('image', { type: 'string', demandOption: true, describe: `a ${formatNames} file` })
      .option('recipe', {
        choices: networkNames,
        demandOption: true,
        describe: "whose recipe, by the network's name",
      })
      .option('out', { type: 'string', default: 'sheet.png', describe: 'the PNG file to draw into' })
      .option('samples', { type: 'number', default: 14, describe: 'how many times to distort it' })
      .option('seed', { type: 'number', default: 1, describe: 'fixes the distortions' })
      .option('set', {
        type: 'string',
        array: true,
        nargs: 1,
        describe: 'FIELD=VALUE of the recipe, such as augment=[{"kind":"flip"}]',
      }),
  handler: async ({ image, recipe: name, out, samples, seed, set, json }) => {
    expectEnding('--out', out, '.png');
    const recipe = overridden(zoo[name].recipe, set ?? []);
    const shown = await augmentedSamples({
      file: image,
      recipe,
      samples: wholeNumber('--samples', samples, 0),
      seed: wholeNumber('--seed', seed, 0),
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
