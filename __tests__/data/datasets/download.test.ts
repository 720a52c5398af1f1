import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { basename, join } from 'node:path';
import { once } from 'node:events';
import { dataRoot } from '../../../src/data/open';
import {
  downloadDataset,
  downloadFiles,
  type DownloadOptions,
  type NamedDownload,
} from '../../../src/data/datasets/download';
import { seededRandom } from '../../../src/core/random';
import { temporaryFolder, testOnRealData, refusal } from '../../support/fixtures';
import { projectRoot } from '../../support/places';

const folder = temporaryFolder();
let roots = 0;
const freshRoot = () => join(folder, `root-${++roots}`);

const random = seededRandom(1);
const published = Buffer.from(Uint8Array.from({ length: 300_000 }, () => random.integer(256)));
const md5 = (bytes: Buffer) => createHash('md5').update(bytes).digest('hex');
const toy: NamedDownload = {
  name: 'toy',
  mirrors: [],
  files: [{ name: 'data.gz', bytes: published.length, md5: md5(published) }],
};

interface Server {
  readonly url: string;
  /** The `Range` of each request, '' for none. */
  readonly ranges: string[];
}

const closing: (() => void)[] = [];
afterEach(() => closing.splice(0).forEach((close) => close()));

/** A real server on this machine, up until the test ends. */
async function serve(answer: RequestListener): Promise<Server> {
  const ranges: string[] = [];
  const server = createServer((request, response) => {
    ranges.push(request.headers.range ?? '');
    answer(request, response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  closing.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, ranges };
}

const startOf = (request: IncomingMessage) =>
  Number(/bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1] ?? 0);

/** Answers with the bytes as a server that can continue does; returns what it still has to send. */
function head(request: IncomingMessage, response: ServerResponse, bytes: Buffer): Buffer {
  const start = startOf(request);
  const length = { 'content-length': bytes.length - start };
  if (!start) response.writeHead(200, length);
  else
    response.writeHead(206, {
      ...length,
      'content-range': `bytes ${start}-${bytes.length - 1}/${bytes.length}`,
    });
  return bytes.subarray(start);
}

const sends =
  (bytes = published): RequestListener =>
  (request, response) =>
    response.end(head(request, response, bytes));

/** Breaks the connection after so many bytes of each answer. */
const drops =
  (after: number): RequestListener =>
  (request, response) => {
    response.write(head(request, response, published).subarray(0, after), () =>
      setTimeout(() => response.destroy(), 20),
    );
  };

const refuses =
  (status: number): RequestListener =>
  (_, response) =>
    response.writeHead(status).end('<html>an error page</html>');

function download(root: string, servers: readonly Server[], more: Partial<DownloadOptions> = {}) {
  const mirrors = servers.map(({ url }) => url);
  return downloadFiles(toy, { root, mirrors, retryMilliseconds: 1, ...more });
}

/** The one line that the user gets. */
/** The file is there, right to the byte, and nothing else is. */
function expectWhole(root: string): void {
  expect(readdirSync(join(root, 'toy'))).toEqual(['data.gz']);
  expect(readFileSync(join(root, 'toy', 'data.gz')).equals(published)).toBe(true);
}

/** Leaves in the root what an earlier download would have left of these bytes. */
function leavePart(root: string, bytes: Buffer): void {
  mkdirSync(join(root, 'toy'), { recursive: true });
  writeFileSync(join(root, 'toy', 'data.gz.part'), bytes);
}

test('a file arrives byte for byte, and the next download asks for nothing', async () => {
  const root = freshRoot();
  const server = await serve(sends());
  const first = await download(root, [server]);
  expect(first).toEqual({
    dataset: 'toy',
    folder: join(root, 'toy'),
    files: [{ ...toy.files[0], fetched: true }],
  });
  expectWhole(root);
  expect((await download(root, [server])).files).toEqual([{ ...toy.files[0], fetched: false }]);
  expect(server.ranges).toEqual(['']);
});

test('a broken connection is continued where it broke, as often as that brings the file on', async () => {
  const root = freshRoot();
  const server = await serve(drops(40_000));
  await download(root, [server]);
  expectWhole(root);
  expect(server.ranges).toEqual([
    '',
    ...Array.from({ length: 7 }, (_, index) => `bytes=${40_000 * (index + 1)}-`),
  ]);
});

test('a server that cannot continue sends all of it again', async () => {
  const root = freshRoot();
  leavePart(root, published.subarray(0, 1000));
  const server = await serve((_, response) => response.writeHead(200).end(published));
  await download(root, [server]);
  expectWhole(root);
  expect(server.ranges).toEqual(['bytes=1000-']);
});

test('a server that cannot continue and always breaks is given up for the next, which continues', async () => {
  const root = freshRoot();
  const broken = await serve((_, response) => {
    response.writeHead(200, { 'content-length': published.length });
    response.write(published.subarray(0, 5000), () => setTimeout(() => response.destroy(), 20));
  });
  const good = await serve(sends());
  await download(root, [broken, good]);
  expectWhole(root);
  expect(broken.ranges).toEqual(['', 'bytes=5000-', 'bytes=5000-', 'bytes=5000-']);
  expect(good.ranges).toEqual(['bytes=5000-']);
});

test('wrong bytes of the right length are thrown away, and the next mirror asked from the start', async () => {
  const root = freshRoot();
  const wrong = Buffer.from(published);
  wrong[1234]! ^= 1;
  const servers = [await serve(sends(wrong)), await serve(sends())];
  await download(root, servers);
  expectWhole(root);
  expect(servers.map(({ ranges }) => ranges)).toEqual([[''], ['']]);
});

test('a wrong beginning does not spoil a good mirror: it sends the file once more', async () => {
  const root = freshRoot();
  leavePart(root, Buffer.alloc(1000, 7));
  const server = await serve(sends());
  await download(root, [server]);
  expectWhole(root);
  expect(server.ranges).toEqual(['bytes=1000-', '']);
});

test('404 is not asked twice', async () => {
  const root = freshRoot();
  const servers = [await serve(refuses(404)), await serve(sends())];
  await download(root, servers);
  expectWhole(root);
  expect(servers[0]!.ranges).toHaveLength(1);
});

test('503 is asked again', async () => {
  const root = freshRoot();
  let asked = 0;
  const server = await serve((request, response) => (asked++ ? sends() : refuses(503))(request, response));
  await download(root, [server]);
  expectWhole(root);
  expect(asked).toBe(2);
});

test('a server that stalls is left, and what it sent is kept', async () => {
  const root = freshRoot();
  const stalling = await serve((request, response) => {
    response.write(head(request, response, published).subarray(0, startOf(request) ? 0 : 9000));
    response.flushHeaders();
  });
  const good = await serve(sends());
  await download(root, [stalling, good], { stallMilliseconds: 150 });
  expectWhole(root);
  expect(good.ranges).toEqual(['bytes=9000-']);
});

test('a server that never answers is left', async () => {
  const root = freshRoot();
  const [silent, good] = [await serve(() => undefined), await serve(sends())];
  const lines: string[] = [];
  await download(root, [silent, good], { stallMilliseconds: 50, onProgress: (line) => lines.push(line) });
  expectWhole(root);
  expect(lines.join('\n')).toContain('sent nothing for 0.05 s');
});

test('redirects are followed, also when continuing', async () => {
  const root = freshRoot();
  leavePart(root, published.subarray(0, 2000));
  const good = await serve(sends());
  const moved = await serve((_, response) =>
    response.writeHead(302, { location: `${good.url}/elsewhere` }).end(),
  );
  await download(root, [moved]);
  expectWhole(root);
  expect(good.ranges).toEqual(['bytes=2000-']);
});

test('a server that cannot satisfy the range (416) is asked for all of it', async () => {
  const root = freshRoot();
  leavePart(root, Buffer.alloc(published.length + 5));
  const server = await serve((request, response) =>
    startOf(request) >= published.length ? refuses(416)(request, response) : sends()(request, response),
  );
  await download(root, [server]);
  expectWhole(root);
  expect(server.ranges).toEqual([`bytes=${published.length + 5}-`, '']);
});

test('a whole part needs no server', async () => {
  const root = freshRoot();
  leavePart(root, published);
  const server = await serve(refuses(404));
  await download(root, [server]);
  expectWhole(root);
  expect(server.ranges).toEqual([]);
});

test('more bytes than published are not taken', async () => {
  const root = freshRoot();
  let sent = 0;
  const endless = await serve((_, response) => {
    const timer = setInterval(() => response.write(published, () => (sent += published.length)), 5);
    response.on('close', () => clearInterval(timer));
  });
  expect(await refusal(download(root, [endless]))).toContain('expected 300000 bytes, found more');
  expect(sent).toBeLessThan(10 * published.length);
  expect(readdirSync(join(root, 'toy'))).toEqual([]);
});

test('a gzip file that the server labels as compressed transfer is taken as it is published', async () => {
  const root = freshRoot();
  const server = await serve((request, response) => {
    if (request.headers['accept-encoding'] === 'identity') return sends()(request, response);
    response.writeHead(200, { 'content-encoding': 'gzip' }).end(published);
  });
  await download(root, [server]);
  expectWhole(root);
});

test('when all mirrors fail, one line gives the reason of each and where to put the files', async () => {
  const root = freshRoot();
  const gone = await serve(refuses(404));
  const other = await serve(sends(published.subarray(0, 77)));
  const closed = { url: 'http://127.0.0.1:9', ranges: [] };
  const message = await refusal(download(root, [gone, other, closed]));
  expect(message).toContain(`no mirror gave data.gz (${gone.url}/data.gz: 404 Not Found; `);
  expect(message).toContain(`${other.url}/data.gz: expected 300000 bytes, found a file of 77; `);
  expect(message).toContain(`put data.gz into ${join(root, 'toy')} by hand`);
  expect(readdirSync(join(root, 'toy'))).toEqual([]);
});

test('a damaged file is replaced by the published one, and kept while that cannot be had', async () => {
  const root = freshRoot();
  mkdirSync(join(root, 'toy'), { recursive: true });
  writeFileSync(join(root, 'toy', 'data.gz'), Buffer.alloc(published.length));
  await refusal(download(root, [await serve(refuses(404))]));
  expect(statSync(join(root, 'toy', 'data.gz')).size).toBe(published.length);
  await download(root, [await serve(sends())]);
  expectWhole(root);
});

test('an interrupted download says so, keeps what it has, and the next one continues', async () => {
  const root = freshRoot();
  const stop = new AbortController();
  const stalling = await serve((request, response) => {
    response.write(head(request, response, published).subarray(0, 50_000), () =>
      setTimeout(() => stop.abort(), 50),
    );
  });
  expect(await refusal(download(root, [stalling], { signal: stop.signal, stallMilliseconds: 5000 }))).toMatch(
    /interrupted/,
  );
  expect(readdirSync(join(root, 'toy'))).toEqual(['data.gz.part']);
  const good = await serve(sends());
  await download(root, [good]);
  expectWhole(root);
  expect(good.ranges).toEqual(['bytes=50000-']);
});

test('what a killed process had fetched is continued', async () => {
  const root = freshRoot();
  const slow = await serve((request, response) =>
    response.write(head(request, response, published).subarray(0, 123_456)),
  );
  const source = `
    const { downloadFiles } = require(${JSON.stringify(join(projectRoot, 'src/data/datasets/download'))});
    void downloadFiles(${JSON.stringify(toy)}, { root: ${JSON.stringify(root)}, mirrors: ['${slow.url}'] });`;
  const child = spawn(process.execPath, ['--require', 'tsx/cjs', '--eval', source], {
    cwd: projectRoot,
  });
  const parts = () => (existsSync(join(root, 'toy')) ? readdirSync(join(root, 'toy')) : []);
  const arrived = () => parts().some((name) => statSync(join(root, 'toy', name)).size === 123_456);
  while (!arrived()) await new Promise((resolve) => setTimeout(resolve, 20));
  child.kill('SIGKILL');
  await once(child, 'exit');
  const good = await serve(sends());
  await download(root, [good]);
  expectWhole(root);
  expect(good.ranges).toEqual(['bytes=123456-']);
});

test('downloads at the same time all end with the whole file and leave nothing else', async () => {
  const root = freshRoot();
  leavePart(root, published.subarray(0, 10_000));
  const server = await serve(drops(70_000));
  await Promise.all([1, 2, 3].map(() => download(root, [server])));
  expectWhole(root);
});

test('a folder that cannot be used and a mirror that is none are told in one line', async () => {
  const root = freshRoot();
  writeFileSync(root, 'a file in the way');
  expect(await refusal(download(root, [await serve(sends())]))).toMatch(
    /toy: cannot be used: a part of its path is not a folder/,
  );
  const mirrors = ['ftp://example.org/mnist'];
  expect(await refusal(downloadDataset('mnist', { root, mirrors }))).toBe(
    'expected a mirror such as https://example.org/mnist/, found "ftp://example.org/mnist"',
  );
});

test('the data root is the one asked for, else LINEAGE_DATA, else where XDG puts data', () => {
  const environment = { LINEAGE_DATA: '/mine', XDG_DATA_HOME: '/share' };
  expect(dataRoot(environment, '/asked')).toBe('/asked');
  expect(dataRoot(environment)).toBe('/mine');
  expect(dataRoot({ ...environment, LINEAGE_DATA: '' })).toBe('/share/cnn-lineage/data');
  expect(dataRoot({ XDG_DATA_HOME: 'relative' })).toMatch(/\.local\/share\/cnn-lineage\/data$/);
});

testOnRealData('MNIST from a mirror has the published checksums', async (real) => {
  const server = await serve((request, response) => {
    sends(readFileSync(join(real, 'mnist', basename(request.url!))))(request, response);
  });
  const { files } = await downloadDataset('mnist', {
    root: freshRoot(),
    mirrors: [`${server.url}/some/folder`],
  });
  expect(files.map(({ fetched }) => fetched)).toEqual([true, true, true, true]);
});

testOnRealData(
  'files that are there already are only checked, MNIST and Fashion-MNIST alike',
  async (root) => {
    for (const name of ['mnist', 'fashion-mnist'] as const) {
      const { files } = await downloadDataset(name, { root, mirrors: ['http://127.0.0.1:9/'] });
      expect(files.map(({ fetched }) => fetched)).toEqual([false, false, false, false]);
    }
  },
);
