/** The command `evaluate`: measures the error of a run, of a model, or of several together. */
import { command } from '../cli/command';
import { library, texts } from '../cli/library';
import { evaluateOptions } from '../cli/options/evaluate-options';
import { sidesOf } from '../cli/options/shared-options';
import { print } from '../cli/terminal/output';
import { inTerminal } from '../cli/terminal/session';

export const evaluate = command(evaluateOptions, async ({ models, json, ...given }) => {
  const { evaluateFolder } = library();
  const { evaluatedText } = texts();
  const { report, path } = await inTerminal((session) =>
    evaluateFolder(models, { ...given, resize: sidesOf(given.resize), ...session }),
  );
  print(json, report, evaluatedText(report, path, { rejection: given.rejection !== undefined }));
});
