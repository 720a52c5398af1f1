/** The command `reproduce`: repeats a published experiment with several seeds, or searches its settings. */
import { shellWords } from '../../src/core/text/shell-words';
import { command } from '../cli/command';
import { library, texts } from '../cli/library';
import { commandToCopy } from '../cli/npm/npm-run';
import { computing } from '../cli/options/shared-options';
import { print } from '../cli/terminal/output';
import { experimentNames, experimentOf, resultsFolder } from '../cli/own-folders';
import { endInterrupted, inTerminal } from '../cli/terminal/session';

export const reproduce = command(
  (argv) =>
    computing(argv)
      .positional('experiment', {
        type: 'string',
        choices: experimentNames(),
        demandOption: true,
        describe: 'its name',
      })
      .option('search', {
        type: 'boolean',
        default: false,
        describe: 'try what the paper leaves open, on images held out of the training set',
      })
      .option('seeds', { type: 'number', array: true, requiresArg: true, describe: 'these only, as a trial' })
      .option('epochs', { type: 'number', requiresArg: true, describe: 'so many only, as a trial' })
      .option('data', { type: 'string', requiresArg: true, describe: 'other data, as a trial' })
      .option('out', {
        type: 'string',
        requiresArg: true,
        describe: 'where a trial goes (default: under runs/)',
      })
      .epilogue(
        'A killed experiment is resumed by the same command. Seeds that are done are kept if their weights are there; ' +
          'those of a record that was published without them, as in a fresh clone, are trained again.',
      ),
  async ({ experiment, json, ...given }) => {
    const { reproduce: repeated } = library();
    const { searchText, summaryText } = texts();
    const words = process.argv.slice(3).filter((word) => word !== '--json');
    const again = shellWords(['npm', 'run', 'reproduce', '--', ...words]);
    const outcome = await inTerminal((session) =>
      repeated(experiment, experimentOf(experiment), {
        ...given,
        results: resultsFolder(),
        ...session,
        provenance: { ...session.provenance, command: again },
      }),
    );
    if (outcome.kind === 'interrupted') return endInterrupted(outcome, commandToCopy('reproduce', ...words));
    if (outcome.kind === 'search') return print(json, outcome.found, searchText(outcome.found));
    const { summary, files } = outcome;
    print(json, summary, [summaryText(summary), '', ...files.map((file) => `drawn: ${file}`)].join('\n'));
  },
);
