/** The inputs that commands are tried on: tiny data sets, images, names, and runs and models trained on them. */
import { cp, mkdir, rm, symlink, truncate, writeFile, chmod } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { UserError } from '../../src/core/errors';
import { seededRandom } from '../../src/core/random';

const kinds = ['bright', 'dark', 'striped'] as const;

function grey(kind: (typeof kinds)[number], row: number): number {
  if (kind === 'striped') return Math.floor(row / 4) % 2 === 0 ? 220 : 20;
  return kind === 'bright' ? 200 : 30;
}

/** Draws different noisy images of one kind. */
export async function drawImages(folder: string, kind: (typeof kinds)[number], count: number, seed: number) {
  await mkdir(folder, { recursive: true });
  for (let index = 0; index < count; index++) {
    const random = seededRandom(seed + index);
    const [height, width] = [36 + (index % 3), 40];
    const pixels = Uint8Array.from({ length: 3 * height * width }, (_, at) =>
      Math.round(grey(kind, Math.floor(at / (3 * width))) + random.uniform(-20, 20)),
    );
    const name = `${String(index).padStart(2, '0')}.png`;
    await sharp(pixels, { raw: { height, width, channels: 3 } }).toFile(join(folder, name));
  }
}

/** Writes IDX files like MNIST's: images of three brightnesses, labelled by brightness. */
async function writeImages(folder: string, seed: number): Promise<void> {
  await mkdir(folder, { recursive: true });
  const random = seededRandom(seed);
  const header = (magic: number, sizes: readonly number[]) => {
    const words = Buffer.alloc(4 * (1 + sizes.length));
    [magic, ...sizes].forEach((word, index) => words.writeUInt32BE(word, 4 * index));
    return words;
  };
  for (const [part, count] of [
    ['train', 30],
    ['t10k', 12],
  ] as const) {
    const labels = Uint8Array.from({ length: count }, (_, index) => index % 3);
    const pixels = Uint8Array.from({ length: 28 * 28 * count }, (_, at) =>
      Math.round(40 + 80 * labels[Math.floor(at / 784)]! + random.uniform(-30, 30)),
    );
    const images = Buffer.concat([header(0x803, [count, 28, 28]), pixels]);
    await writeFile(join(folder, `${part}-images-idx3-ubyte`), images);
    await writeFile(
      join(folder, `${part}-labels-idx1-ubyte`),
      Buffer.concat([header(0x801, [count]), labels]),
    );
  }
}

/** A stand-in for Keras and PyTorch that answers by means of tfjs-node: the trial is about options, not about speed. */
function peersScript(loader: string, stock: string): string {
  return `#!/bin/sh\nshift\nexec '${process.execPath}' --import '${loader}' '${stock}' "$@"\n`;
}

