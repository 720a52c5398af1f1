import { join } from 'node:path';
import { UserError } from '../../../src/core/errors';
import { readForeign } from '../../../src/weights/formats/read-weights';
import { fixtures } from '../../support/places';

const folder = join(fixtures, 'weights', 'wrapped');

/** As `make_wrapped_files.py` counts: from 0 through all four tensors. */
const counted = (first: number, names = (name: string) => name) => ({
  [names('features.0.weight')]: [[3, 2, 2, 2], first, first + 23],
  [names('features.0.bias')]: [[3], first + 24, first + 26],
  [names('classifier.1.weight')]: [[4, 3], first + 27, first + 38],
  [names('classifier.1.bias')]: [[4], first + 39, first + 42],
});

/** The shape, the first and the last number of each tensor. */
async function tensorsOf(file: string) {
  const { tensors, notes = [] } = await readForeign(join(folder, file));
  const found: Record<string, unknown[]> = {};
  for (const { name, shape, values } of tensors) {
    const numbers = [...(await values())];
    expect(numbers).toEqual(numbers.map((_, at) => numbers[0]! + at));
    found[name] = [[...shape], numbers[0], numbers.at(-1)];
  }
  return { found, notes: notes.join('\n') };
}

const silent = /^$/;

it.each<[string, RegExp]>([
  ['imagenet-example.pth', silent],
  ['imagenet-example-legacy.pth', silent],
  ['tutorial.pt', /^taken: "model_state_dict"; left: the outermost tensors \(1 tensor\)$/],
  [
    'torchvision-script.pth',
    /^taken: "model"; left: "model_ema" \(5 tensors\)\npassed over, .* Python’s argparse\.Namespace$/,
  ],
  ['timm.pth.tar', /^taken: "state_dict"; left: "state_dict_ema" \(4 tensors\)\npassed over, /],
  [
    'metadata.pth',
    /^passed over, and never built: Python’s argparse\.Namespace, __main__\.Colour, .* and 2 more$/,
  ],
  ['metadata-5.pth', /^passed over, and never built: Python’s argparse\.Namespace, /],
  ['compiled.pth', silent],
  ['nested.pth', silent],
  ['tuple.pth', silent],
  ['own-class.pth', /Python’s __main__\.StateDict$/],
  ['own-name.pth', silent],
  ['parameters.pth', silent],
  ['negative.pth', silent],
  ['negative-legacy.pth', silent],
  ['extra-state.pth', /^taken: the outermost tensors; left: "features\._extra_state" \(1 tensor\)$/],
  ['tagged.pth', /Python’s __main__\.Tagged$/],
  ['unread-beside.pth', /^taken: "model"; left: the outermost tensors \(3 tensors\)$/],
  ['unread-beside-legacy.pth', /^taken: "model"; left: the outermost tensors \(1 tensor\)$/],
])('%s: the state dict is found, and what was left is said', async (file, said) => {
  const { found, notes } = await tensorsOf(file);
  expect(found).toEqual(counted(0));
  expect(notes).toMatch(said);
});

it('tensors of whole numbers are told from weights', async () => {
  const { tensors } = await readForeign(join(folder, 'whole-numbers.pth'));
  const kinds = Object.fromEntries(tensors.map(({ name, whole }) => [name, whole]));
  const names = ['int8', 'uint8', 'int16', 'int32', 'int64', 'bool'];
  expect(kinds).toEqual({ weight: undefined, ...Object.fromEntries(names.map((name) => [name, name])) });
});

it('an average is taken where there is nothing else, and Lightning’s prefix is for the network to settle', async () => {
  expect((await tensorsOf('average-alone.pth')).found).toEqual(counted(100));
  const { found, notes } = await tensorsOf('lightning.ckpt');
  expect(found).toEqual(counted(0, (name) => `model.${name}`));
  expect(notes).toMatch(
    /^passed over, .* Python’s __main__\.Callback, __main__\.Settings, torch\.nn\.modules\.loss\.CrossEntropyLoss$/,
  );
});

it.each<[string, RegExp]>([
  ['complex.pth', /plain numbers in tensor "classifier\.1\.weight", found a tensor that is complex,/],
  ['sparse.pth', /found a tensor that is sparse,/],
  ['quantised.pth', /found a tensor that is quantised,/],
  ['float8.pth', /found a tensor that is of torch\.float8_e4m3fn,/],
  ['whole-model.pth', /found a whole object of the class __main__\.Net, .* save its state_dict\(\)$/],
  ['whole-model-inside.pth', /found under "model" a whole object of the class __main__\.Net, /],
  [
    'two-networks.pth',
    /found tensors in "generator", "discriminator"; in Python, save the one that is meant/,
  ],
  ['numpy-arrays.pth', /found arrays of NumPy in the place of tensors;/],
  ['optimiser-alone.pth', /found the state of an optimiser/],
  ['plain.pkl', /found a pickle that PyTorch did not write;/],
])('%s is refused in one line that says why', async (file, reason) => {
  const attempt = readForeign(join(folder, file));
  await expect(attempt).rejects.toThrow(UserError);
  await expect(attempt).rejects.toThrow(reason);
  await expect(attempt).rejects.not.toThrow(/\n/);
});
