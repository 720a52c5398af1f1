import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { command, temporaryFolder } from './fixtures';

const folder = temporaryFolder();
const file = join(folder, 'a file');
writeFileSync(file, 'neither a picture nor weights');

it.each([
  [['describe', 'lenet5', '--batch', 'abc'], '--batch: expected a number, found abc'],
  [['train', 'lenet5', '--epochs='], '--epochs: expected a number, found nothing'],
  [['train', 'lenet5', '--seed', '1', '--seed', '2'], '--seed: expected it once, found it 2 times'],
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
    'expected a folder of pictures, cannot be read: no such file or folder\n',
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
