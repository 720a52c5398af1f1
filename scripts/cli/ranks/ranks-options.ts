/** The options of commands that several ranks can do together. */
import type { Argv } from 'yargs';
import { UserError } from '../../../src/core/errors';
import { isOneOfSeveral } from '../../../src/runtime/mpi/started-ranks';

const group = 'Many processes:';

export function ranksOptions<Given>(argv: Argv<Given>) {
  return argv
    .option('ranks', {
      group,
      type: 'number',
      requiresArg: true,
      describe: 'share the work out to so many processes, which Open MPI starts',
    })
    .option('hosts', {
      group,
      type: 'string',
      requiresArg: true,
      describe: 'on these hosts, each with a number of ranks: a:2,b:2',
    })
    .option('hostfile', {
      group,
      type: 'string',
      requiresArg: true,
      describe: 'on the hosts of a file of mpirun’s',
    })
    .option('mpi', {
      group,
      type: 'boolean',
      describe: 'hand the words after this one to mpirun',
    });
}

/** @throws UserError for a command that each rank would do by itself */
export function expectAlone(verb: string): void {
  if (isOneOfSeveral(process.env))
    throw new UserError(
      `${verb}: expected one process, found several ranks; --help of the program says which commands take --ranks`,
    );
}
