/** The models in a playground's page. */
import { UserError } from '../../../core/errors';
import { sha256Of } from '../../../core/io/hash';
import { option } from '../../../core/text/wording';
import { encodeFitted, fittedFile, hasFittedFile, lacksFitted } from '../../../weights/fitted-values';
import { encodeModel, modelFiles, modelRecordText } from '../../../weights/model-record';
import type { Context } from '../../context';
import { modelFacts } from '../../trained/model-facts';
import { lackingFittedText, type Opened } from '../../trained/open-folder';
import type { PageModel } from './page-data';

/** The most bytes of weights in a page: with more, its text is longer than browsers and Node handle at once. */
const mostBytes = 150e6;

/**
 * A model as the page keeps it: the files of a model’s folder.
 * @param folder what `openFolder` opened
 * @throws UserError if its weights are too large for a page, or its preprocessing lacks what it takes from a training set
 */
export async function pageModel(
  name: string,
  folder: string,
  opened: Opened,
  { provenance }: Context,
): Promise<PageModel> {
  const { model, network, recipe, fitted } = opened;
  // The page shows it images at once.
  if (lacksFitted(recipe.input, fitted)) throw new UserError(lackingFittedText(folder));
  const facts = await modelFacts(folder, opened, provenance);
  // The same run makes the same page, whenever it is exported.
  const made = opened.record?.started ?? facts.made;
  const { record, weights } = await encodeModel(model, { ...facts, made }, sha256Of);
  if (weights.length > mostBytes)
    throw new UserError(
      `${option('format', 'page')}: expected weights of at most ${mostBytes / 1e6} MB, since they are part of the page, found ${Math.round(weights.length / 1e6)} MB of ${network}; ${option('format', 'tfjs')} makes a folder`,
    );
  const files = {
    [modelFiles.record]: Buffer.from(modelRecordText(record)),
    [modelFiles.weights]: Buffer.from(weights),
    ...(hasFittedFile(recipe) && { [fittedFile]: Buffer.from(encodeFitted(recipe, fitted, sha256Of)) }),
  };
  const encoded = Object.entries(files).map(([file, bytes]) => [file, bytes.toString('base64')] as const);
  return { name, network, files: Object.fromEntries(encoded) };
}
