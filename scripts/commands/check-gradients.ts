/** The command `check-gradients`: compares a network’s derivatives with finite differences. */
import { defaults } from '../../src/workflows/choices';
import { command } from '../cli/command';
import { library, texts } from '../cli/library';
import { computing, network } from '../cli/options/shared-options';
import { print } from '../cli/terminal/output';
import { inTerminal } from '../cli/terminal/session';

export const checkGradients = command(
  (argv) =>
    computing(argv)
      .positional('network', { ...network, demandOption: true })
      .option('entries', {
        type: 'number',
        default: defaults.gradientEntries,
        describe: 'how many to compare of each tensor',
      })
      .option('seed', {
        type: 'number',
        default: defaults.seed,
        describe: 'fixes weights, images and the entries',
      }),
  async ({ network: name, json, ...given }) => {
    const { checkGradients: check } = library();
    const { gradientsText } = texts();
    const { backend, ...found } = await inTerminal((session) => check(name, { ...given, ...session }));
    print(json, { network: name, backend, ...found }, gradientsText(name, found));
    if (!found.ok) process.exitCode = 1;
  },
);
