import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { namedImages } from '../../src/workflows/data/named-images';
import { temporaryFolder } from '../support/fixtures';

const folder = temporaryFolder();
const project = process.cwd();

beforeAll(() => {
  for (const inner of ['photos/cats', 'photos/dogs', 'photos [1]', 'none', 'photos/dogs/deep'])
    mkdirSync(join(folder, inner), { recursive: true });
  for (const file of [
    ...['a.png', 'photos/b.JPG', 'photos/cats/c.webp', 'photos/dogs/d.gif', 'photos/dogs/deep/e.png'],
    ...['photos/x.HEIC', 'photos/y.psd', 'photos/notes.txt', 'photos/.hidden.png', 'none/y.svg'],
    ...['photos [1]/f.png', 'g[1].png', 'g1.png', '-x.png'],
  ])
    writeFileSync(join(folder, file), '');
  symlinkSync('nowhere', join(folder, 'photos', 'link.png'));
  symlinkSync('cats', join(folder, 'photos', 'linked'));
  process.chdir(folder);
});
afterAll(() => process.chdir(project));

/** As the shell expands a pattern, with `shopt -s globstar`; the files in folders as `find` lists them. */
function expanded(pattern: string): string[] {
  const script = `shopt -s globstar; LC_ALL=C; for each in ${pattern}; do if [ -d "$each" ]; then
    find -L "$each" -not -name '.*' -type f; find "$each" -type l -name '*.png'; else echo "$each"; fi; done`;
  const lines = execFileSync('bash', ['-c', script], { encoding: 'utf8' }).trim().split('\n');
  return lines
    .map((line) => line.replaceAll('//', '/'))
    .filter((line) => /\.(png|jpg|webp|gif)$/i.test(line));
}

it.each(['photos/*', 'photos/*.png', 'p*', 'photos/*/*', '{a,g1}.png', '*.png', 'photos/[cd]*', 'p*s/cats'])(
  'the pattern %s names what the shell makes of it, files and images in folders',
  async (pattern) => {
    const expected = [...new Set(expanded(pattern))].sort();
    expect(expected.length).toBeGreaterThan(0);
    expect([...(await namedImages([pattern])).files].sort()).toEqual(expected);
    // From the root on, and through the folder itself.
    const absolute = (await namedImages([join(folder, pattern)])).files;
    expect([...absolute].sort()).toEqual(expected.map((file) => join(folder, file)));
    expect((await namedImages([`./${pattern}`])).files).toEqual((await namedImages([pattern])).files);
  },
);

it('files, folders and patterns name an image in one way, once, in the order of the words', async () => {
  const { files } = await namedImages([
    './photos/dogs/d.gif',
    'photos//cats/',
    'photos/*s',
    join(folder, 'a.png'),
    'a.png',
  ]);
  expect(files).toEqual([
    'photos/dogs/d.gif',
    'photos/cats/c.webp',
    'photos/dogs/deep/e.png',
    join(folder, 'a.png'),
  ]);
});

it('what is there by its name is no pattern', async () => {
  expect((await namedImages(['g[1].png'])).files).toEqual(['g[1].png']);
  expect((await namedImages(['photos [1]'])).files).toEqual(['photos [1]/f.png']);
  expect((await namedImages(['photos [1]/*'])).files).toEqual(['photos [1]/f.png']);
  expect((await namedImages(['photos/link.png'])).files).toEqual(['photos/link.png']);
});

it('tells of each file that is left out, and why, of folders and of patterns', async () => {
  const told = [
    'x.HEIC: HEIC, which is not read: convert it to JPEG or PNG',
    'y.psd: Photoshop, which is not read: convert it to JPEG or PNG',
    'notes.txt: not an image by its extension',
  ].sort();
  const { leftOut } = await namedImages(['photos']);
  expect([...leftOut].sort()).toEqual(
    [...told.map((line) => `left out of photos: ${line}`), 'left out of photos: 1 hidden'].sort(),
  );
  const matched = (await namedImages(['photos/*'])).leftOut;
  expect([...matched].sort()).toEqual(told.map((line) => `left out: photos/${line}`));
  await expect(namedImages(['none'])).rejects.toThrow(
    /^none: expected images \(.*\), found none; left out of none: y\.svg: SVG, which is not read/,
  );
  await expect(namedImages(['none/*'])).rejects.toThrow(/found none; left out: none\/y\.svg: SVG/);
  await expect(namedImages(['no.png'])).rejects.toThrow(/^no\.png: expected an image.*found no such file$/);
  await expect(namedImages(['no*.jpg'])).rejects.toThrow(/^no\*\.jpg: expected images/);
});

it('a link to a folder that it lies in is passed over, and told', async () => {
  mkdirSync(join(folder, 'round', 'sub'), { recursive: true });
  for (const file of ['round/h.png', 'round/sub/i.png']) writeFileSync(join(folder, file), '');
  symlinkSync('..', join(folder, 'round', 'sub', 'loop'));
  expect(await namedImages(['round'])).toEqual({
    files: ['round/h.png', 'round/sub/i.png'],
    leftOut: [`left out of round: loop: a link in a circle, back to ${realpathSync(join(folder, 'round'))}`],
  });
});

it('a file whose name begins with a dash is taken after --, and as a path', () => {
  const tsx = join(project, 'node_modules', 'tsx', 'dist', 'loader.mjs');
  const classify = (...words: string[]) =>
    spawnSync(
      process.execPath,
      ['--import', tsx, join(project, 'scripts', 'cnn-lineage.ts'), 'classify', ...words],
      { encoding: 'utf8', cwd: folder },
    );
  // The image was found where the model is looked for.
  const { stderr, status } = classify('--model', 'nosuch', '--top', '2', '--', '-x.png', 'photos/cats');
  expect(stderr).toMatch(/nosuch: expected/);
  expect(status).toBe(2);
  expect(classify('--model', 'nosuch', '--', '-y.png').stderr).toMatch(/-y\.png: expected an image/);
}, 60_000);
