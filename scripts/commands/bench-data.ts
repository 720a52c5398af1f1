/** The command `bench-data`: how fast images are read from a folder, or a network trains on them. */
import { command } from '../cli/command';
import { library, texts } from '../cli/library';
import { computing, expectUsed, network, precision } from '../cli/options/shared-options';
import { commandWithoutPaths, print } from '../cli/terminal/output';
import { loadPeers } from '../cli/peers';
import { inTerminal } from '../cli/terminal/session';

export const benchData = command(
  (argv) =>
    computing(argv)
      .positional('folder', { type: 'string', demandOption: true, describe: 'with images by class' })
      .option('rounds', { type: 'number', default: 5, describe: 'turns of each way' })
      .option('seconds', { type: 'number', describe: 'a turn, when images are only read (default: 2)' })
      .option('python', {
        type: 'string',
        describe: 'a Python with torch, torchvision and pillow, to time their DataLoader beside',
      })
      .option('train', { ...network, describe: 'train this network from them instead' })
      .option('batch', { type: 'number', describe: 'images an update (default: 16)' })
      .option('steps', { type: 'number', describe: 'updates a turn (default: 10)' })
      .option('workers', {
        type: 'number',
        describe: 'threads that load images for the training (default: one a core)',
      })
      .option('precision', { ...precision, describe: 'of the training (default: float32)' }),
  async ({ folder, json, python, ...given }) => {
    const { train } = given;
    const unused = train
      ? (['seconds', 'python'] as const)
      : (['batch', 'steps', 'workers', 'precision', 'backend'] as const);
    expectUsed({ ...given, python }, unused, '--train', train !== undefined);
    const { benchData: timed } = library();
    const { benchedDataText } = texts();
    const peers = python === undefined ? undefined : loadPeers().torchPeers(python);
    const found = await inTerminal(({ provenance, ...session }) =>
      timed(folder, {
        ...given,
        peers,
        ...session,
        provenance: { ...provenance, command: commandWithoutPaths() },
      }),
    );
    print(json, found, benchedDataText(found));
  },
);
