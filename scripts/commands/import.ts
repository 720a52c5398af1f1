/** The command `import`: makes a model folder from the weights of another toolkit. */
import { zoo } from '../../models/registry';
import { fitRecipe, needsFitting } from '../../src/data/preprocess/fit';
import { openTrainingSet } from '../../src/data/open';
import { undistortedPixels } from '../../src/data/loader/undistorted';
import { takesFitted } from '../../src/data/preprocess/preprocess';
import { UserError } from '../../src/core/errors';
import { mappingText, notLoadedLines } from '../../src/report/mapping-text';
import { publishedWeights, publishedWeightsText } from '../../src/report/published-weights';
import { lacksFitted } from '../../src/weights/fitted-file';
import { importModel, type ImportModelOptions } from '../../src/workflows/import-model';
import { differencesOf, type MappingReport } from '../../src/weights/import/mapping-report';
import { chooseBackend, type Command, commandLine, commit, note, noteLines, print } from '../cli/output';
import { downloaded } from '../workflows/download-weights';
import { foundPath } from '../cli/options/shared-options';
import { expectOptionsUsed, importOptions, type ImportArguments } from '../cli/options/import-options';
import { dataOptions } from '../workflows/data/run-data';

/** Fits a preprocessing to the training images of a data set. */
function fitTo(name: string | undefined): ImportModelOptions['fit'] {
  return async (recipe, fitted) => {
    const comes = takesFitted(recipe.input.preprocess) && !lacksFitted(recipe.input, fitted);
    if (comes || !needsFitting(recipe)) {
      if (name === undefined) return { recipe, fitted };
      if (comes)
        throw new UserError(
          `--fit: expected weights whose preprocessing is still to be fitted to a training set, found a file that holds the fitted numbers; ${name} would change nothing`,
        );
      throw new UserError(
        `--fit: expected weights whose preprocessing is fitted to a training set, found some that need no fitting; ${name} would change nothing`,
      );
    }
    if (name !== undefined)
      return fitRecipe(undistortedPixels(await openTrainingSet(name, dataOptions()), recipe), recipe);
    note(
      'the preprocessing takes numbers from a training set: the model classifies nothing until --fit DATA computes them',
    );
    return { recipe, fitted: {} };
  };
}

export const importCommand: Command<ImportArguments> = {
  command: 'import [file]',
  describe: 'make a model folder of trained weights from Caffe, PyTorch, Keras, TensorFlow.js or safetensors',
  builder: importOptions,
  handler: async ({ list, json, backend, network: name, ...asked }) => {
    expectOptionsUsed({ list, backend, ...asked });
    const listed = publishedWeights(name ? { [name]: zoo[name] } : zoo);
    if (list) return print(json, listed, publishedWeightsText(listed));
    const { out } = asked;
    if (!asked.file || !name || !out)
      throw new UserError('import: expected FILE --network NAME --out DIR, found only some of them');
    const file = await downloaded(asked.file, listed, asked);
    await chooseBackend(backend);
    const reports: MappingReport[] = [];
    const command = commandLine();
    const onReport = (report: MappingReport) => {
      reports.push(report);
      const apart = [...differencesOf(report), ...(report.told?.differences ?? [])];
      if (asked['despite-differences'] && apart.length === 0)
        throw new UserError(
          '--despite-differences: expected a file whose layers differ from the network’s, found no difference; it would change nothing',
        );
    };
    try {
      const model = {
        ...asked,
        labels: asked.labels === undefined ? undefined : foundPath(asked.labels),
        fit: fitTo(asked.fit),
        convention: asked.names,
        despiteDifferences: asked['despite-differences'],
        file,
        out,
        name,
        network: zoo[name],
        zoo,
        onReport,
        command,
        commit: commit(),
      };
      const record = await importModel(model);
      const text = [...reports.map(mappingText), `written: ${out}`, ...reports.flatMap(notLoadedLines)].join(
        '\n',
      );
      print(json, { model: out, ...record, report: reports[0] }, text);
    } catch (error) {
      if (error instanceof UserError) reports.forEach((report) => noteLines(mappingText(report)));
      throw error;
    }
  },
};
