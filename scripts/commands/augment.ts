/** The command `augment`: draws how a recipe distorts an image, on one sheet. */
import { formatNames } from '../../src/data/image/header';
import { defaults } from '../../src/workflows/choices';
import { command } from '../cli/command';
import { library } from '../cli/library';
import { json, network, severalTexts } from '../cli/options/shared-options';
import { print } from '../cli/terminal/output';

export const augment = command(
  (argv) =>
    argv
      .option('json', json)
      .positional('image', { type: 'string', demandOption: true, describe: `a ${formatNames} file` })
      .option('recipe', {
        ...network,
        demandOption: true,
        describe: "whose recipe, by the network's name",
      })
      .option('out', { type: 'string', default: 'sheet.png', describe: 'the PNG file to draw into' })
      .option('samples', {
        type: 'number',
        describe: `how many times to distort it (default: ${defaults.samples})`,
      })
      .option('seed', { type: 'number', describe: `fixes the distortions (default: ${defaults.seed})` })
      .option('set', {
        ...severalTexts,
        describe: 'FIELD=VALUE of the recipe, such as augment=[{"kind":"flip"}]',
      }),
  async ({ image, json: asJson, ...given }) => {
    const { drawAugmented } = library();
    const { title, ...drawn } = await drawAugmented(image, given);
    const { recipe, out } = given;
    print(asJson, { image, recipe, out, ...drawn }, `${title}\ndrawn into ${out}`);
  },
);