/** @param data the data root, with MNIST's files and a published file of weights */
export async function drawGiven(given: string, data: string, loader: string, stock: string): Promise<void> {
  await rm(given, { recursive: true, force: true });
  for (const [index, kind] of kinds.entries()) {
    await drawImages(join(given, 'photos', 'train', kind), kind, 8, 100 * index);
    await drawImages(join(given, 'photos', 'test', kind), kind, 4, 100 * index + 50);
    await drawImages(join(given, 'more', 'test', kind), kind, 3, 100 * index + 1000);
    await drawImages(join(given, 'more', 'train', kind), kind, 3, 100 * index + 1100);
    await drawImages(join(given, 'loose', kind), kind, 10, 100 * index + 2000);
  }
  await cp(join(given, 'photos'), join(given, 'photos-moved'), { recursive: true });
  await cp(join(given, 'photos'), join(given, 'damaged'), { recursive: true });
  for (const part of ['train', 'test']) await truncate(join(given, 'damaged', part, 'bright', '00.png'), 60);
  await writeImages(join(given, 'tiny'), 1);
  await writeImages(join(given, 'tiny-too'), 2);
  await cp(join(given, 'tiny'), join(given, 'tiny-moved'), { recursive: true });
  await writeFile(join(given, 'names.txt'), 'bright\ndark\nstriped\n');
  await writeFile(join(given, 'other-names.txt'), 'apple\nbanana\ncherry\n');
  await writeFile(join(given, 'hosts'), 'localhost slots=2\n');
  const ten = 'zero one two three four five six seven eight nine'.split(' ');
  await writeFile(join(given, 'ten-names.txt'), `${ten.join('\n')}\n`);
  await writeFile(join(given, 'python'), peersScript(loader, stock));
  await chmod(join(given, 'python'), 0o755);
  for (const root of ['root', 'root-too']) {
    await mkdir(join(given, root, 'mnist'), { recursive: true });
    await mkdir(join(given, root, 'weights'));
  }
  for (const [index, file] of mnistFiles.entries()) {
    await symlink(join(data, 'mnist', file), join(given, 'root', 'mnist', file));
    if (index > 0) await symlink(join(data, 'mnist', file), join(given, 'root-too', 'mnist', file));
  }
  await symlink(join(data, 'nin', publishedFile), join(given, 'root', 'weights', publishedFile));
}

const mnistFiles = [
  't10k-labels-idx1-ubyte.gz',
  't10k-images-idx3-ubyte.gz',
  'train-images-idx3-ubyte.gz',
  'train-labels-idx1-ubyte.gz',
];
export const publishedFile = 'cifar10_nin.caffemodel';

type RunCommand = (command: string, words: readonly string[]) => Promise<void>;

/** Trains the runs and models that modes start from, with the commands themselves. */
export async function trainGiven(given: string, run: RunCommand): Promise<void> {
  const short = ['--epochs', '2'];
  const network = 'lenet5-modern';
  await run('train', [network, '--data', 'photos', ...short, '--validation', '6', '--out', 'run']);
  await run('train', [network, '--data', 'tiny', ...short, '--out', 'memory']);
  await run('train', [network, '--data', 'photos', '--epochs', '1', '--seed', '3', '--out', 'start']);
  await run('train', ['lenet-caffe', '--data', 'photos', '--epochs', '1', '--out', 'plain']);
  await run('train', ['neocognitron', '--data', 'tiny', '--epochs', '1', '--out', 'neo']);
  const tune = [
    'finetune',
    [network, '--weights', 'start', '--data', 'photos', ...short, '--patience', '1'],
  ] as const;
  await run(tune[0], [...tune[1], '--out', 'tuned']);
  await run(tune[0], [...tune[1], '--freeze', 'none', '--out', 'whole']);
  for (const name of ['run', 'start'])
    await run('export', [name, '--format', 'safetensors', '--out', `${name}.safetensors`]);
  await run('export', ['start', '--format', 'onnx', '--out', 'start.onnx']);
  const names = ['--labels', 'names.txt'];
  await run('import', ['run.safetensors', '--network', network, ...names, '--out', 'model']);
  for (const [ended, underway] of [
    ['run', 'run-underway'],
    ['memory', 'memory-underway'],
    ['tuned', 'tuned-underway'],
    ['whole', 'whole-underway'],
  ] as const)
    await asKilled(join(given, ended), join(given, underway));
}

/** A run as it was when it was killed after its last update: it has not been tested, and is not a model folder yet. */
async function asKilled(ended: string, underway: string): Promise<void> {
  await cp(ended, underway, { recursive: true });
  for (const file of ['report.json', 'mistakes.png', 'filters.png', 'network.json', 'weights.safetensors'])
    await rm(join(underway, file), { force: true });
}

/** @throws UserError if the data root lacks the data that two commands are tried on */
export function expectData(data: string | undefined): string {
  if (data) return data;
  throw new UserError(
    `options: expected LINEAGE_DATA with mnist and nin/${publishedFile}, on which download and import are tried, found none`,
  );
}
