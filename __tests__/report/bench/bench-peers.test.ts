import { spawn } from 'node:child_process';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { benchPeers, type PeersOnFile } from '../../../scripts/peers/bench/bench-peers';
import { alternate } from '../../../scripts/peers/bench/alternate';
import { startProgram, type Contender } from '../../../scripts/peers/bench/contender';
import { UserError } from '../../../src/core/errors';
import { useBackend } from '../../../src/runtime/backend';
import { ended, itOnTensorFlow, temporaryFolder } from '../../support/fixtures';
import { projectRoot } from '../../support/places';

const folder = temporaryFolder();
const root = projectRoot;
const stock = join(root, 'scripts', 'peers', 'bench', 'stock-tfjs.ts');

describe('a program that gives no answer', () => {
  const plainFile = join(folder, 'plain file');
  beforeAll(() => writeFileSync(plainFile, ''));
  const ask = async (command: string, ...words: string[]) => {
    const program = startProgram('Keras', command, words);
    try {
      return await program.ask({ do: 'prepare' });
    } finally {
      program.end();
    }
  };

  it.each([
    ['is not there', '/nowhere/python', 'none of that name'],
    ['may not be run', plainFile, 'one that cannot be run (EACCES)'],
    ['lies under a file', join(plainFile, 'python'), 'one that cannot be run (ENOTDIR)'],
  ])('is named where it %s', async (_, command, found) => {
    await expect(ask(command)).rejects.toThrow(
      new UserError(`${command}: expected a program that computes Keras, found ${found}`),
    );
  });

  it.each([
    [
      'says why after its answers have ended',
      "require('fs').closeSync(1); setTimeout(() => { console.error('before\\nno keras here'); process.exit(3) }, 300)",
      'ended with code 3: no keras here',
    ],
    ['says nothing', 'process.exit(0)', 'ended with code 0'],
    ['is killed', "process.kill(process.pid, 'SIGKILL')", 'was ended by SIGKILL'],
  ])('has ended, and %s', async (_, source, how) => {
    await expect(ask(process.execPath, '-e', source)).rejects.toThrow(
      new UserError(`expected an answer from Keras, found that it ${how}`),
    );
  });

  itOnTensorFlow('is tfjs-node, whose own message is told', async () => {
    const words = ['--import', 'tsx', stock, join(folder, 'none'), 'lenet5', '10', 'cpu'];
    await expect(ask(process.execPath, ...words)).rejects.toThrow(
      /^expected an answer from Keras, found that it ended with code 1: .*none\/task\.safetensors: no such file or folder/,
    );
  });
});

describe('contenders', () => {
  const calls: string[] = [];
  beforeEach(() => void (calls.length = 0));
  const contender = (
    name: string,
    side: Contender['side'],
    scores: readonly number[],
    milliseconds: number,
  ) => ({
    name,
    side,
    prepare: async () => {
      calls.push(`prepare ${name}`);
      return scores;
    },
    time: async (_: unknown, passes: number) => {
      calls.push(`time ${name}`);
      return Array.from({ length: passes }, () => milliseconds);
    },
    release: async () => void calls.push(`release ${name}`),
  });
  const ours = contender('ours', 'ours', [2, -4], 3);
  const inTurns = (other: readonly number[], device: 'cpu' | 'gpu') =>
    alternate([ours, contender('Keras', 'peer', other, 5)], {
      device,
      precision: 'float32',
      rounds: 2,
      secondsATurn: 0.001,
      onProgress: () => undefined,
    });

  it.each([
    [
      'other scores',
      [2, -4 + 1 / 64],
      /^Keras: expected the class scores of the same network, found them 0\.00390625 apart$/,
    ],
    ['no numbers', [2, NaN], /found them NaN apart$/],
    ['scores of other classes', [2, -4, 1], /found them Infinity apart$/],
  ])('with %s are refused before anything is timed', async (_, scores, message) => {
    await expect(inTurns(scores, 'cpu')).rejects.toThrow(message);
    expect(calls).toEqual(['prepare ours', 'prepare Keras']);
  });

  it('that agree are all timed in each round', async () => {
    // 1/64 apart, where the largest score is 4: near enough on a GPU.
    const [one, other] = await inTurns([2, -4 + 1 / 64], 'gpu');
    expect(one).toEqual({
      name: 'ours',
      side: 'ours',
      training: [3, 3],
      inference: [3, 3],
      scoreDifference: 0,
    });
    expect(other).toMatchObject({ training: [5, 5], inference: [5, 5], scoreDifference: 1 / 256 });
    expect(calls.filter((call) => call.startsWith('release'))).toHaveLength(2);
  });
});

