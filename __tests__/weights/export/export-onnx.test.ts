/** Every network goes to ONNX: onnxruntime answers by the file as the network does, and the file comes back bit for bit. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { networkNames } from '../../../models/registry';
import { digestOfFile, smallFile, typesOf } from '../../../scripts/peers/weights/onnx/small-answers';
import {
  answersOf,
  inputOf,
  networkOf,
  rangeOf,
  seededImages,
  seededNames,
  seededNetwork,
} from '../../../scripts/peers/weights/seeded-networks';
import { tf } from '../../../src/core/tf';
import { useBackend } from '../../../src/runtime/backend';
import { onnxFile } from '../../../src/weights/export/onnx/onnx';
import { halves, storedKernel } from '../../../src/weights/export/stored-weights';
import type { WeightsAs } from '../../../src/weights/export/weight-types';
import { importWeights } from '../../../src/weights/import/import-weights';
import { float16ToFloat32 } from '../../../src/weights/formats/half-floats';
import { refusal, temporaryFolder } from '../../support/fixtures';
import { fixtures } from '../../support/places';

/** What onnxruntime 1.32 answers by these very files: `small-answers.ts` in `scripts/peers/weights/onnx`. */
const answers = JSON.parse(
  readFileSync(join(fixtures, 'weights', 'onnx', 'answers.json'), 'utf8'),
) as Readonly<
  Record<string, Readonly<Record<WeightsAs, { readonly digest: string; readonly outputs: number[][][] }>>>
>;
const root = temporaryFolder();

beforeAll(() => useBackend());

function apart(ours: readonly number[][][], theirs: readonly number[][][]): number {
  expect(ours.length).toBe(theirs.length);
  const largest = theirs.flat(2).reduce((most, value) => Math.max(most, Math.abs(value)), 1);
  const differences = ours.flat(2).map((value, at) => Math.abs(value - theirs.flat(2)[at]!));
  return differences.reduce((most, one) => Math.max(most, one)) / largest;
}

it('onnxruntime answered for every network of the zoo', () => {
  expect(Object.keys(answers).sort()).toEqual([...networkNames, 'uneven-pooling'].sort());
});

it.each(seededNames(true))(
  '%s is exported as the files by which onnxruntime answers as it does itself, and comes back',
  async (name) => {
    const shape = inputOf(name, true);
    const trained = seededNetwork(name, shape);
    const images = seededImages(shape, rangeOf(name));
    const path = join(root, `${name}.onnx`);
    for (const as of typesOf(name)) {
      const file = await smallFile(trained, as);
      const { digest, outputs } = answers[name]![as];
      expect(digestOfFile(file)).toBe(digest);
      if (as === 'float32') expect(apart(await answersOf(trained, images), outputs)).toBeLessThan(1e-5);
      if (name === 'uneven-pooling') continue; // it has no weights
      writeFileSync(path, file);
      const { model, missing, report } = await importWeights(path, networkOf(name), {
        classes: 10,
        input: shape,
      });
      expect(missing).toEqual([]);
      expect(report.architecture).toEqual({ differences: [] });
      if (as === 'float32')
        for (const [at, weight] of model.weights.entries())
          expect(await sameBits(weight.read(), trained.model.weights[at]!.read())).toBe(true);
      // What comes back of fewer bits is what onnxruntime made of them.
      else expect(apart(await answersOf({ ...trained, model }, images), outputs)).toBeLessThan(2e-5);
      model.dispose();
    }
    images.dispose();
    trained.model.dispose();
  },
  120_000,
);

async function sameBits(one: tf.Tensor, other: tf.Tensor): Promise<boolean> {
  const [a, b] = await Promise.all([one.data<'float32'>(), other.data<'float32'>()]);
  const bits = (values: Float32Array) => Buffer.from(values.buffer, values.byteOffset, values.byteLength);
  return bits(a).equals(bits(b));
}

it('kernels are rounded to the nearest float16, as numpy does, and to the nearest of 255 steps of their own map', () => {
  // numpy.array([...], numpy.float32).astype(numpy.float16).view(numpy.uint16)
  const numbers = Float32Array.of(
    0,
    -0,
    1,
    -2,
    1 / 3,
    65504,
    6e-8,
    2.9e-8,
    3e-8,
    6.1035e-5,
    1.0009765625 / 2,
    2049,
    2051,
    -1e-4,
  );
  const expected = [0, 32768, 15360, 49152, 13653, 31743, 1, 0, 1, 1024, 14337, 26624, 26626, 34446];
  expect([...halves({ name: 'kernel', values: numbers })]).toEqual(expected);
  expect(() => halves({ name: 'a/kernel', values: Float32Array.of(1, 65520) })).toThrow(
    'export: expected weights of at most 65504 for float16, found 65520 in a/kernel',
  );
  const kernel = { name: 'kernel', shape: [2, 3], axis: 0, values: Float32Array.of(1, -2, 0.5, 0, 0, 0) };
  const { values, scales } = storedKernel('int8', kernel);
  expect([...values]).toEqual([64, -127, 32, 0, 0, 0]); // 63.5 and 31.75 steps
  expect([...scales!]).toEqual([Math.fround(2 / 127), 1]);
  expect([...float16ToFloat32(Uint16Array.of(15360, 13653))]).toEqual([1, 0.333251953125]);
});

it('a layer that the export does not know is refused by its name', async () => {
  const trained = seededNetwork('lenet-caffe', [28, 28, 1]);
  const image = tf.input({ shape: [4, 4, 1] });
  const up = tf.layers.upSampling2d({ name: 'larger' }).apply(image) as tf.SymbolicTensor;
  const model = tf.model({ inputs: image, outputs: up });
  const attempt = (async () => onnxFile({ ...trained, model }, 'x'))();
  expect(await refusal(attempt)).toBe(
    'export: expected a network of layers that this export knows, found UpSampling2D larger in lenet-caffe; safetensors and tfjs take any',
  );
  model.dispose();
  trained.model.dispose();
});
