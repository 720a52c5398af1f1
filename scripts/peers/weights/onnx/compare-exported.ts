/**
 * Exports networks of the zoo as ONNX, and compares onnxruntime's answers to real images with ours.
 *
 *     npx tsx scripts/peers/weights/onnx/compare-exported.ts FOLDER [NAME …]   # LINEAGE_DATA; 3 GB for all networks
 *
 * Weights are those that come with the package or lie in the data root, else seeded random ones. The first images of
 * MNIST's, USPS's, CIFAR-10's test sets and of ImageNet's validation set are cropped here; `exported_answers.py` makes
 * them ready as the file's metadata say, checks the file and asks onnxruntime.
 */
import { createWriteStream, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { networkNames, zoo, type NetworkName } from '../../../../models/registry';
import type { Recipe } from '../../../../src/core/network';
import { subset, type Dataset, type ImageFiles, type ImageSet } from '../../../../src/data/dataset';
import { openLoader } from '../../../../src/data/loader/loader';
import { undistortedPixels } from '../../../../src/data/loader/undistorted';
import { dataRoot, openTestData } from '../../../../src/data/open';
import { fitRecipe } from '../../../../src/data/preprocess/fit';
import { UserError } from '../../../../src/core/errors';
import { predict } from '../../../../src/evaluate/scores/predict';
import { importWeights } from '../../../../src/weights/import/import-weights';
import { useBackend } from '../../../../src/runtime/backend';
import { onnxFile } from '../../../../src/weights/export/onnx/onnx';
import type { TrainedModel } from '../../../../src/weights/trained-model';
import { openTrained } from '../../../../verbs';
import { fail, note } from '../../../cli/terminal/output';
import { inputOf, seededNetwork } from '../seeded-networks';
import { runInPython } from './onnx-python';

/** Networks whose weights come with the package, or lie in the data root under their name. */
const named: readonly NetworkName[] = ['lecun1989', 'lenet1', 'lenet5', 'googlenet'];

/** Files of weights in the data root. */
const files: Partial<Record<NetworkName, string>> = {
  'lenet-caffe': 'lenet/lenet_iter_10000.caffemodel',
  'nin-cifar10-caffe': 'nin/cifar10_nin.caffemodel',
};

const images = 16;
const firstOnes = new Int32Array(images).map((_, at) => at);

async function main(folder: string | undefined, wanted: readonly string[]): Promise<void> {
  if (folder === undefined) throw new UserError('compare-exported: expected a folder, found none');
  const unknown = wanted.find((word) => !networkNames.some((name) => name === word));
  if (unknown !== undefined)
    throw new UserError(`compare-exported: expected names of networks, found ${unknown}`);
  await useBackend();
  mkdirSync(folder, { recursive: true });
  const rows: object[] = [];
  const loader = openLoader({ workers: 0 });
  for (const name of networkNames.filter((known) => wanted.length === 0 || wanted.includes(known))) {
    note(name);
    const data = await firstImages(name);
    const pixels = undistortedPixels(data, zoo[name].recipe, loader.open.bind(loader));
    writeFileSync(join(folder, `${name}.pixels`), await pixels.pixels(firstOnes));
    const trained = await opened(name, pixels);
    const { model, recipe, fitted } = trained;
    const answers: number[][] = [];
    for await (const { scores } of predict({ model, recipe, data, fitted, loader }))
      answers.push([...scores]);
    const { parts } = onnxFile(trained, 'peers');
    await pipeline(parts, createWriteStream(join(folder, `${name}.onnx`)));
    const weights = named.includes(name) || files[name] !== undefined ? 'trained' : 'random';
    rows.push({ network: name, weights, data: data.name, images, pixels: pixels.shape, answers });
    model.dispose();
  }
  await loader.close();
  writeFileSync(join(folder, 'expected.json'), JSON.stringify(rows));
  await runInPython('exported_answers.py', [folder]);
}

/** The network with its weights, and what its preprocessing takes from a training set: here, from these images. */
async function opened(name: NetworkName, data: Dataset): Promise<TrainedModel> {
  if (named.includes(name)) return openTrained(name);
  const file = files[name];
  const trained =
    file === undefined
      ? seededNetwork(name, inputOf(name, false))
      : await imported(name, join(dataRoot(process.env), file));
  return { ...trained, ...(await fitRecipe(data, zoo[name].recipe as Recipe)) };
}

async function imported(name: NetworkName, file: string): Promise<TrainedModel> {
  const { model } = await importWeights(file, zoo[name]);
  return {
    network: name,
    model,
    recipe: zoo[name].recipe,
    fitted: {},
    labels: null,
    synsets: null,
    source: {},
  };
}

async function firstImages(name: NetworkName): Promise<ImageSet> {
  const { dataset, input } = zoo[name].recipe;
  const data =
    dataset === 'ilsvrc2012'
      ? imagenet()
      : await openTestData(placeOf(dataset, input.shape[2]), {
          root: dataRoot(process.env),
          seed: 1,
          summarise: false,
        });
  return subset(data, firstOnes, data.name);
}

function placeOf(dataset: string, channels: number): string {
  if (dataset === 'usps') return dataset;
  return channels === 1 ? 'mnist' : join(dataRoot(process.env), 'cifar10', 'jpeg');
}

function imagenet(): ImageFiles {
  const folder = join(dataRoot(process.env), 'imagenet-val', 'images');
  const files = readdirSync(folder)
    .sort()
    .map((file) => ({ file: join(folder, file) }));
  const labels = new Int32Array(files.length);
  return { kind: 'files', name: 'imagenet-val', synthetic: false, classes: ['any'], labels, files };
}

const [folder, ...words] = process.argv.slice(2);
main(folder, words).catch(fail);
