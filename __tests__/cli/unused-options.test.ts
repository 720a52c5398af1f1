import { spawn } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from '../../scripts/cli/command';
import { ofCommandLine } from '../../scripts/cli/npm/npm-run';
import { commands } from '../../scripts/commands';
import { wordMessagesAs } from '../../src/core/text/wording';
import { readSafetensors } from '../../src/weights/formats/safetensors/read-safetensors';
import { encodeSafetensors } from '../../src/weights/formats/safetensors/safetensors';
import { readForeign } from '../../src/weights/formats/read-weights';
import { temporaryFolder, testOnRealData } from '../support/fixtures';
import { fixtures, projectRoot } from '../support/places';

const temporary = temporaryFolder();
const older = join(fixtures, 'older');
const tuned = join(older, 'tuned');
const image = join(older, 'shades', '0', '0.png');

function commandOf(name: string): Command {
  return commands.find(({ command }) => command.split(' ')[0] === name)!.load();
}

beforeAll(() => wordMessagesAs(ofCommandLine));

/** Calls a command as the parser would: booleans that are not given are false. */
async function call(name: string, given: Readonly<Record<string, unknown>>): Promise<string> {
  let printed = '';
  const written = jest.spyOn(process.stdout, 'write').mockImplementation((text) => {
    printed += String(text);
    return true;
  });
  const noted = jest.spyOn(process.stderr, 'write').mockReturnValue(true);
  try {
    const { handler } = commandOf(name);
    await handler({ json: false, ...given, _: [], $0: '' });
    return printed;
  } finally {
    written.mockRestore();
    noted.mockRestore();
  }
}

const flags = { list: false, download: false, partial: false } as const;
const folders = { runs: [tuned, `${tuned}/`] } as const;
const once = /expected each folder once, found .*tuned and .*tuned\/, which are one/;

/** The weights of a folder as the file of another program, with three classes. */
async function weightsFile(): Promise<string> {
  const file = join(temporary, 'weights.safetensors');
  const { tensors } = await readSafetensors(join(tuned, 'weights.safetensors'));
  writeFileSync(file, encodeSafetensors(tensors));
  return file;
}

describe('an option that would change nothing is refused:', () => {
  it.each([
    ['describe', { all: true, svg: 'x.svg' }, /^--svg: expected it without --all/],
    ['describe', { all: true, diff: 'lenet5' }, /^--diff: expected it without --all/],
    ['describe', { all: true, layers: 'all' }, /^--layers: expected it without --all, found it with$/],
    ['describe', { all: true, batch: 3 }, /^--batch: expected it without --all/],
    ['describe', { all: true, classes: 3 }, /^--classes: expected it without --all/],
    ['describe', { network: 'lenet1', diff: 'lenet5', layers: 'all' }, /^--layers: .*without --diff/],
    ['describe', { network: 'lenet1', diff: 'lenet5', batch: 3 }, /^--batch: .*without --diff/],
    ['describe', { network: 'lenet1', json: true, layers: 'all' }, /^--layers: .*without --json/],
    ['compare', folders, once],
    ['report:serve', { ...folders, port: 0 }, once],
    ['evaluate', { models: [...folders.runs] }, once],
    ['import', { ...flags, list: true, out: 'model' }, /^--out: expected it without --list/],
    ['import', { ...flags, list: true, partial: true }, /^--partial: expected it without --list/],
    ['import', { ...flags, list: true, download: true }, /^--download: expected it without --list/],
    ['import', { ...flags, list: true, backend: 'cpu' }, /^--backend: expected it without --list/],
    ['import', { ...flags, list: true, file: 'x.pth' }, /expected no file with --list/],
    ['import', { ...flags, mirror: ['http://x/'] }, /^--mirror: expected it with --download/],
    ['augment', { image: image, recipe: 'lenet5', out: 'x.png', seed: 2 }, /^--seed: .*with distortions/],
    ['augment', { image: image, recipe: 'lenet5', out: 'x.png', samples: 2 }, /^--samples: .*distortions/],
    [
      'augment',
      { image: image, recipe: 'alexnet', out: 'x.png', samples: 0, seed: 2 },
      /^--seed: .*samples 0/,
    ],
    [
      'augment',
      { image: image, recipe: 'alexnet', out: 'x.png', set: ['epochs=3'] },
      /^--set epochs: .*drawn/,
    ],
    ['bench-data', { folder: older, rounds: 1, backend: 'cpu' }, /^--backend: expected it with --train/],
    [
      'classify',
      { images: [image], model: tuned, top: 4, onBadImage: 'fail' },
      /^--top: .* from 1 to 3, found 4$/,
    ],
  ])('%s %j', async (name, given, message) => {
    await expect(call(name, given)).rejects.toThrow(message);
  });

  it('--root and --fit of import, where the file lies here and nothing is fitted', async () => {
    const file = await weightsFile();
    const given = { ...flags, file, network: 'lecun1989', out: join(temporary, 'model') };
    await expect(call('import', { ...given, root: temporary })).rejects.toThrow(/^--root: expected a file/);
    await expect(call('import', { ...given, fit: 'digits' })).rejects.toThrow(/^--fit: expected weights/);
  });

  it('--gpu of setup beside another LINEAGE_BACKEND, which has to be the name of one', async () => {
    const before = process.env['LINEAGE_BACKEND'];
    try {
      process.env['LINEAGE_BACKEND'] = 'wasm';
      await expect(call('setup', { gpu: true })).rejects.toThrow(
        /^--gpu: expected LINEAGE_BACKEND.*found wasm$/,
      );
      process.env['LINEAGE_BACKEND'] = 'tensorflwo';
      await expect(call('setup', { gpu: false })).rejects.toThrow(
        /^LINEAGE_BACKEND: .*found tensorflwo; did you mean tensorflow\?$/,
      );
    } finally {
      if (before === undefined) delete process.env['LINEAGE_BACKEND'];
      else process.env['LINEAGE_BACKEND'] = before;
    }
  });
});

