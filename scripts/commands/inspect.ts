/** The command `inspect`: draws what happens inside a trained network as one sheet. */
import { command } from '../cli/command';
import { library, texts } from '../cli/library';
import { inspecting } from '../cli/options/inspect-options';
import { computing, weightNames } from '../cli/options/shared-options';
import { print } from '../cli/terminal/output';
import { inTerminal } from '../cli/terminal/session';

export const inspect = command(
  (argv) =>
    inspecting(computing(argv))
      .positional('model', {
        type: 'string',
        demandOption: true,
        describe: `a model's folder, or a run's; or ${weightNames}`,
      })
      .positional('image', {
        type: 'string',
        describe: 'an image file, required unless --unit is drawn alone',
      })
      .example('$0 inspect lenet5 digit.png', '')
      .example('$0 inspect googlenet photo.jpg --class tabby --out photo.html', '')
      .example('$0 inspect lenet5 --unit C3:4 --data mnist', ''),
  async ({ model, layers, json, ...given }) => {
    const { inspect: look } = library();
    const { inspectedData, inspectedText } = texts();
    const named = layers?.split(',').flatMap((name) => name.trim() || []);
    const found = await inTerminal((session) => look(model, { ...given, layers: named, ...session }));
    const { out } = given;
    print(json, { ...inspectedData(found), out }, `${inspectedText(found)}\ndrawn into ${out}`);
  },
);
