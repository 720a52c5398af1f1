/** The command `describe`: counts a network’s layers, draws it, or compares it with another. */
import { UserError } from '../../src/core/errors';
import { command } from '../cli/command';
import { library, texts } from '../cli/library';
import { neededUnless } from '../cli/options/needed';
import { expectUsed, json, network } from '../cli/options/shared-options';
import { note, print } from '../cli/terminal/output';
import { onFile } from '../cli/on-file';

export const describe = command(
  (argv) =>
    neededUnless(argv, 'all', ['network'])
      .option('json', json)
      .positional('network', network)
      .option('all', { type: 'boolean', default: false, describe: 'one line for every network' })
      .option('diff', { ...network, describe: 'how this other network differs, row by row' })
      .option('svg', { type: 'string', describe: 'draw the network into this file' })
      .option('layers', {
        choices: ['counted', 'all'] as const,
        describe: 'leave out or show layers that hold nothing to count (default: counted)',
      })
      .option('batch', { type: 'number', describe: "images a batch, for the memory (default: the recipe's)" })
      .option('classes', { type: 'number', describe: "default: those of the recipe's data set" }),
  async ({ network: name, all, diff, svg, layers, json: asJson, batch, classes }) => {
    if (all)
      expectUsed(
        { diff, svg, layers, batch, classes },
        ['diff', 'svg', 'layers', 'batch', 'classes'],
        '--all',
        true,
      );
    // A difference always shows every layer, and never the memory; the JSON always has all layers.
    if (diff) expectUsed({ layers, batch }, ['layers', 'batch'], '--diff', true);
    if (asJson) expectUsed({ layers }, ['layers'], '--json', true);
    if (all ? name : !name) throw new UserError('describe: expected the name of a network, or --all alone');
    const api = library();
    if (!name) {
      const rows = await api.overview(onFile('report.json'), onFile('summary.json'));
      return print(asJson, { networks: rows }, texts().overviewText(rows));
    }
    const options = { batch, classes };
    if (svg !== undefined) {
      await api.drawInto(svg, name, options);
      note(`drawn into ${svg}`);
    }
    if (diff) {
      const difference = await api.diff(name, diff, options);
      return print(asJson, difference, texts().diffText(difference));
    }
    const described = await api.describe(name, options);
    print(asJson, described, texts().describedText(described, layers === 'all'));
  },
);
