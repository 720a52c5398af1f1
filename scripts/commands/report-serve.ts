/** The command `report:serve`: serves the comparison as a page, with live curves of running trainings. */
import { existsSync } from 'node:fs';
import { UserError } from '../../src/core/errors';
import { command } from '../cli/command';
import { library } from '../cli/library';
import { foldersIn } from '../cli/own-folders';
import { note } from '../cli/terminal/output';
import { inTerminal } from '../cli/terminal/session';

export const reportServe = command(
  (argv) =>
    argv
      .positional('runs', {
        type: 'string',
        array: true,
        default: [] as string[],
        describe: 'folders of runs or models (default: those under results/ and runs/)',
      })
      .option('port', {
        type: 'number',
        default: 8080,
        describe: 'of this machine; 0 takes any that is free',
      }),
  async ({ runs, port }) => {
    const { serveComparison } = library();
    const missing = runs.find((run) => !existsSync(run));
    if (missing !== undefined)
      throw new UserError(`${missing}: expected the folder of a run or a model, found none`);
    const folders = () => (runs.length > 0 ? runs : [...foldersIn(), ...foldersIn('runs')]);
    const { address } = await inTerminal((session) => serveComparison({ port, folders, ...session }));
    note(`serving on ${address}; Ctrl-C ends it`);
  },
);
