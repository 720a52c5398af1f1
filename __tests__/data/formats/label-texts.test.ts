import { execFile, execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openTrainingSet } from '../../../src/data/open';
import { openImageFolder } from '../../../src/data/formats/image-folder/image-folder';
import { readClassLabels } from '../../../src/weights/import/class-labels';
import { refusal } from '../../support/fixtures';
import { contents, trees } from '../../support/images/image-tree';

const tree = trees();

/** What iconv makes of a text: the encodings' own program. */
const encoded = (encoding: string, text: string) =>
  execFileSync('iconv', ['-f', 'UTF-8', '-t', encoding], { input: text });

const mark = {
  le: Buffer.from([0xff, 0xfe]),
  be: Buffer.from([0xfe, 0xff]),
  utf8: Buffer.from([0xef, 0xbb, 0xbf]),
};
const names = ['Brötchen', 'Käse', 'Würstchen'];
const text = `${names.join('\r\n')}\r\n`;

/** The labels that a file of `--labels` gives. */
async function labels(bytes: Uint8Array | string): Promise<readonly string[]> {
  const file = join(tree([]), 'labels.txt');
  writeFileSync(file, bytes);
  return (await readClassLabels(file, 3)).labels;
}

describe('names of classes', () => {
  it('are read from UTF-8 and UTF-16, with the mark and without, and with every end of line', async () => {
    for (const bytes of [
      text,
      Buffer.concat([mark.utf8, Buffer.from(text)]),
      text.replaceAll('\r\n', '\r'),
      encoded('UTF-16LE', text),
      encoded('UTF-16BE', text),
      Buffer.concat([mark.le, encoded('UTF-16LE', text)]),
      Buffer.concat([mark.be, encoded('UTF-16BE', text)]),
    ]) {
      expect(await labels(bytes)).toEqual(names);
    }
    const han = '犬\n貓\n鰻\n';
    expect(await labels(Buffer.concat([mark.le, encoded('UTF-16LE', han)]))).toEqual(['犬', '貓', '鰻']);
  });

  it('in another encoding are refused by the line and the byte, with what converts them', async () => {
    expect(await refusal(labels(encoded('ISO-8859-1', text)))).toMatch(
      /labels\.txt: expected text in UTF-8, found 0xf6 as byte 3 of line 1; if it is Latin-1, iconv -f WINDOWS-1252/,
    );
    expect(await refusal(labels(encoded('WINDOWS-1252', 'a\nb\n5 €\n')))).toMatch(
      /found 0x80 as byte 3 of line 3; /,
    );
    expect(await refusal(labels(encoded('SHIFT_JIS', '犬\n猫\n鰻\n')))).toMatch(
      /expected text in UTF-8, found 0x/,
    );
    expect(await refusal(labels(encoded('UTF-32', text)))).toMatch(/found UTF-32; iconv -f UTF-32/);
    const half = Buffer.concat([mark.le, encoded('UTF-16LE', text)]);
    expect(await refusal(labels(half.subarray(0, half.length - 1)))).toMatch(
      /found UTF-16LE that is not whole$/,
    );
    expect(await refusal(labels('a\nb\0\nc\n'))).toMatch(/found 0x00 as byte 2 of line 2, which is no text$/);
  });

  it('with their indices before them, as Teachable Machine writes them, are taken without', async () => {
    expect(await labels('0 cats\n1 dogs\n2 eels\n')).toEqual(['cats', 'dogs', 'eels']);
    expect(await labels('1 dogs\n2 eels\n0 cats\n')).toEqual(['cats', 'dogs', 'eels']);
    expect(await labels('0 cats\n0 dogs\n2 eels\n')).toEqual(['0 cats', '0 dogs', '2 eels']);
    expect(await labels('2 cats\n4 dogs\n6 eels\n')).toEqual(['2 cats', '4 dogs', '6 eels']);
  });

  it('are decoded in every file that has them', async () => {
    const root = (files: Readonly<Record<string, Uint8Array | string>>) => tree(['a.jpg', 'b.jpg'], files);
    const bytes = (content: string) => Buffer.concat([mark.le, encoded('UTF-16LE', content)]);
    const flat = await openImageFolder(
      root({
        'labels.txt': bytes('a.jpg 0\nb.jpg 1\n'),
        'synset_words.txt': bytes('n1 Käse\nn2 Brötchen\n'),
      }),
      'a',
    );
    expect(flat.train!.classes).toEqual(['Käse', 'Brötchen']);
    const latin = root({
      'labels.txt': 'a.jpg 0\nb.jpg 1\n',
      'synset_words.txt': encoded('ISO-8859-1', 'n1 Käse\nn2 b\n'),
    });
    expect(await refusal(openImageFolder(latin, 'a'))).toMatch(
      /synset_words\.txt: .* found 0xe4 as byte 5 of line 1/,
    );
  });
});

