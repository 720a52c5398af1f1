import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { networkNames, zoo, type NetworkName } from '../../models/registry';
import { withoutDrawing } from '../../src/layers/initialise/initialise';
import type { Network, WeightSource } from '../../src/core/network';
import { useBackend } from '../../src/runtime/backend';
import { recipeSchema } from '../../src/core/recipe/schema';
import { mapWeights, originOf } from '../../src/weights/import/mapping';
import { incompleteness } from '../../src/weights/import/mapping-report';
import { fixtures } from '../support/places';

/** As torchvision, timm and Keras list them: made by `fixtures/weights/list_toolkit_tensors.py`. */
const listed = JSON.parse(
  readFileSync(join(fixtures, 'weights', 'toolkit-tensors.json'), 'utf8'),
) as Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, readonly number[]>>>>>>;

const sources = networkNames.flatMap((name) => {
  const network: Network = zoo[name];
  return (network.weights ?? []).map((source) => [name, source.toolkit, source] as const);
});

function bare(name: NetworkName) {
  return withoutDrawing(() => zoo[name].build({ classes: name === 'lenet-caffe' ? 10 : 1000, seed: 1 }));
}

beforeAll(() => useBackend());

/** Tensors of which the names and shapes are known alone. */
function tensorsOf(shapes: Readonly<Record<string, readonly number[]>>) {
  return Object.entries(shapes).map(([name, shape]) => ({
    name,
    shape,
    values: () => {
      throw new Error('nobody reads numbers to compare shapes');
    },
  }));
}

it('is known for Caffe, PyTorch and Keras, for the networks of which there are public files', () => {
  expect(sources.map(([name, toolkit]) => `${name} ${toolkit}`)).toEqual([
    'lenet-caffe caffe',
    'alexnet-bvlc caffe',
    'caffenet caffe',
    'alexnet-torchvision pytorch',
    'vgg-a pytorch',
    'vgg-a pytorch',
    'vgg-b pytorch',
    'vgg-b pytorch',
    'vgg-d caffe',
    'vgg-d pytorch',
    'vgg-d pytorch',
    'vgg-d keras',
    'vgg-e caffe',
    'vgg-e pytorch',
    'vgg-e pytorch',
    'vgg-e keras',
    'nin-imagenet caffe',
    'nin-cifar10-caffe caffe',
    'googlenet caffe',
    'googlenet-torchvision pytorch',
  ]);
});

describe.each(sources)('%s from %s', (name, toolkit, source) => {
  const { layers, blueFirst, files, preprocess }: WeightSource = source;

  it('names every layer that has weights, once, and no other', () => {
    const model = bare(name);
    const weighted = model.layers.filter(({ weights }) => weights.length > 0);
    expect(Object.keys(layers).sort()).toEqual(weighted.map((layer) => layer.name).sort());
    expect(new Set(Object.values(layers)).size).toBe(weighted.length);
    if (blueFirst !== undefined) expect(model.getLayer(blueFirst).weights[0]!.shape[2]).toBe(3);
    model.dispose();
  });

  // Of PyTorch's, only timm's has no classifier of that name.
  const library = toolkit === 'pytorch' && layers['fc8'] === 'head.fc' ? 'timm' : toolkit;
  const shapes = listed[library]?.[name];
  const itIfListed: (title: string, check: () => void) => void = shapes ? it : () => undefined;
  itIfListed('finds every tensor of the toolkit’s own network in its shape, and leaves none', () => {
    const model = bare(name);
    const file = { format: 'pth' as const, tensors: tensorsOf(shapes!) };
    const { report, loads } = mapWeights(model, originOf(source), file);
    expect(incompleteness(report)).toBeUndefined();
    expect(loads.length).toBe(model.weights.length);
    model.dispose();
  });

  it('equals its own JSON, has a preprocessing that recipes may have, and says what is unchecked', () => {
    expect(JSON.parse(JSON.stringify(source))).toEqual(source);
    const { shape } = zoo[name].recipe.input;
    expect(recipeSchema.shape.input.parse({ shape, preprocess })).toEqual({ shape, preprocess });
    for (const { file, url, checksum, unchecked } of files) {
      expect(new URL(url).pathname.endsWith(`/${file}`)).toBe(true);
      if (toolkit === 'pytorch') expect(file).toContain(`-${checksum!.begins}.pth`);
      else if (checksum)
        expect(checksum.begins).toMatch(checksum.kind === 'sha1' ? /^[0-9a-f]{40}$/ : /^[0-9a-f]{32}$/);
      expect(unchecked).toEqual(checksum ? ['address', 'checksum'] : ['address']);
    }
  });
});