it('refuses a number of classes that the file does not have, and takes the one that it has', async () => {
  const given = { ...flags, file: await weightsFile(), network: 'lecun1989' };
  const out = join(temporary, 'three');
  await expect(call('import', { ...given, out, classes: 4 })).rejects.toThrow(
    /expected scores of the 4 classes that are asked for \(--classes\), found those of 3/,
  );
  await expect(call('import', { ...given, out, classes: 1.5 })).rejects.toThrow(
    /^--classes: expected a whole/,
  );
  expect(await call('import', { ...given, out, classes: 3 })).toMatch(/written: /);
});

it('refuses labels under which a data set’s classes are not found, by the name of their file', async () => {
  const labels = join(temporary, 'others.txt');
  writeFileSync(labels, 'apple\nbanana\ncherry\n');
  const data = join(temporary, 'more');
  for (const [from, to] of [
    ['0', 'black'],
    ['2', 'grey'],
  ] as const)
    cpSync(join(older, 'shades', from), join(data, 'test', to), { recursive: true });
  await expect(call('evaluate', { models: [tuned], data, labels })).rejects.toThrow(
    /expected classes of \S+tuned by --labels \S+others\.txt \(apple, banana, cherry\)/,
  );
});

it('refuses other data than an experiment’s network takes, and leaves nothing', async () => {
  const out = join(temporary, 'trial');
  // Of 28×28; the network of 1989 takes 16×16.
  const given = { experiment: 'lecun1989', search: false, data: 'digits', seeds: [1], epochs: 1, out };
  await expect(call('reproduce', given)).rejects.toThrow(/^input\.preprocess: expected steps .* 16x16x1/);
  expect(existsSync(out)).toBe(false);
});

it('names all classes where there are fewer than it names by default', async () => {
  const given = { images: [image], model: tuned, onBadImage: 'fail', json: true };
  const [found] = JSON.parse(await call('classify', given)) as { readonly predictions: readonly object[] }[];
  expect(found!.predictions.length).toBe(3);
});

it('reads safetensors whose first byte is that of a pickle', async () => {
  const file = join(temporary, 'as-pickle.safetensors');
  const header = JSON.stringify({ w: { dtype: 'F32', shape: [1], data_offsets: [0, 4] } }).padEnd(0x180, ' ');
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length)); // the first byte is 0x80
  writeFileSync(file, Buffer.concat([length, Buffer.from(header), Buffer.from(Float32Array.of(2.5).buffer)]));
  const { format, tensors } = await readForeign(file);
  expect(format).toBe('safetensors');
  expect([...(await tensors[0]!.values())]).toEqual([2.5]);
});

it('sets nothing up for a start on a backend that needs nothing', async () => {
  const script = join(projectRoot, 'scripts', 'cnn-lineage.ts');
  const words = ['--import', require.resolve('tsx'), script, 'start', '--backend', 'cpu'];
  const child = spawn(process.execPath, words, { cwd: temporary, stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.on('data', (text) => {
    said += String(text);
    if (/training lenet5 on/.test(said)) child.kill('SIGKILL');
  });
  await new Promise((resolve) => child.on('close', resolve));
  expect(said).toMatch(/training lenet5 on/);
  expect(said).not.toMatch(/setup:/);
  // What else is said beside a command is no word of it, for the shell.
  expect(said).toMatch(/^ {2}.* train lenet5 --data mnist +# the paper’s experiment$/m);
  expect(said).toMatch(/^ {2}.* doctor +# what computes here/m);
});

testOnRealData('a download says that no mirror was asked where all is there', async (root) => {
  const place = join(temporary, 'root');
  mkdirSync(place);
  cpSync(join(root, 'mnist'), join(place, 'mnist'), { recursive: true });
  const given = { dataset: 'mnist', root: place, mirror: ['http://127.0.0.1:1/'] };
  expect(await call('download', given)).toMatch(/all were there; no mirror was asked/);
});
