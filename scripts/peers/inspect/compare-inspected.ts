/**
 * Compares what is found inside trained networks with what PyTorch finds by autograd and hooks, on the same weights and
 * the same pixels: `npx tsx scripts/peers/inspect/compare-inspected.ts FILE PHOTO … [--python PYTHON]` writes FILE.
 * PYTHON has the torch, numpy and safetensors of `../bench/python/requirements.txt`. VGG-A has seeded weights of
 * full size, GoogLeNet the well-known ones, from `LINEAGE_DATA`.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { zoo } from '../../../models/registry';
import { writeSealedJson } from '../../../src/core/io/sealed-file';
import { columns } from '../../../src/core/text/columns';
import { openLoader } from '../../../src/data/loader/loader';
import { inspectImage, mainGraph } from '../../../src/describe/inspect/inspect-image';
import { averagingHeadOf } from '../../../src/describe/inspect/class-activation';
import { shownImages, type ShownImage } from '../../../src/describe/inspect/shown-image';
import { machine } from '../../../src/runtime/machine';
import { encodeSafetensors, parseSafetensors } from '../../../src/weights/formats/safetensors/safetensors';
import type { TrainedModel } from '../../../src/weights/trained-model';
import { openContext } from '../../../src/workflows/context';
import { foundWeights } from '../../../src/workflows/trained/named-weights';
import { openUsable } from '../../../src/workflows/trained/open-folder';
import { commit, fail, note } from '../../cli/terminal/output';
import { writeTask } from '../bench/task';
import { seededNetwork } from '../weights/seeded-networks';

/** The largest difference of a kind of numbers, and the largest of the numbers themselves. */
interface Difference {
  readonly what: string;
  readonly numbers: number;
  readonly largest: number;
  readonly difference: number;
  /** How many are apart by more than `farApart` of the largest number of their image. */
  readonly far: number;
}

const farApart = 1e-3;

/** What is compared of each image, by the names that the script in Python gives. */
type Found = Readonly<Record<string, Float32Array>>;

const occluder = { size: 96, stride: 64, fill: 128 };

async function main(words: readonly string[]): Promise<void> {
  const place = words.indexOf('--python');
  const python = place < 0 ? 'python3' : words[place + 1]!;
  const [file, ...photos] = place < 0 ? words : words.slice(0, place);
  if (file === undefined || photos.length === 0) throw new Error('expected FILE PHOTO … [--python PYTHON]');
  const context = await openContext(zoo, ['compareInspected', words], {
    onProgress: (event) => {
      if (event.kind === 'remark') note(event.line);
    },
  });
  const networks: [string, () => Promise<TrainedModel>][] = [
    ['vgg-a', async () => seededNetwork('vgg-a', [224, 224, 3])],
    ['googlenet', async () => openUsable((await foundWeights('googlenet', context)).path, {}, context)],
  ];
  const found: Record<string, readonly Difference[]> = {};
  for (const [name, open] of networks) {
    note(name);
    const trained = await open();
    found[name] = await compared(trained, photos, python);
    trained.model.dispose();
  }
  await writeSealedJson(file, {
    networks: found,
    photos: photos.length,
    occluder,
    command: 'npx tsx scripts/peers/inspect/compare-inspected.ts FILE PHOTO … --python PYTHON',
    torch: execFileSync(python, ['-c', 'import torch; print(torch.__version__)'], {
      encoding: 'utf8',
    }).trim(),
    commit: commit(),
    at: new Date().toISOString(),
    machine: machine(context.runtime),
  });
  const rows = Object.entries(found).flatMap(([name, differences]) =>
    differences.map(({ what, numbers, largest, difference, far }) => [
      name,
      what,
      String(numbers),
      largest.toPrecision(4),
      difference.toExponential(1),
      (difference / largest).toExponential(1),
      String(far),
    ]),
  );
  const head = [
    'network',
    'what',
    'numbers',
    'largest',
    'largest difference',
    'relative',
    `beyond ${farApart}`,
  ];
  process.stdout.write(`${columns([head, ...rows], [2, 3, 4, 5, 6]).join('\n')}\n`);
}

