/** The command `start`: sets TensorFlow up and trains LeNet-5 on digits that the program draws. */
import { command } from '../cli/command';
import { library, texts } from '../cli/library';
import { commandToCopy } from '../cli/npm/npm-run';
import { backend } from '../cli/options/shared-options';
import { note, print } from '../cli/terminal/output';
import { endInterrupted, inTerminal } from '../cli/terminal/session';
import { setUpHere } from './setup';

export const start = command(
  (argv) => argv.option('backend', backend),
  async (given) => {
    const { trainRun } = library();
    const { runText } = texts();
    // wasm and cpu need no setup.
    if (given.backend === undefined || given.backend.startsWith('tensorflow'))
      await setUpHere(given.backend === 'tensorflow-gpu');
    const outcome = await inTerminal(
      (session) => trainRun({ ...given, network: 'lenet5', data: 'digits', epochs: 6, ...session }),
      (event) => {
        if (event.kind === 'begun') sayFurther(event.folder);
      },
    );
    if (!outcome.finished) return endInterrupted(outcome, commandToCopy('train', '--resume', outcome.folder));
    print(false, outcome.report, runText(outcome.report, outcome.folder));
  },
);

/** What to try next, while the digits are learned. */
function sayFurther(folder: string): void {
  const further = [
    [commandToCopy('train', 'lenet5', '--data', 'mnist'), 'the paper’s experiment'],
    [commandToCopy('evaluate', folder), ''],
    [commandToCopy('describe', 'lenet5'), 'its layers beside the paper’s'],
    [commandToCopy('doctor').replace(/ --$/, ''), 'what computes here, and what could'],
  ] as const;
  note('The digits are drawn by the program. When this is done, on real ones and further:');
  for (const [line, why] of further) note(`  ${line.padEnd(45)} ${why && `# ${why}`}`.trimEnd());
}
