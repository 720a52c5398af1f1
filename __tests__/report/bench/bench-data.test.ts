import { join } from 'node:path';
import { loaderTable, loaderText } from '../../../src/report/bench/bench-data';
import { command, temporaryFolder } from '../../support/fixtures';
import { solidImages } from '../../support/images/solid-images';

const temporary = temporaryFolder();

const turns = (...speeds: number[]) =>
  speeds.map((imagesPerSecond) => ({ imagesPerSecond, cpuMilliseconds: 1000 / imagesPerSecond }));

it('takes the median of the ratios within each round, which what slows a whole round leaves alone', () => {
  const fed = [
    { name: 'folder', turns: turns(100, 10, 90) },
    { name: 'sharp', turns: turns(100, 20, 100) },
  ];
  const table = loaderTable('reading', fed, [
    ['folder', 'sharp'],
    ['folder', 'PyTorch'],
  ]);
  expect(table.ratios).toEqual([{ of: 'folder', over: 'sharp', ratio: 0.9 }]);
  expect(loaderText(table).split('\n')).toEqual([
    'reading  images/s        range  CPU ms an image',
    'folder       90.0  10.0 to 100            11.11',
    'sharp         100  20.0 to 100            10.00',
    '',
    'folder over sharp  0.900',
  ]);
});

it('times reading and training from a folder of images', async () => {
  const folder = join(temporary, 'set');
  for (const name of ['x', 'y']) await solidImages(join(folder, name), 20, 40);
  const ask = async (...words: string[]) => {
    const { code, stdout, stderr } = await command([
      'bench-data',
      folder,
      '--rounds',
      '1',
      '--json',
      ...words,
    ]);
    expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
    return JSON.parse(stdout) as ReturnType<typeof loaderTable> & { readonly images: number };
  };
  const read = await ask('--seconds', '0.1');
  expect(read.images).toBe(40);
  expect(read.fed.map(({ name }) => name)).toEqual(
    [1, 2].flatMap((workers) => [`sharp, ${workers}`, `folder, ${workers}`, `packed, ${workers}`]),
  );
  const learned = await ask('--train', 'nin-cifar10', '--batch', '4', '--steps', '1');
  expect(learned.fed.map(({ name }) => name)).toEqual(['memory', 'packed', 'folder']);
  for (const { turns: made } of [...read.fed, ...learned.fed])
    expect(made[0]!.imagesPerSecond).toBeGreaterThan(0);
});

it.each([
  ['--seconds', ['--train', 'lenet5', '--seconds', '1'], 'without --train, found it with'],
  ['--python', ['--train', 'lenet5', '--python', 'python3'], 'without --train, found it with'],
  ['--batch', ['--batch', '8'], 'with --train, found it without'],
  ['--precision', ['--precision', 'float32'], 'with --train, found it without'],
])('refuses %s where it would change nothing: %p', async (option, words, message) => {
  const { code, stdout, stderr } = await command(['bench-data', temporary, ...words]);
  const said = `cnn-lineage: ${option}: expected it ${message}\n`;
  expect({ code, stdout, stderr }).toEqual({ code: 2, stdout: '', stderr: said });
});
