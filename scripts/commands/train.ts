/** The command `train`: trains a network by its recipe, or resumes such a training. */
import { UserError } from '../../src/core/errors';
import { pathWord } from '../../src/core/text/shell-words';
import { command } from '../cli/command';
import { library, texts } from '../cli/library';
import { commandToCopy } from '../cli/npm/npm-run';
import { trainOptions } from '../cli/options/train-options';
import { isSilent } from '../cli/ranks/this-rank';
import { print } from '../cli/terminal/output';
import { endInterrupted, inTerminal } from '../cli/terminal/session';

export const train = command(trainOptions, async ({ json, resume, network, ...given }) => {
  const { expectRunOf, resumeRun, trainRun } = library();
  const { runText } = texts();
  if (resume !== undefined) await (isSilent() || expectRunOf('train', resume));
  else if (network === undefined)
    throw new UserError('train: expected the name of a network or --resume RUN, found neither');
  const outcome = await inTerminal((session) =>
    resume === undefined
      ? trainRun({ ...given, network: network!, ...session })
      : resumeRun(resume, { ...given, ...(network && { network }), ...session }),
  );
  if (!outcome.finished)
    return endInterrupted(outcome, commandToCopy('train', '--resume', pathWord(outcome.folder)));
  print(json, outcome.report, runText(outcome.report, outcome.folder));
});
