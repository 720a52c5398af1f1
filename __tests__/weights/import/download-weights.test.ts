import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { downloadWeights, knownAs } from '../../../src/weights/import/download-weights';
import { UserError } from '../../../src/core/errors';
import type { Checksum, PublishedWeights } from '../../../src/core/network';
import { seededRandom } from '../../../src/core/random';
import { temporaryFolder } from '../../support/fixtures';

const folder = temporaryFolder();
const random = seededRandom(1);
const content = Buffer.from(Uint8Array.from({ length: 50_000 }, () => random.integer(256)));
const digest = (kind: string) => createHash(kind).update(content).digest('hex');

const closing: (() => void)[] = [];
afterEach(() => closing.splice(0).forEach((close) => close()));

/** A real server on this machine, up until the test ends. */
async function serve(answer: RequestListener): Promise<string> {
  const server = createServer(answer).listen(0, '127.0.0.1');
  await once(server, 'listening');
  closing.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/weights/net.pth`;
}

const sends: RequestListener = (_, response) =>
  response.writeHead(200, { 'content-length': content.length }).end(content);

function published(url: string, checksum?: Checksum): PublishedWeights {
  const facts = { file: 'net.pth', url, licence: 'none', results: [], unchecked: [] };
  return checksum ? { ...facts, checksum } : facts;
}

let roots = 0;
const freshRoot = () => join(folder, `root-${++roots}`);
const quick = { stallMilliseconds: 400, retryMilliseconds: 1 };

it.each<[string, Checksum | undefined]>([
  ['a whole SHA-256', { kind: 'sha256', begins: digest('sha256') }],
  ['the beginning of one, as PyTorch’s', { kind: 'sha256', begins: digest('sha256').slice(0, 8) }],
  ['a SHA-1, as Caffe’s', { kind: 'sha1', begins: digest('sha1') }],
  ['an MD5, as Keras’s', { kind: 'md5', begins: digest('md5') }],
  ['nothing', undefined],
])('a file published with %s arrives whole, and the next time is there', async (_, checksum) => {
  const root = freshRoot();
  const file = published(await serve(sends), checksum);
  const path = join(root, 'weights', 'net.pth');
  expect(await downloadWeights(file, { root, ...quick })).toEqual({
    path,
    bytes: content.length,
    fetched: true,
  });
  expect(readFileSync(path).equals(content)).toBe(true);
  expect(readdirSync(join(root, 'weights'))).toEqual(['net.pth']);
  expect((await downloadWeights(file, { root, ...quick })).fetched).toBe(false);
});

it('a file that lies there already, with its checksum, needs no server', async () => {
  const root = freshRoot();
  mkdirSync(join(root, 'weights'), { recursive: true });
  writeFileSync(join(root, 'weights', 'net.pth'), content);
  const file = published('http://127.0.0.1:9/net.pth', { kind: 'sha1', begins: digest('sha1') });
  expect((await downloadWeights(file, { root, ...quick })).fetched).toBe(false);
});

it('a mirror is asked instead of the published address', async () => {
  const root = freshRoot();
  const mirror = new URL('.', await serve(sends)).href;
  const file = published('http://127.0.0.1:9/net.pth', { kind: 'sha1', begins: digest('sha1') });
  expect((await downloadWeights(file, { root, mirrors: [mirror], ...quick })).fetched).toBe(true);
});

it.each<[string, RequestListener, RegExp]>([
  [
    'other bytes',
    (_, response) => response.end(Buffer.from(content).fill(0, 0, 9)),
    /expected the checksum [0-9a-f]{64}, found [0-9a-f]{64}/,
  ],
  [
    'an error page',
    (_, response) => response.writeHead(404).end('<html>gone</html>'),
    /net\.pth: 404 Not Found/,
  ],
  ['no size', (_, response) => response.write('x'), /did not say how large the file is/],
  ['nothing', () => undefined, /aborted due to timeout/],
])('a server that sends %s is told in one line, and leaves no file', async (_, answer, reason) => {
  const root = freshRoot();
  const file = published(await serve(answer), { kind: 'sha256', begins: digest('sha256') });
  const attempt = downloadWeights(file, { root, ...quick });
  await expect(attempt).rejects.toThrow(UserError);
  await expect(attempt).rejects.toThrow(reason);
  await expect(attempt).rejects.toThrow(
    /^net\.pth: no server gave it \(.*or import the file from where you have it$/,
  );
  expect(readdirSync(join(root, 'weights'))).toEqual([]);
});

it('a file on the disk is known by its checksum, whatever its name', async () => {
  const path = join(folder, 'renamed.bin');
  writeFileSync(path, content);
  const others = published('http://127.0.0.1:9/a', { kind: 'md5', begins: '0'.repeat(32) });
  const its = published('http://127.0.0.1:9/b', { kind: 'sha1', begins: digest('sha1') });
  expect(await knownAs(path, [published('http://127.0.0.1:9/c'), others, its])).toBe(its);
  expect(await knownAs(path, [others])).toBeUndefined();
});
