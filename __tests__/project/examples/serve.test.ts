import { spawn, type ChildProcess } from 'node:child_process';
import { cpSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import sharp from 'sharp';
import { temporaryFolder } from '../../support/fixtures';
import { projectRoot } from '../../support/places';

const folder = join(temporaryFolder(), 'serve');
let digit: Buffer;
let server: ChildProcess;
let address: string;

/** The example as it is copied, where `cnn-lineage` is this project as it is compiled for tests. */
beforeAll(async () => {
  cpSync(join(projectRoot, 'examples', 'serve'), folder, { recursive: true });
  const own = join(folder, 'node_modules', 'cnn-lineage');
  mkdirSync(own, { recursive: true });
  writeFileSync(join(own, 'package.json'), '{"name": "cnn-lineage", "main": "index.js"}');
  const compiled = join(projectRoot, 'dist-for-tests', 'index.js');
  writeFileSync(join(own, 'index.js'), `module.exports = require(${JSON.stringify(compiled)});\n`);
  for (const name of ['fastify', 'sharp'])
    symlinkSync(join(projectRoot, 'node_modules', name), join(folder, 'node_modules', name));
  const svg =
    '<svg xmlns="http://www.w3.org/2000/svg" width="28" height="28"><rect width="28" height="28"/><rect x="13" y="4" width="3" height="20" fill="white"/></svg>';
  digit = await sharp(Buffer.from(svg)).png().toBuffer();
  const settings = { PORT: '0', MAX_BYTES: '100000', MAX_PIXELS: '1000000', MAX_REQUESTS: '3', TOP: '2' };
  server = spawn(process.execPath, ['server.js', 'lenet5'], {
    cwd: folder,
    env: { ...process.env, ...settings },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  for await (const line of createInterface({ input: server.stdout! })) {
    const [, found] = / answers at (\S+)\/classify$/.exec(line) ?? [];
    if (found !== undefined) {
      address = found;
      break;
    }
  }
}, 120_000);

afterAll(() => server.kill('SIGKILL'));

const ask = (bytes: Uint8Array, type = 'image/png') =>
  fetch(`${address}/classify`, {
    method: 'POST',
    headers: { 'content-type': type },
    body: Uint8Array.from(bytes),
  });

it('names a digit, and is healthy', async () => {
  const response = await ask(digit);
  expect(response.status).toBe(200);
  const { answers } = (await response.json()) as { answers: { label: string }[] };
  expect(answers).toHaveLength(2);
  expect(answers[0]!.label).toBe('1');
  expect(await (await fetch(`${address}/health`)).json()).toEqual({
    status: 'ok',
    network: 'lenet5',
    open: 0,
  });
});

const drawn = (width: number, height: number) =>
  sharp({ create: { width, height, channels: 3, background: 'red' } });

it.each([
  ['no image', 400, /expected an image/, async () => ['image/png', Buffer.from('no image')]],
  ['an empty body', 400, /found an empty one/, async () => ['image/png', Buffer.alloc(0)]],
  ['half an image', 400, /expected a whole PNG/, async () => ['image/png', digit.subarray(0, 80)]],
  ['another type', 415, /content-type/, async () => ['text/plain', digit]],
  ['a GIF', 415, /found gif/, async () => ['image/png', await drawn(8, 8).gif().toBuffer()]],
  [
    'many pixels',
    413,
    /1000000 pixels, found 2000×1000/,
    async () => ['image/png', await drawn(2000, 1000).png().toBuffer()],
  ],
  ['many bytes', 413, /at most 100000 bytes/, async () => ['image/png', Buffer.alloc(100_001)]],
] as const)('refuses %s by %i in one line', async (_, status, words, given) => {
  const [type, bytes] = await given();
  const response = await ask(bytes as Uint8Array, type as string);
  const text = await response.text();
  expect({ status: response.status, text }).toEqual({ status, text: expect.stringMatching(words) as string });
  expect(Object.keys(JSON.parse(text) as object)).toEqual(['error']);
  expect(text).not.toContain('\n');
});

/** A request of which half has been sent. */
async function half(): Promise<{ readonly finish: () => Promise<number> }> {
  const sent = request(`${address}/classify`, {
    method: 'POST',
    headers: { 'content-type': 'image/png', 'content-length': digit.length },
  });
  const status = new Promise<number>((resolve, reject) => {
    sent.on('response', (response) => {
      response.resume();
      resolve(response.statusCode!);
    });
    sent.on('error', reject);
  });
  await new Promise<void>((resolve) => sent.write(digit.subarray(0, 40), () => resolve()));
  return {
    finish: () => {
      sent.end(digit.subarray(40));
      return status;
    },
  };
}

/** Waits until so many requests are open. */
async function untilOpen(count: number): Promise<void> {
  for (;;) {
    const { open } = (await (await fetch(`${address}/health`)).json()) as { open: number };
    if (open === count) return;
  }
}

it('sends away whoever finds all places taken, and answers the others', async () => {
  const held = [await half(), await half(), await half()];
  await untilOpen(3);
  const refused = await ask(digit);
  expect(refused.status).toBe(503);
  expect(refused.headers.get('retry-after')).toBe('1');
  expect(await refused.json()).toEqual({ error: expect.stringMatching(/at most 3 requests/) as string });
  expect(await Promise.all(held.map(({ finish }) => finish()))).toEqual([200, 200, 200]);
  await untilOpen(0);
  expect((await ask(digit)).status).toBe(200);
});

it('answers what it has when it is stopped, and ends with code 0', async () => {
  const ended = new Promise((resolve) => server.once('exit', resolve));
  const held = await half();
  await untilOpen(1);
  server.kill('SIGTERM');
  expect(await held.finish()).toBe(200);
  expect(await ended).toBe(0);
  await expect(fetch(`${address}/health`)).rejects.toThrow();
});