describe('a label file', () => {
  const flat = (content: string) => tree(['images/a.jpg', 'images/b.jpg'], { 'labels.txt': content });

  it('with an index that no data set has is refused by the line, at once', async () => {
    for (const index of ['4000000000', '100000', '99999999999999999999999']) {
      expect(await refusal(openImageFolder(flat(`a.jpg 0\nb.jpg ${index}\n`), 'a'))).toMatch(
        new RegExp(`labels\\.txt: expected an index below 100000, found ${index} in line 2$`),
      );
    }
    expect((await openImageFolder(flat('a.jpg 0\nb.jpg 99999\n'), 'a')).train!.classes).toHaveLength(100_000);
  });

  it('of commas is refused with the form that is expected', async () => {
    expect(await refusal(openImageFolder(flat('file,label\na.jpg,0\n'), 'a'))).toMatch(
      /expected a file's name, a blank and an index, found "file,label" in line 1$/,
    );
  });

  it('that only names the classes leaves them to their folders, and what does not fit is said', async () => {
    const said = async (content: string | Uint8Array, file = 'labels.txt') => {
      const notes: string[] = [];
      const root = tree(['cats/1.jpg', 'dogs/1.jpg'], { [file]: content });
      const { train } = await openImageFolder(root, 'pets', (line) => notes.push(line));
      expect(contents(root, train!)).toEqual(['cats: cats/1.jpg', 'dogs: dogs/1.jpg']);
      return notes;
    };
    expect(await said('0 cats\n1 dogs\n')).toEqual([]);
    expect(await said('cats\ndogs\n', 'classes.txt')).toEqual([]);
    expect((await said(encoded('ISO-8859-1', 'Käse\n'), 'classes.txt'))[0]).toMatch(
      /^pets: classes\.txt is passed over: .* found 0xe4 as byte 2 of line 1/,
    );
    expect(await said('0 dogs\n1 cats\n')).toEqual([
      'pets: labels.txt names the classes in another order than theirs here, which is cats, dogs',
    ]);
    for (const content of ['0 cats\n1 hounds\n', 'cats\n', '']) {
      expect((await said(content))[0]).toMatch(
        /^pets: labels\.txt is passed over, for it does not name the 2 folders of classes/,
      );
    }
  });

  it('that is a folder is none', async () => {
    const root = tree(['cat/1.jpg', 'dog/1.jpg', 'labels.txt/2.jpg']);
    expect((await openImageFolder(root, 'a')).train!.classes).toEqual(['cat', 'dog', 'labels.txt']);
  });

  it('beside parts is said to be passed over', async () => {
    const notes: string[] = [];
    const root = tree(['train/cat/1.jpg', 'train/dog/1.jpg'], { 'labels.txt': 'cat\neel\n' });
    await openImageFolder(root, 'pets', (line) => notes.push(line));
    expect(notes).toEqual([
      'pets: labels.txt is passed over, for it does not name the 2 folders of classes (2 lines)',
    ]);
  });

  it('of images still counts before the folders that they lie in', async () => {
    const root = tree(['cats/1.jpg', 'dogs/2.jpg'], { 'labels.txt': 'dogs/2.jpg 0\ncats/1.jpg 1\n' });
    expect(contents(root, await openTrainingSet(root, { seed: 1 }))).toEqual([
      '0: dogs/2.jpg',
      '1: cats/1.jpg',
    ]);
  });
});

it('a file of as many names as a large set has is read in linear time', async () => {
  const ids = Array.from({ length: 60_000 }, (_, index) => `id${index}`);
  const root = tree(['a.jpg', 'b.jpg'], {
    'labels.txt': 'a.jpg 0\nb.jpg 59999\n',
    'synset_words.txt': ids.map((id) => `${id} word`).join('\n'),
  });
  expect((await openImageFolder(root, 'a')).train!.classes.at(-1)).toBe('word (id59999)');
});

it('a device that never ends is no file of labels, and a pipe is one', async () => {
  await expect(readClassLabels('/dev/zero', 3)).rejects.toThrow(
    /^\/dev\/zero: expected a text file, found neither a file nor a folder$/,
  );
  const pipe = join(tree([], {}), 'pipe');
  execFileSync('mkfifo', [pipe]);
  execFile('sh', ['-c', 'printf "cat\\ndog\\nfox\\n" > "$0"', pipe]);
  expect((await readClassLabels(pipe, 3)).labels).toEqual(['cat', 'dog', 'fox']);
});
