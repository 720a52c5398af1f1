import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { namedPictures } from '../../src/workflows/named-images';
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
  'the pattern %s names what the shell makes of it, files and pictures in folders',
  async (pattern) => {
    const expected = [...new Set(expanded(pattern))].sort();
    expect(expected.length).toBeGreaterThan(0);
    expect([...(await namedPictures([pattern])).files].sort()).toEqual(expected);
    // From the root on, and through the folder itself.
    const absolute = (await namedPictures([join(folder, pattern)])).files;
    expect([...absolute].sort()).toEqual(expected.map((file) => join(folder, file)));
    expect((await namedPictures([`./${pattern}`])).files).toEqual((await namedPictures([pattern])).files);
  },
);

it('files, folders and patterns name a picture in one way, once, in the order of the words', async () => {
  const { files } = await namedPictures([
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
  expect((await namedPictures(['g[1].png'])).files).toEqual(['g[1].png']);
  expect((await namedPictures(['photos [1]'])).files).toEqual(['photos [1]/f.png']);
  expect((await namedPictures(['photos [1]/*'])).files).toEqual(['photos [1]/f.png']);
  expect((await namedPictures(['photos/link.png'])).files).toEqual(['photos/link.png']);
});

it('tells of each file that is left out, and why, of folders and of patterns', async () => {
  const told = [
    'x.HEIC: HEIC, which is not read: convert it to JPEG or PNG',
    'y.psd: Photoshop, which is not read: convert it to JPEG or PNG',
    'notes.txt: no picture by its ending',
  ].sort();
  const { leftOut } = await namedPictures(['photos']);
  expect([...leftOut].sort()).toEqual(
    [...told.map((line) => `left out of photos: ${line}`), 'left out of photos: 1 hidden'].sort(),
  );
  const matched = (await namedPictures(['photos/*'])).leftOut;
  expect([...matched].sort()).toEqual(told.map((line) => `left out: photos/${line}`));
  await expect(namedPictures(['none'])).rejects.toThrow(
    /^none: expected pictures \(.*\), found none; left out of none: y\.svg: SVG, which is not read/,
  );
  await expect(namedPictures(['none/*'])).rejects.toThrow(/found none; left out: none\/y\.svg: SVG/);
  await expect(namedPictures(['no.png'])).rejects.toThrow(
    /^no\.png: expected a picture.*found no such file$/,
  );
  await expect(namedPictures(['no*.jpg'])).rejects.toThrow(/^no\*\.jpg: expected pictures/);
});

it('a link to a folder that it lies in is passed over, and told', async () => {
  mkdirSync(join(folder, 'round', 'sub'), { recursive: true });
  for (const file of ['round/h.png', 'round/sub/i.png']) writeFileSync(join(folder, file), '');
  symlinkSync('..', join(folder, 'round', 'sub', 'loop'));
  expect(await namedPictures(['round'])).toEqual({
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
  // The picture was found where the model is looked for.
  const { stderr, status } = classify('--model', 'nosuch', '--top', '2', '--', '-x.png', 'photos/cats');
  expect(stderr).toMatch(/nosuch: expected/);
  expect(status).toBe(2);
  expect(classify('--model', 'nosuch', '--', '-y.png').stderr).toMatch(/-y\.png: expected a picture/);
}, 60_000);
