import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { networkNames } from '../../../models/registry';
import {
  answersOf,
  digestOf,
  inputOf,
  networkOf,
  rangeOf,
  seededImages,
  seededNames,
  seededNetwork,
} from '../../../scripts/peers/weights/seeded-networks';
import { useBackend } from '../../../src/runtime/backend';
import { kerasFile } from '../../../src/weights/export/keras/keras';
import { readHdf5 } from '../../../src/weights/formats/keras/hdf5';
import { fixtures } from '../../support/places';

/**
 * What Keras 3.15 answers by these very files: `export-to-keras.ts FOLDER --small`, then `keras_exported.py FOLDER`,
 * both in `scripts/peers`, which print how near it is.
 */
const answers = JSON.parse(readFileSync(join(fixtures, 'weights', 'keras-answers.json'), 'utf8')) as Readonly<
  Record<string, { readonly digest: string; readonly outputs: readonly number[][][] }>
>;

/** Networks that take a power, a root or a quotient, for which Keras 2 has no layer. */
const fromKeras3 = [
  'neocognitron',
  'alexnet',
  'alexnet-ungrouped',
  'alexnet-bvlc',
  'caffenet',
  'vgg-a-lrn',
  'googlenet',
];

beforeAll(() => useBackend());

it('Keras answered for every network of the zoo', () => {
  expect(Object.keys(answers).sort()).toEqual([...networkNames, 'uneven-pooling'].sort());
});

it.each(seededNames(true))(
  '%s is exported as the file by which Keras answers as it does itself',
  async (name) => {
    const shape = inputOf(name, true);
    const trained = seededNetwork(name, shape);
    const { bytes, since } = await kerasFile(trained, networkOf(name));
    expect(since).toBe(fromKeras3.includes(name) ? 3 : 2);
    expect(await digestOf(bytes)).toBe(answers[name]!.digest);
    const images = seededImages(shape, rangeOf(name));
    const ours = await answersOf(trained, images);
    images.dispose();
    trained.model.dispose();
    expect(ours.length).toBe(answers[name]!.outputs.length);
    for (const [output, theirs] of answers[name]!.outputs.entries()) {
      const largest = theirs.flat().reduce((most, value) => Math.max(most, Math.abs(value)), 1);
      const apart = ours[output]!.flatMap((row, image) =>
        row.map((value, index) => Math.abs(value - theirs[image]![index]!)),
      );
      expect(apart.reduce((most, one) => Math.max(most, one)) / largest).toBeLessThan(1e-5);
    }
  },
  60_000,
);

it('no exported file holds a Lambda, a class of ours or anything else that runs code', async () => {
  const kinds = new Set<string>();
  for (const name of ['neocognitron', 'lecun1989', 'lenet5', 'lenet-bouvrie', 'googlenet'] as const) {
    const trained = seededNetwork(name, inputOf(name, true));
    const { bytes } = await kerasFile(trained, networkOf(name));
    const { attributes } = await readHdf5(bytes, { attributes: ['model_config'] });
    const { config } = JSON.parse(attributes.get('/')!['model_config']![0]!) as {
      config: { layers: { class_name: string }[] };
    };
    for (const { class_name: kind } of config.layers) kinds.add(kind);
    trained.model.dispose();
  }
  expect([...kinds].sort()).toEqual([
    'Activation',
    'AveragePooling2D',
    'Concatenate',
    'Conv2D',
    'Dense',
    'DepthwiseConv2D',
    'Dropout',
    'EinsumDense',
    'Flatten',
    'GlobalAveragePooling1D',
    'GlobalAveragePooling2D',
    'InputLayer',
    'MaxPooling2D',
    'Multiply',
    'Power',
    'ReLU',
    'RepeatVector',
    'Rescaling',
    'Reshape',
    'ZeroPadding2D',
  ]);
});
