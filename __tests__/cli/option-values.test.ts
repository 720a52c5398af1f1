import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Argv } from 'yargs';
import { expectSoundOptions } from '../../scripts/cli/options/checked-options';
import { commands } from '../../scripts/commands';
import { declaredBy } from '../support/declared-options';
import { command, temporaryFolder } from '../support/fixtures';

const folder = temporaryFolder();
const file = join(folder, 'a file');
writeFileSync(file, 'neither an image nor weights');

it.each([
  [['describe', 'lenet5', '--batch', 'abc'], '--batch: expected a number, found abc'],
  [['train', 'lenet5', '--epochs='], '--epochs: expected a number, found nothing'],
  [['train', 'lenet5', '--seed', '1', '--seed', '2'], '--seed: expected it once, found it 2 times'],
  // The parser alone makes 1.2 of these.
  [
    ['train', 'lenet5', '--validation-split', '0.2', '--validation-split', '1'],
    '--validation-split: expected it once, found it 2 times\n',
  ],
  [['train', 'lenet5', '--workers=1', '--workers', '1'], '--workers: expected it once, found it 2 times\n'],
  [['train', 'lenet5', '--seed', ''], '--seed: expected a number, found nothing\n'],
  [['train', 'lenet5', '--checkpointEvery', ' '], '--checkpoint-every: expected a number, found nothing\n'],
  [['report:serve', '--port', ''], '--port: expected a number, found nothing\n'],
  [
    ['augment', file, '--recipe', 'alexnet', '--samples', ''],
    '--samples: expected a number, found nothing\n',
  ],
  [['train', 'lenet5', '--no-seed'], '--no-seed: expected --seed with a value'],
  [['finetune', 'lenet5', '--weights=', '--data', 'x'], '--weights: expected a value, found ""'],
  [['bench', 'lenet5', '--json=maybe'], '--json: expected no value, or true or false, found "maybe"'],
  [['report:serve', '--port', '99999'], '--port: expected a whole number from 0 to 65535, found 99999'],
  [
    ['augment', file, '--recipe', 'alexnet', '--out', 'a.jpg'],
    '--out: expected a file that ends in .png, found a.jpg',
  ],
  [['compare', '--out', file], '--out: expected a folder, found a file'],
  [['download', 'mnist', '--root', file], `${join(file, 'mnist')}`],
  [['train', 'lenet5', '--data', 'digits', '--out', file], `${file}`],
  [['train', 'lenet5', '--epochs=0'], '--epochs: expected a whole number of at least 1, found 0'],
  [['train', 'lenet5', '--batch=1e99'], '--batch: expected a whole number from 1 to 1000000, found 1e+99'],
  [
    ['augment', file, '--recipe', 'alexnet', '--samples', '100000'],
    '--samples: expected a whole number from 0 to 1000, found 100000',
  ],
  [
    ['import', 'nosuch', '--network', 'lenet5', '--out', join(folder, 'new')],
    'cnn-lineage: nosuch: expected a file of weights, found no such file or folder\n',
  ],
  [
    ['import', folder, '--network', 'lenet5', '--out', join(folder, 'new')],
    `cnn-lineage: ${folder}: expected a file of weights, found a folder, not a file\n`,
  ],
  [
    ['bench-data', join(folder, 'no')],
    'expected a folder of images, cannot be read: no such file or folder\n',
  ],
  [
    ['evaluate', 'one', 'other', '--weights', 'last', '--cache', 'packed'],
    '--weights, --cache: expected one model, found 2 models',
  ],
  [
    ['bench', '--peers', '--backend', 'wasm'],
    '--peers: expected backend tensorflow or tensorflow-gpu, found --backend wasm',
  ],
  [[], 'cnn-lineage: expected a command, found none; --help lists them\n'],
])('%j is refused in one line', async (words, message) => {
  const before = readdirSync(folder);
  const { code, stdout, stderr } = await command(words);
  const said = stderr.trimEnd().split('\n');
  expect(said.at(-1)).toMatch(/^cnn-lineage: /);
  expect(`${said.at(-1)!}\n`).toContain(message);
  expect(stderr).not.toMatch(/^\s+at /m);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(readdirSync(folder)).toEqual(before);
});

describe('an option for a number', () => {
  const names = commands.map((each) => [each.command.split(' ')[0]!, each] as const);
  const said = (number: readonly string[], ...words: readonly string[]) => {
    const declared = { key: {}, array: [], boolean: [], number, choices: {} };
    const parser = { getOptions: () => declared } as unknown as Argv;
    try {
      expectSoundOptions(parser, {}, words);
    } catch (error) {
      return (error as Error).message;
    }
    return undefined;
  };

  it('is one of those of train, and of many more', async () => {
    const numeric: string[] = [];
    for (const [name, { load }] of names)
      numeric.push(...declaredBy(load()).numbers.map((option) => `${name} ${option}`));
    expect(numeric).toEqual(
      expect.arrayContaining(['train seed', 'finetune rate', 'bench rounds', 'report:serve port']),
    );
    expect(numeric.length).toBeGreaterThan(30);
  });

  it.each(names)('of %s is neither empty nor given twice', async (name, { load }) => {
    const { numbers } = declaredBy(load());
    for (const option of numbers) {
      const camel = option.replaceAll(/-./g, (letters) => letters[1]!.toUpperCase());
      for (const written of [`--${option}`, `--${camel}`]) {
        for (const words of [[written, ''], [written, ' '], [`${written}=`]])
          expect(said(numbers, name, ...words)).toBe(`--${option}: expected a number, found nothing`);
        expect(said(numbers, name, written, '0.2', `--${option}=1`)).toBe(
          `--${option}: expected it once, found it 2 times`,
        );
        expect(said(numbers, name, written, '1', '--', `--${option}`, '2')).toBeUndefined();
      }
    }
  });
});
