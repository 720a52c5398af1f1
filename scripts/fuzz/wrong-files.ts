/**
 * Passes each kind of wrong file to the import, as a user would, and records the answers.
 *
 *     npx tsx scripts/fuzz/wrong-files.ts --out results/wrong-files.md
 */
import { spawnSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { gunzipSync } from 'node:zlib';
import { external, node, onnxModel, output, tensor } from '../../__tests__/support/weights/onnx-file';
import { madeFiles, madeFolders, storedFiles } from '../../__tests__/support/weights/wrong-files';
import { deviceOf } from '../../src/core/text/device';
import { writeFileAtomically } from '../../src/core/io/files';
import { integer } from '../../src/core/io/protobuf';
import { encodeSafetensors } from '../../src/weights/formats/safetensors/safetensors';
import { commit } from '../cli/terminal/output';
import { caffeFile } from './small-lenet';

const stored = join(__dirname, '..', '..', '__tests__', 'fixtures', 'weights');
const program = ['--import', require.resolve('tsx'), join(__dirname, '..', 'cnn-lineage.ts')];

/** A file or folder to import; `network` defaults to AlexNet. */
interface Wrong {
  readonly kind: string;
  /** Its path below the folder in which the command runs, or an address. */
  readonly path: string;
  readonly network?: string;
  readonly make: (path: string) => void;
  /** A pattern that the answer must match, if a test defines one. */
  readonly reason?: RegExp;
}

const written = (content: string | Uint8Array) => (path: string) => writeFileSync(path, content);
const copied = (name: string) => (path: string) => copyFileSync(join(stored, name), path);

function wholeFolder(files: Readonly<Record<string, string>>) {
  return (path: string): void => {
    mkdirSync(path);
    for (const [name, content] of Object.entries(files)) writeFileSync(join(path, name), content);
  };
}

/** The first half of a file. */
const halved = (name: string) => (path: string) => {
  const bytes = readFileSync(join(stored, name));
  writeFileSync(path, bytes.subarray(0, bytes.length / 2));
};

/** A file with one flipped bit in its last third, which holds numbers in all of these formats. */
const flipped = (name: string) => (path: string) => {
  const bytes = readFileSync(join(stored, name));
  bytes[Math.floor(bytes.length * 0.7)]! ^= 1;
  writeFileSync(path, bytes);
};

/** The tensor names of a whole network, as listed by its own library, with one number each. */
const otherNetwork = (name: string) => (path: string) => {
  const text = gunzipSync(readFileSync(join(stored, 'other-networks.json.gz'))).toString();
  const listed = (JSON.parse(text) as Record<string, Record<string, readonly number[]>>)[name]!;
  const tensors = Object.entries(listed).map(([tensor, shape]) => {
    const ones = shape.map(() => 1);
    return { name: tensor, shape: ones, dtype: 'F32' as const, data: new Float32Array(1) };
  });
  writeFileSync(path, encodeSafetensors(tensors));
};

const wrong: readonly Wrong[] = [
  ...storedFiles.map(([name, reason]) => ({
    kind: 'written by its own library',
    path: name,
    make: copied(`others/${name}`),
    reason,
  })),
  ...madeFiles.map(([name, content, reason]) => ({
    kind: 'no file of weights',
    path: name,
    make: written(content),
    reason,
  })),
  ...madeFolders.map(([what, files, reason]) => ({
    kind: `folder: ${what}`,
    path: 'folder',
    make: wholeFolder(files),
    reason,
  })),
  { kind: 'an address', path: 'https://example.org/net.pth', make: () => {}, reason: /found an address/ },
  { kind: 'nothing there', path: 'nowhere.pth', make: () => {}, reason: /found no such file or folder/ },
  ...['torchvision/resnet50', 'timm/vit_tiny_patch16_224', 'keras/MobileNetV2'].map((name) => ({
    kind: `another network’s, ${name}`,
    path: 'net.safetensors',
    make: otherNetwork(name),
    reason: /it looks like/,
  })),
  {
    kind: 'of a network of this zoo, for another',
    path: 'vgg-a.pth',
    network: 'googlenet',
    make: copied('vgg-a.pth'),
    reason: /vgg-a/,
  },
  {
    kind: 'narrower than the network',
    path: 'small.caffemodel',
    network: 'lenet-caffe',
    make: written(caffeFile()),
  },
  ...[
    ...['alexnet.pth', 'alexnet-legacy.pth', 'alexnet.caffemodel', 'vgg-d.keras', 'vgg-d.h5'],
    ...['onnx/alexnet-caffe2.onnx', 'onnx/vgg-a-dynamo.onnx'],
  ].map((name) => ({ kind: 'the first half', path: basename(name), make: halved(name) })),
  {
    kind: 'its numbers in a file elsewhere',
    path: 'net.onnx',
    make: written(
      onnxModel(
        tensor('a.weight', [2, 2], external('location', '../../other/net.data'), integer(14, 1)),
        node('Gemm', ['x', 'a.weight'], 'y'),
        output('y'),
      ),
    ),
    reason: /expected the numbers of "a\.weight" in a file of the same folder/,
  },
  {
    kind: 'of a network of this zoo, for another',
    path: 'vgg-d-keras.onnx',
    make: copied('onnx/vgg-d-keras.onnx'),
    reason: /vgg-d/,
  },
  {
    kind: 'a bit in its numbers flipped',
    path: 'vgg-d.keras',
    network: 'vgg-d',
    make: flipped('vgg-d.keras'),
    reason: /CRC-32/,
  },
];

interface Answer {
  readonly row: string;
  readonly fault?: string;
}

function answerTo({ kind, path, network = 'alexnet', make, reason }: Wrong): Answer {
  const folder = mkdtempSync(join(tmpdir(), 'cnn-lineage-wrong-'));
  try {
    make(join(folder, path));
    const words = ['import', path, '--network', network, '--out', 'made'];
    const { status, stderr } = spawnSync(process.execPath, [...program, ...words], {
      cwd: folder,
      encoding: 'utf8',
    });
    const last = stderr.trimEnd().split('\n').at(-1)!;
    const line = last.replace(/^cnn-lineage: /, '');
    const fault =
      status !== 2
        ? `ended with code ${status}`
        : line === last || /\n\s+at /.test(stderr)
          ? 'no line of its own at the end'
          : existsSync(join(folder, 'made'))
            ? 'left a folder behind'
            : reason && !reason.test(line)
              ? `expected ${String(reason)}`
              : undefined;
    const row = `| ${kind} | \`${path}\` | ${line.replaceAll('|', '\\|')} |`;
    return fault === undefined ? { row } : { row, fault: `${kind}, ${path}: ${fault}: ${line}` };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { out: { type: 'string' } } });
  const answers = wrong.map(answerTo);
  const faults = answers.flatMap(({ fault }) => fault ?? []);
  const device = deviceOf({ cpu: cpus()[0]!.model, cores: cpus().length });
  const text = [
    '# Wrong files, and what is answered',
    '',
    `\`npx tsx scripts/fuzz/wrong-files.ts ${process.argv.slice(2).join(' ')}\`: ${answers.length} files and folders given to \`npm run import\`, at \`${(commit() ?? 'no commit').slice(0, 12)}\`, ${new Date().toISOString().slice(0, 10)}, ${device}. ${faults.length === 0 ? 'Each ended with code 2, in the one line that stands here, and left nothing behind.' : `${faults.length} did not end as they should.`}`,
    '',
    '| what it is | given | the line |',
    '| --- | --- | --- |',
    ...answers.map(({ row }) => row),
    ...(faults.length > 0 ? ['', ...faults.map((fault) => `- ${fault}`)] : []),
    '',
  ].join('\n');
  process.stdout.write(text);
  if (values.out !== undefined) {
    mkdirSync(dirname(values.out), { recursive: true });
    await writeFileAtomically(values.out, text);
  }
  if (faults.length > 0) process.exitCode = 1;
}

void main();
