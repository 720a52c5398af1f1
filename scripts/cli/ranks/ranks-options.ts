/** The options of commands that several ranks can do together. */
import type { ArgumentsCamelCase, Argv } from 'yargs';
import { UserError } from '../../../src/core/errors';
import { expectNoOtherMpi, isOneOfSeveral } from '../../../src/runtime/mpi/started-ranks';
import type { Command } from '../command';
import { asksForRanks, launch, type RanksGiven } from './launch';

const group = 'Many processes:';

function ranksOptions<Given>(argv: Argv<Given>) {
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

/** A command that several ranks do together: with its further options, it starts them, and a rank does its part. */
export function byRanks({ builder, handler }: Command): Command {
  return {
    builder: (argv) => ranksOptions(builder(argv)),
    handler: async (given) => {
      const { ranks, hosts, hostfile, mpi, ...own } = given as ArgumentsCamelCase<RanksGiven>;
      const asked = { ranks, hosts, hostfile, mpi };
      expectNoOtherMpi(process.env);
      if (asksForRanks(asked)) await launch(asked);
      await handler(own);
    },
  };
}

/** A command that each rank would do by itself, and so is refused to them. */
export function alone({ builder, handler }: Command): Command {
  return {
    builder,
    handler: async (given) => {
      expectNoOtherMpi(process.env);
      if (isOneOfSeveral(process.env))
        throw new UserError(
          `${given._[0]}: expected one process, found several ranks; train, finetune, evaluate and reproduce take them`,
        );
      await handler(given);
    },
  };
}
