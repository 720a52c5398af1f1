import type { BackendName } from '../src/runtime/backend';
import { backendOption, chooseBackend, note, type Command } from './cli';
import { newRun } from './run-start';
import { runToTheEnd } from './run-session';
import { setup } from './setup';

export const start: Command<{ backend?: BackendName | undefined }> = {
  command: 'start',
  describe: 'set up, then train LeNet-5 on the built-in digits',
  builder: (argv) => backendOption(argv),
  handler: async ({ backend }) => {
    await setup.handler({ gpu: false, json: false, _: [], $0: '' });
    const runtime = await chooseBackend(backend);
    const choices = {
      network: 'lenet5',
      data: 'digits',
      epochs: 6,
    } as const;
    const run = await newRun(choices, runtime);
    await runToTheEnd(run, false);
    note(
      [
        '',
        'The digits were drawn by the program; on real ones, and further:',
        '  npm run train -- lenet5 --data mnist     the paper’s experiment',
        `  npm run evaluate -- ${run.folder}`,
        '  npm run describe -- lenet5               its layers beside the paper’s',
        '  npm run doctor                           what computes here, and what could',
      ].join('\n'),
    );
  },
};
