/** The networks of digits that can be compared: those of the page, and those of the visitor’s files. */
import { openModel, UserError, zoo, type Networks } from '../../browser';
import { eagerForward } from '../../src/evaluate/scores/forward';
import { filesOfModel } from '../model/chosen-files';
import { openEmbedded, pageData } from '../model/embedded';
import { openedModel, type OpenedModel } from '../model/opened';
import { median } from './side-by-side';

const known = new Map<string, Promise<OpenedModel>>();

/** The names of the networks of digits: those of the page first, then those that were added. */
export function digitModels(): readonly string[] {
  const { models } = pageData();
  const own = models.filter(({ network }) => takesDigits(network)).map(({ name }) => name);
  return [...own, ...[...known.keys()].filter((name) => !own.includes(name))];
}

/** One of them, ready to be looked into; the same one each time. */
export function digitModel(name: string): Promise<OpenedModel> {
  const found = known.get(name) ?? openEmbedded(name).then((trained) => openedModel(name, trained));
  known.set(name, found);
  return found;
}

/**
 * Adds a network of the visitor's files.
 * @param notDigits the message of the error if it takes other images
 * @throws UserError if they are none, or not of digits
 */
export async function addDigitModel(
  files: readonly File[],
  notDigits: (network: string) => string,
): Promise<void> {
  const trained = await openModel(filesOfModel(files), zoo);
  if (trained.recipe.input.shape[2] !== 1 || trained.model.outputs[0]!.shape.at(-1) !== 10) {
    trained.dispose();
    throw new UserError(notDigits(trained.network));
  }
  let name = trained.network;
  for (let number = 2; digitModels().includes(name); number++) name = `${trained.network} (${number})`;
  known.set(name, Promise.resolve(openedModel(name, trained)));
}

function takesDigits(network: string): boolean {
  return (zoo as Networks)[network]?.recipe.input.shape[2] === 1;
}

/** How many passes are timed, after one that prepares the device. */
export const timedPasses = 9;

const times = new Map<OpenedModel, number>();

/** The median time of a pass in milliseconds; measured once a model, for it hardly depends on the digit. */
export async function passTime(model: OpenedModel, input: Float32Array): Promise<number> {
  const before = times.get(model);
  if (before !== undefined) return before;
  const forward = eagerForward(model.trained.model);
  const batch = { images: input, shape: model.trained.recipe.input.shape };
  const passes: number[] = [];
  for (let pass = 0; pass <= timedPasses; pass++) {
    const started = performance.now();
    await forward.run(batch);
    if (pass > 0) passes.push(performance.now() - started);
  }
  times.set(model, median(passes));
  return median(passes);
}