async function compared(
  trained: TrainedModel,
  photos: readonly string[],
  python: string,
): Promise<readonly Difference[]> {
  const folder = mkdtempSync(join(tmpdir(), 'lineage-inspected-'));
  try {
    const shown = await imagesOf(trained, photos);
    const ours: Found[] = [];
    const classes: number[] = [];
    let where = { tops: [] as readonly number[], lefts: [] as readonly number[], layer: '' };
    for (const image of shown) {
      const found = await inspectImage(trained, image, { ...occluder, maps: 1 });
      classes.push(found.class.index);
      const { gradCam, classActivation, gradient, occlusion, scores } = found;
      where = { tops: occlusion.tops, lefts: occlusion.lefts, layer: gradCam!.layer };
      ours.push({
        ...{ scores, gradient: gradient.values, weights: gradCam!.weights, gradCam: gradCam!.values },
        ...(classActivation && { classActivation: classActivation.values }),
        occlusion: occlusion.values,
      });
    }
    const [step] = trained.recipe.input.preprocess;
    if (step?.kind !== 'subtract') throw new Error(`expected a mean to subtract, found ${step?.kind}`);
    const { shape } = trained.recipe.input;
    const recipe = zoo[trained.network as 'vgg-a'].recipe;
    const labels = Int32Array.from(classes);
    const images = Float32Array.from(shown.flatMap(({ input }) => [...input]));
    await writeTask(folder, trained.model, recipe, { images, shape, labels });
    const pixels = Float32Array.from(shown.flatMap((image) => [...image.pixels]));
    const all = [shown.length, ...shape];
    writeFileSync(
      join(folder, 'pixels.safetensors'),
      encodeSafetensors([{ name: 'pixels', shape: all, dtype: 'F32', data: pixels }]),
    );
    const head = averagingHeadOf(mainGraph(trained))?.weighing?.name ?? null;
    const asked = { ...occluder, ...where, classes, mean: step.mean, head };
    writeFileSync(join(folder, 'asked.json'), JSON.stringify(asked));
    execFileSync(python, [join(__dirname, 'torch_inspected.py'), folder], { stdio: ['ignore', 2, 2] });
    const theirs = parseSafetensors(readFileSync(join(folder, 'found.safetensors')));
    const theirOwn = (name: string) =>
      theirs.tensors.find((tensor) => tensor.name === name)!.data as Float32Array;
    // Beside PyTorch's gradient in double precision, ours and PyTorch's own in single.
    const pairs = [
      ...Object.keys(ours[0]!).map((what) => [what, (at: number) => ours[at]![what]!, what] as const),
      ['gradient, ours beside double', (at: number) => ours[at]!['gradient']!, 'double'] as const,
      ['gradient, PyTorch’s beside double', (at: number) => theirOwn(`${at}/gradient`), 'double'] as const,
    ];
    return pairs.map(([what, given, name]) => {
      let [numbers, largest, difference, far] = [0, 0, 0, 0];
      for (const at of ours.keys()) {
        const [own, other] = [given(at), theirOwn(`${at}/${name}`)];
        if (other.length !== own.length)
          throw new Error(`${what}: expected ${own.length} numbers, found ${other.length}`);
        const most = other.reduce((size, value) => Math.max(size, Math.abs(value)), 0);
        other.forEach((value, index) => {
          const apart = Math.abs(value - own[index]!);
          difference = Math.max(difference, apart);
          if (apart > farApart * most) far++;
        });
        numbers += other.length;
        largest = Math.max(largest, most);
      }
      return { what, numbers, largest, difference, far };
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function imagesOf(trained: TrainedModel, photos: readonly string[]): Promise<readonly ShownImage[]> {
  const data = {
    ...({ kind: 'files', name: 'photos', synthetic: false, classes: ['unknown'] } as const),
    ...{ labels: new Int32Array(photos.length), files: photos.map((file) => ({ file })) },
  };
  const loader = openLoader({ workers: 0 });
  const shown: ShownImage[] = [];
  for await (const image of shownImages(trained, data, loader)) shown.push(image);
  await loader.close();
  return shown;
}

main(process.argv.slice(2)).catch(fail);
