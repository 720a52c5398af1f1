/** Times our training step and inference beside Keras, PyTorch and plain tfjs-node: `bench --peers`. */
import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { zoo, type NetworkName } from '../../../models/registry';
import { publishedDataset } from '../../../src/data/datasets/catalogue';
import { randomBatch } from '../../../src/report/bench/bench';
import { peersTables, type PeerBench, type PeerBenchOnFile } from '../../../src/report/bench/peers';
import { machine, type Machine } from '../../../src/runtime/machine';
import type { Runtime } from '../../../src/runtime/backend';
import { writeFileAtomically, makeFolder } from '../../../src/core/io/files';
import { commandWithoutPaths, commit, note } from '../../cli/terminal/output';
import { alternate } from './alternate';
import { programContender, startProgram, type Program } from './contender';
import { ourContender } from './ours';
import { peersPython } from './python/python';
import { writeTask } from './task';
import type { Precision } from '../../../src/graph/precision';

/** The default comparisons, used when the command line names none. */
const standard: readonly Case[] = [
  { network: 'lenet5', batch: 32 },
  { network: 'lenet5', batch: 128 },
  { network: 'alexnet', batch: 16 },
  { network: 'googlenet', batch: 16 },
  { network: 'vgg-d', batch: 4 },
];

interface Case {
  readonly network: NetworkName;
  readonly batch: number;
}

export interface PeersOptions {
  readonly network?: NetworkName | undefined;
  readonly batch?: number | undefined;
  readonly precisions: readonly Precision[];
  readonly rounds: number;
  /** The approximate time that each contender trains, and infers, in a round. */
  readonly seconds: number;
  /** The folder for the figures: a JSON file for each case, and `peers.md`, the table of all cases in the folder. */
  readonly out: string;
  /** A Python with the required packages; default: one in the user's cache. */
  readonly python?: string | undefined;
}

/** A comparison as stored in its file. */
export interface PeersOnFile extends PeerBenchOnFile {
  readonly command: string;
  readonly time: string;
  readonly seconds: number;
  readonly machine: Machine;
}

/**
 * Times our step beside Keras, PyTorch and plain tfjs-node on the same networks. Each comparison is written as soon as
 * it is done, so a later failure or kill does not lose it.
 */
export async function benchPeers(runtime: Runtime, options: PeersOptions): Promise<readonly PeersOnFile[]> {
  const { network, batch, out } = options;
  await makeFolder(out);
  const python = options.python ?? (await peersPython(note));
  const device = runtime.backend === 'tensorflow-gpu' ? 'gpu' : 'cpu';
  const cases = network ? [{ network, batch: batch ?? zoo[network].recipe.batchSize }] : standard;
  const found: PeersOnFile[] = [];
  for (const one of cases) {
    for await (const bench of compare(one, python, device, options)) {
      const whole = { ...bench, command: commandWithoutPaths(), commit: commit(), machine: machine(runtime) };
      const file = `${one.network}-${String(one.batch).padStart(3, '0')}-${bench.precision}.json`;
      await writeFileAtomically(join(out, file), `${JSON.stringify(whole, null, 2)}\n`);
      await writeFileAtomically(join(out, 'peers.md'), `${peersTables(await peersIn(out))}\n`);
      found.push(whole);
    }
  }
  return found;
}

/** Runs one comparison after the other, one for each precision. */
async function* compare(
  { network, batch: size }: Case,
  python: string,
  device: 'gpu' | 'cpu',
  { precisions, rounds, seconds: secondsATurn }: PeersOptions,
): AsyncGenerator<PeerBench & { readonly time: string; readonly seconds: number }, void, undefined> {
  const { recipe, build } = zoo[network];
  const classes = publishedDataset(recipe.dataset)?.classes ?? 10;
  const model = build({ classes, seed: 1 });
  const batch = randomBatch(size, recipe.input.shape, classes);
  const folder = await mkdtemp(join(tmpdir(), 'lineage-peers-'));
  const programs: Program[] = [];
  const start = (name: string, program: string, ...words: string[]) => {
    const started = startProgram(name, program, [...words, folder, network, String(classes), device]);
    programs.push(started);
    return started;
  };
  try {
    await writeTask(folder, model, recipe, batch);
    const keras = start('Keras', python, join(__dirname, 'python', 'keras_peer.py'));
    const torch = ['contiguous', 'channels_last'].map((layout) => ({
      layout,
      program: start('PyTorch', python, join(__dirname, 'python', 'torch_peer.py')),
    }));
    const stock = start(
      'tfjs-node',
      process.execPath,
      ...process.execArgv,
      join(__dirname, `stock-tfjs${extname(__filename)}`),
    );
    const all = [
      ourContender(model, recipe, batch),
      programContender('Keras', 'peer', keras),
      ...torch.map(({ program, layout }) =>
        programContender(`PyTorch, ${layout.replace('_', ' ')}`, 'peer', program, layout),
      ),
      programContender('tfjs-node', 'stock', stock),
    ];
    for (const precision of precisions) {
      note(`${network}, batch ${size}, ${precision}`);
      const started = Date.now();
      // tfjs-node supports only float32.
      const contenders = all.filter(({ side }) => precision === 'float32' || side !== 'stock');
      const timed = await alternate(contenders, {
        device,
        precision,
        rounds,
        secondsATurn,
        onProgress: note,
      });
      const seconds = (Date.now() - started) / 1000;
      yield { network, batch: size, precision, timed, time: new Date(started).toISOString(), seconds };
    }
  } finally {
    for (const program of programs) program.end();
    await rm(folder, { recursive: true, force: true });
  }
}

/** The comparisons in a folder, in the order of their file names. */
export async function peersIn(folder: string): Promise<readonly PeersOnFile[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.json')).sort();
  const texts = await Promise.all(names.map((name) => readFile(join(folder, name), 'utf8')));
  return texts.map((text) => JSON.parse(text) as PeersOnFile);
}
