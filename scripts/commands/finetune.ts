/** The command `finetune`: fine-tunes a trained network on the classes of other images, and tests it. */
import { UserError } from '../../src/core/errors';
import { pathWord } from '../../src/core/text/shell-words';
import { command } from '../cli/command';
import { library, texts } from '../cli/library';
import { commandToCopy, wordsWithout } from '../cli/npm/npm-run';
import { finetuneOptions } from '../cli/options/finetune-options';
import { isSilent } from '../cli/ranks/this-rank';
import { print } from '../cli/terminal/output';
import { endInterrupted, inTerminal } from '../cli/terminal/session';

export const finetune = command(finetuneOptions, async ({ json, resume, findRate, ...given }) => {
  const api = library();
  const { network, weights, data } = given;
  if (findRate === true && (resume !== undefined || given.rate !== undefined))
    throw new UserError(
      `--find-rate: expected a fine-tuning that is to begin, without a rate, found ${resume === undefined ? '--rate' : '--resume'}`,
    );
  if (resume !== undefined) await (isSilent() || api.expectRunOf('finetune', resume));
  else if (network === undefined || weights === undefined || data === undefined)
    throw new UserError(
      'finetune: expected NETWORK --weights FILE --data DIR, or --resume RUN; found only some of them',
    );
  if (findRate === true) {
    // The answers are those of the fine-tuning itself, whose command is told.
    const {
      rate: _,
      answers: __,
      ...asked
    } = { ...given, network: network!, weights: weights!, data: data! };
    const report = await inTerminal((session) => api.findRate({ ...asked, ...session }));
    const words = wordsWithout('--find-rate', '--findRate', '--json');
    const next = commandToCopy('finetune', ...words, '--rate', String(report.rate));
    return print(json, report, `${texts().foundRateText(report)}\nfine-tune: ${next}`);
  }
  const outcome = await inTerminal((session) =>
    resume === undefined
      ? api.finetune({ ...given, network: network!, weights: weights!, data: data!, ...session })
      : api.resumeRun(resume, { ...given, ...session }),
  );
  const { folder } = outcome;
  if (!outcome.finished)
    return endInterrupted(outcome, commandToCopy('finetune', '--resume', pathWord(folder)));
  const { report, mistakes } = outcome;
  const text = [
    texts().finetuneText(report, folder),
    ...(mistakes === null ? [] : [`the worst mistakes: ${mistakes}`]),
    `classify: ${commandToCopy('classify', 'PHOTO', '--model', pathWord(folder))}`,
  ].join('\n');
  print(json, report, text);
});
