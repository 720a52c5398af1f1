/** The trained weights that come with the package, for pages: each a module of its own, loaded when it is asked for. */
import { UserError, messageOf } from '../../core/errors';
import { didYouMean } from '../../core/text/did-you-mean';
import { fittedFile } from '../../weights/fitted-values';
import { modelFiles } from '../../weights/model-record';
import { trainedNames, type TrainedName } from '../../weights/trained-names';
import { openModelFiles, type Networks } from './model-files';
import type { PageTrained } from './trained';

/** What bundlers make of a file of weights. */
interface Bytes {
  readonly default: Uint8Array<ArrayBuffer>;
}

const shipped = {
  lenet5: () => [
    import('../../../trained/lenet5/network.json'),
    import('../../../trained/lenet5/weights.safetensors'),
  ],
  'lenet5-distorted': () => [
    import('../../../trained/lenet5-distorted/network.json'),
    import('../../../trained/lenet5-distorted/weights.safetensors'),
  ],
  lenet1: () => [
    import('../../../trained/lenet1/network.json'),
    import('../../../trained/lenet1/weights.safetensors'),
  ],
  lecun1989: () => [
    import('../../../trained/lecun1989/network.json'),
    import('../../../trained/lecun1989/weights.safetensors'),
  ],
} as const satisfies Readonly<
  Record<TrainedName, () => readonly [Promise<{ readonly default: object }>, Promise<Bytes>]>
>;

/**
 * Opens trained weights that come with the package: LeNet-5 (`lenet5`, and `lenet5-distorted`, which learned distorted
 * digits too), LeNet-1 and LeCun 1989. Nothing is fetched from elsewhere than the page's own bundle.
 * @param networks among which its network has to be: `{ lenet5 }`
 * @throws UserError for a name that is none of `trainedNames`
 * @example
 * const model = await loadPretrained('lenet5', { lenet5 });
 * const [{ label }] = await model.classify(canvas);
 */
export async function loadPretrained(name: TrainedName, networks: Networks): Promise<PageTrained> {
  if (!Object.hasOwn(shipped, name))
    throw new UserError(
      `loadPretrained: expected one of ${trainedNames.join(', ')}, found ${name}${didYouMean(name, trainedNames)}`,
    );
  const [record, weights] = await Promise.all(shipped[name]()).catch((error: unknown) => {
    throw new UserError(
      `loadPretrained: expected the modules of a page, found none (${messageOf(error).split('\n', 1)[0]}); in Node the main entry point has loadPretrained`,
    );
  });
  const files: Readonly<Record<string, Uint8Array>> = {
    [modelFiles.record]: new TextEncoder().encode(JSON.stringify(record.default)),
    [modelFiles.weights]: weights.default,
  };
  return openModelFiles(async (file) => (file === fittedFile ? undefined : files[file]), name, networks);
}
