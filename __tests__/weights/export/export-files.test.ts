import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { newFolder } from '../../../src/core/io/files';
import { UserError } from '../../../src/core/errors';
import { writeTfjsShards } from '../../../src/weights/formats/tfjs/tfjs-shards';
import { temporaryFolder } from '../../support/fixtures';

const root = temporaryFolder();

it('weights are split at 4 MB, in order and whole', async () => {
  const folder = join(root, 'shards');
  mkdirSync(folder);
  const lengths = [3, 2 ** 20, 2 ** 20 + 5, 0, 7];
  const arrays = lengths.map((length, index) => new Float32Array(length).fill(index + 0.5));
  const manifest = await writeTfjsShards(
    folder,
    arrays.map((values, index) => ({
      name: `w${index}`,
      shape: [values.length],
      type: 'float32',
      values: async () => values,
    })),
  );
  const files = readdirSync(folder).sort();
  expect(files).toEqual([1, 2, 3].map((part) => `group1-shard${part}of3.bin`));
  const parts = files.map((file) => readFileSync(join(folder, file)));
  expect(parts.map(({ length }) => length)).toEqual([2 ** 22, 2 ** 22, 4 * 15]);
  const whole = arrays.map(({ buffer, byteOffset, byteLength }) =>
    Buffer.from(buffer, byteOffset, byteLength),
  );
  expect(Buffer.concat(parts).equals(Buffer.concat(whole))).toBe(true);
  expect(manifest).toMatchObject([{ paths: files, weights: lengths.map((length) => ({ shape: [length] })) }]);
});

describe('the folder of an export', () => {
  it('is there whole, or not at all', async () => {
    const path = join(root, 'whole');
    const failing = newFolder(path, async (folder) => {
      writeFileSync(join(folder, 'half'), '');
      throw new Error('the disk broke');
    });
    await expect(failing).rejects.toThrow('the disk broke');
    expect(existsSync(path)).toBe(false);
    await newFolder(path, async (folder) => writeFileSync(join(folder, 'all'), ''));
    expect(readdirSync(path)).toEqual(['all']);
    expect(readdirSync(root).filter((name) => name.startsWith('.'))).toEqual([]);
  });

  it('is never one that holds something', async () => {
    const path = join(root, 'whole');
    await expect(newFolder(path, async () => undefined)).rejects.toThrow(
      `${path}: expected a new or empty folder, found all in it`,
    );
    await expect(newFolder(join(path, 'all'), async () => undefined)).rejects.toThrow(UserError);
  });
});