describe('bench --peers', () => {
  const execArgv = process.execArgv;
  beforeAll(() => {
    process.execArgv = ['--import', 'tsx']; // by which its own programs are started
    jest.spyOn(process.stderr, 'write').mockReturnValue(true);
  });
  afterAll(() => {
    process.execArgv = execArgv;
    jest.restoreAllMocks();
  });
  const asked = { network: 'lenet5', batch: 2, rounds: 1, seconds: 0.01 } as const;

  it('refuses a file for its figures, before any Python is set up', async () => {
    const out = join(folder, 'figures');
    writeFileSync(out, '');
    const found = benchPeers(await useBackend(), { ...asked, precisions: ['float32'], out });
    await expect(found).rejects.toThrow(UserError);
    await expect(found).rejects.toThrow(`cannot make the folder ${out}: ${out} is a file`);
  });

  itOnTensorFlow('has each comparison on file when a later one fails', async () => {
    // In place of Python, tfjs-node, which computes the same scores; it ends where a network is prepared again.
    const python = join(folder, 'python');
    const source = `#!${process.execPath}
      const [, , , ...words] = process.argv;
      const program = ['--import', 'tsx', ${JSON.stringify(stock)}, ...words];
      const stdio = ['pipe', 'inherit', 'inherit'];
      const child = require('node:child_process').spawn(process.execPath, program, { stdio });
      let prepared = 0;
      require('node:readline').createInterface({ input: process.stdin })
        .on('close', () => child.stdin.end())
        .on('line', (line) => {
          if (JSON.parse(line).do !== 'prepare' || ++prepared < 2) return child.stdin.write(line + '\\n');
          child.kill();
          console.error('out of memory');
          process.exit(3);
        });`;
    writeFileSync(python, source, { mode: 0o755 });
    const out = join(folder, 'peers');
    const given = { ...asked, precisions: ['float32', 'float32'], python, out } as const;
    await expect(benchPeers(await useBackend('tensorflow'), given)).rejects.toThrow(
      new UserError('expected an answer from Keras, found that it ended with code 3: out of memory'),
    );
    expect(readdirSync(out).sort()).toEqual(['lenet5-002-float32.json', 'peers.md']);
    const { timed } = JSON.parse(readFileSync(join(out, 'lenet5-002-float32.json'), 'utf8')) as PeersOnFile;
    expect(timed.map(({ name }) => name)).toEqual([
      'ours',
      'Keras',
      'PyTorch, contiguous',
      'PyTorch, channels last',
      'tfjs-node',
    ]);
    expect(readFileSync(join(out, 'peers.md'), 'utf8')).toContain('| `lenet5`, 2, float32 |');
  });
});

it.each([
  ['compare-imported', ['/nowhere'], "/nowhere/expected.json: expected what another toolkit's script wrote"],
  [
    'compare-classified',
    [join(root, 'package.json'), '/nowhere.json'],
    '/nowhere.json: expected what another program found',
  ],
])('%s says in one line that a file is missing', async (script, words, message) => {
  const program = ['--import', 'tsx', join(root, 'scripts', 'peers', 'weights', `${script}.ts`), ...words];
  const { code, stdout, stderr } = await ended(spawn(process.execPath, program, { cwd: root }));
  expect({ code, stdout, stderr }).toEqual({
    code: 2,
    stdout: '',
    stderr: `cnn-lineage: ${message}, cannot be read: no such file or folder\n`,
  });
});
