/** The command `doctor`: tells which backend is used here, and why no better one is. */
import { command } from '../cli/command';
import { library, texts } from '../cli/library';
import { json } from '../cli/options/shared-options';
import { print } from '../cli/terminal/output';

export const doctor = command(
  (argv) => argv.option('json', json),
  async ({ json: asJson }) => {
    const { diagnose } = library();
    const { diagnosisText } = texts();
    const diagnosis = await diagnose();
    print(asJson, diagnosis, diagnosisText(diagnosis));
  },
);
