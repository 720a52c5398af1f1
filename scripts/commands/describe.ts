/** The command `describe`: counts a network’s layers, draws it, or compares it with another. */
import { networkNames, zoo, type NetworkName } from '../../models/registry';
import { UserError } from '../../src/core/errors';
import { describeNetwork, shapesOf, type DescribeOptions } from '../../src/describe/describe-network';
import { describedText } from '../../src/describe/describe-text';
import { diffNetworks } from '../../src/describe/diff';
import { diffText } from '../../src/describe/diff-text';
import { drawNetwork } from '../../src/describe/draw/draw';
import { overview, overviewText, type ExperimentSummary, type RunOnFile } from '../../src/report/overview';
import { writeFileAtomically } from '../../src/core/io/files';
import { chooseBackend, jsonOption, note, print, type Command } from '../cli/output';
import { expectEnding, expectUsed } from '../cli/options/shared-options';
import { onFile } from '../workflows/reports-on-file';
import { wholeNumber } from '../cli/numbers';

interface Arguments {
  network: NetworkName | undefined;
  all: boolean;
  diff: NetworkName | undefined;
  svg: string | undefined;
  layers?: 'counted' | 'all' | undefined;
  batch: number | undefined;
  classes: number | undefined;
  json: boolean;
}

export const describe: Command<Arguments> = {
  command: 'describe [network]',
  describe: 'count the layers of a network, beside what its paper says',
  builder: (argv) =>
    jsonOption(argv)
      .positional('network', { choices: networkNames, describe: 'its name' })
      .option('all', { type: 'boolean', default: false, describe: 'one line for every network' })
      .option('diff', { choices: networkNames, describe: 'how this other network differs, row by row' })
      .option('svg', { type: 'string', describe: 'draw the network into this file' })
      .option('layers', {
        choices: ['counted', 'all'] as const,
        describe: 'leave out or show layers that hold nothing to count (default: counted)',
      })
      .option('batch', { type: 'number', describe: "images a batch, for the memory (default: the recipe's)" })
      .option('classes', { type: 'number', describe: "default: those of the recipe's data set" }),
  handler: async ({ network, all, diff, svg, layers, json, ...asked }) => {
    expectOptionsUsed({ all, diff, svg, json, layers, ...asked });
    const options = optionsOf(asked);
    if (all ? network : !network)
      throw new UserError('describe: expected the name of a network, or --all alone');
    if (svg !== undefined) expectEnding('--svg', svg, '.svg');
    await chooseBackend('cpu'); // nothing is computed, and this backend starts without delay
    if (!network) {
      const rows = overview(
        zoo,
        onFile<RunOnFile>('results', (name) => `${name}/report.json`),
        onFile<ExperimentSummary>('results', (name) => `${name}/summary.json`),
      );
      return print(json, { networks: rows }, overviewText(rows));
    }
    const described = describeNetwork(network, zoo[network], options);
    if (svg !== undefined) {
      const model = shapesOf(network, zoo[network], options);
      await writeFileAtomically(svg, drawNetwork(network, model));
      note(`drawn into ${svg}`);
    }
    if (!diff) return print(json, described, describedText(described, layers === 'all'));
    const difference = diffNetworks(described, describeNetwork(diff, zoo[diff], options));
    print(json, difference, diffText(difference));
  },
};

/** @throws UserError for an option that would change nothing */
function expectOptionsUsed({
  all,
  diff,
  svg,
  json,
  ...given
}: Pick<Arguments, 'all' | 'diff' | 'svg' | 'json' | 'layers' | 'batch' | 'classes'>): void {
  if (all) expectUsed({ ...given, diff, svg }, ['diff', 'svg', 'layers', 'batch', 'classes'], '--all', true);
  // A difference always shows every layer, and never the memory.
  if (diff) expectUsed(given, ['layers', 'batch'], '--diff', true);
  if (json) expectUsed(given, ['layers'], '--json', true); // the JSON always has all layers
}

function optionsOf({ batch, classes }: DescribeOptions): DescribeOptions {
  return {
    batch: batch === undefined ? undefined : wholeNumber('--batch', batch, 1),
    classes: classes === undefined ? undefined : wholeNumber('--classes', classes, 1),
  };
}
