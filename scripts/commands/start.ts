/** The command `start`: sets TensorFlow up and trains LeNet-5 on digits that the program draws. */
import type { BackendName } from '../../src/runtime/backend';
import { backendOption, chooseBackend, note, type Command } from '../cli/output';
import { newRun } from '../workflows/train/start-run';
import { runToTheEnd } from '../workflows/train/run-to-end';
import { setUpHere } from './setup';
import { commandToCopy } from '../cli/npm/npm-run';

export const start: Command<{ backend?: BackendName | undefined }> = {
  command: 'start',
  describe: 'set up, then train LeNet-5 on the built-in digits',
  builder: (argv) => backendOption(argv),
  handler: async ({ backend }) => {
    // wasm and cpu need no setup.
    if (backend === undefined || backend.startsWith('tensorflow'))
      await setUpHere(backend === 'tensorflow-gpu');
    const runtime = await chooseBackend(backend);
    const choices = {
      network: 'lenet5',
      data: 'digits',
      epochs: 6,
    } as const;
    const run = await newRun(choices, runtime);
    const further = [
      [commandToCopy('train', 'lenet5', '--data', 'mnist'), 'the paper’s experiment'],
      [commandToCopy('evaluate', run.folder), ''],
      [commandToCopy('describe', 'lenet5'), 'its layers beside the paper’s'],
      [commandToCopy('doctor').replace(/ --$/, ''), 'what computes here, and what could'],
    ] as const;
    note('The digits are drawn by the program. When this is done, on real ones and further:');
    for (const [line, why] of further) note(`  ${line.padEnd(45)} ${why && `# ${why}`}`.trimEnd());
    await runToTheEnd(run, false);
  },
};
