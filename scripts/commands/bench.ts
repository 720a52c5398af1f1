/** The command `bench`: images per second of a network, alone or beside Keras and PyTorch. */
import { UserError } from '../../src/core/errors';
import { defaults } from '../../src/workflows/choices';
import { command } from '../cli/command';
import { library, texts } from '../cli/library';
import { neededUnless } from '../cli/options/needed';
import { computing, expectUsed, network, precision, step } from '../cli/options/shared-options';
import { print } from '../cli/terminal/output';
import { loadPeers, peersFolder } from '../cli/peers';
import { inTerminal } from '../cli/terminal/session';

export const bench = command(
  (argv) =>
    computing(neededUnless(argv, 'peers', ['network']))
      .positional('network', network)
      .option('step', step)
      .option('precision', {
        ...precision,
        describe:
          'of convolutions and matrix products in a compiled step (default: float32; with --peers also bfloat16, where the processor has it, or float16 on a GPU)',
      })
      .option('batch', { type: 'number', describe: "images at a time (default: the recipe's)" })
      .option('steps', {
        type: 'number',
        describe: `updates and passes to time (default: ${defaults.benchSteps})`,
      })
      .option('peers', {
        type: 'boolean',
        default: false,
        describe:
          'beside Keras and PyTorch, in turns; without a network, on the five that stand in the README',
      })
      .option('python', { type: 'string', describe: 'a Python that has them (default: one in the cache)' })
      .option('rounds', { type: 'number', describe: 'turns of each, with --peers (default: 5)' })
      .option('seconds', { type: 'number', describe: 'a turn, with --peers (default: 2)' })
      .option('out', {
        type: 'string',
        describe: `where --peers keeps its figures (default: ${peersFolder})`,
      }),
  async ({ network: name, peers, json, ...given }) => {
    const unused = peers ? (['step', 'steps'] as const) : (['python', 'rounds', 'seconds', 'out'] as const);
    expectUsed(given, unused, '--peers', peers);
    if (peers) {
      const { comparePeers } = loadPeers();
      const { benches, text } = await comparePeers({ ...given, network: name });
      return print(json, { benches }, text);
    }
    if (!name) throw new UserError('bench: expected a network, or --peers; found neither');
    const { bench: timed } = library();
    const { benchText } = texts();
    const found = await inTerminal((session) => timed(name, { ...given, ...session }));
    print(json, found, benchText(found));
  },
);
