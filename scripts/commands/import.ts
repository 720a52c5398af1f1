/** The command `import`: makes a model folder from the weights of another toolkit. */
import { UserError } from '../../src/core/errors';
import { command } from '../cli/command';
import { library, texts } from '../cli/library';
import { expectOptionsUsed, importOptions } from '../cli/options/import-options';
import { print } from '../cli/terminal/output';
import { inTerminal, whileDownloading } from '../cli/terminal/session';

export const importCommand = command(importOptions, async (given) => {
  expectOptionsUsed(given);
  const { importModel, listedWeights } = library();
  const { importedText, publishedWeightsText } = texts();
  const { file, network, out, list, json, ...asked } = given;
  if (list) {
    const listed = listedWeights(network);
    return print(json, listed, publishedWeightsText(listed));
  }
  if (!file || !network || !out)
    throw new UserError('import: expected FILE --network NAME --out DIR, found only some of them');
  const { model, record, report } = await (asked.download ? whileDownloading : inTerminal)((session) =>
    importModel({ ...asked, file, network, out, ...session }),
  );
  print(json, { model, ...record, report }, importedText(report, model));
});
