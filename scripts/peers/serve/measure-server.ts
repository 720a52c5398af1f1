/**
 * Measures the example `examples/serve` on this machine by autocannon:
 * `npm run build && npx tsx scripts/peers/serve/measure-server.ts [MODEL PHOTO.jpg]` writes results/serve/README.md.
 * LeNet-5 answers for a digit, and MODEL (GoogLeNet's folder or name) for a photo. autocannon is installed into a
 * temporary folder.
 */
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import sharp from 'sharp';
import { makeFolder, writeFileAtomically } from '../../../src/core/io/files';
import { markdownTable, speedCell } from '../../../src/core/text/markdown-table';
import { cpuModel } from '../../../src/runtime/machine';
import { ownFolder } from '../../cli/npm/npm-run';
import { commit, fail, note } from '../../cli/terminal/output';

interface Load {
  readonly requests: { readonly average: number; readonly total: number };
  readonly latency: { readonly p50: number; readonly p99: number };
  readonly non2xx: number;
  readonly errors: number;
}

type Autocannon = (options: Readonly<Record<string, unknown>>) => Promise<Load>;

interface Image {
  readonly type: string;
  readonly bytes: Buffer;
}

const seconds = 15;
const connections = [1, 8, 64] as const;
const batches = [1, 4] as const;

async function main([model = 'googlenet', photo]: readonly string[]): Promise<void> {
  const work = mkdtempSync(join(tmpdir(), 'lineage-serve-'));
  try {
    execFileSync('npm', ['install', '--prefix', work, '--no-audit', '--no-fund', 'autocannon@8'], {
      stdio: 'ignore',
    });
    const autocannon = createRequire(join(work, 'package.json'))('autocannon') as Autocannon;
    const example = join(work, 'example');
    cpSync(join(ownFolder, 'examples', 'serve'), example, { recursive: true });
    mkdirSync(join(example, 'node_modules'));
    symlinkSync(ownFolder, join(example, 'node_modules', 'cnn-lineage'));
    for (const name of ['fastify', 'sharp'])
      symlinkSync(join(ownFolder, 'node_modules', name), join(example, 'node_modules', name));
    const digit = { type: 'image/png', bytes: await drawnDigit() };
    const picture = {
      type: 'image/jpeg',
      bytes: photo === undefined ? await drawnPhoto() : readFileSync(photo),
    };
    const rows: (readonly (string | number)[])[] = [];
    for (const [name, image] of [['lenet5', digit] as const, [model, picture] as const])
      for (const batch of batches) rows.push(...(await speeds(autocannon, example, { name, image, batch })));
    const memory = await memoryOver(autocannon, example, digit);
    await makeFolder(join(ownFolder, 'results', 'serve'));
    await writeFileAtomically(join(ownFolder, 'results', 'serve', 'README.md'), text(rows, memory, picture));
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** A one of the size that LeNet-5 takes. */
function drawnDigit(): Promise<Buffer> {
  const svg =
    '<svg xmlns="http://www.w3.org/2000/svg" width="28" height="28"><rect width="28" height="28"/><rect x="13" y="4" width="3" height="20" fill="white"/></svg>';
  return sharp(Buffer.from(svg)).png().toBuffer();
}

/** Noise, which decodes no faster than a photo. */
function drawnPhoto(): Promise<Buffer> {
  const noise = { type: 'gaussian', mean: 128, sigma: 40 } as const;
  return sharp({ create: { width: 640, height: 480, channels: 3, background: 'grey', noise } })
    .jpeg()
    .toBuffer();
}

async function speeds(
  autocannon: Autocannon,
  example: string,
  { name, image, batch }: { readonly name: string; readonly image: Image; readonly batch: number },
): Promise<(readonly (string | number)[])[]> {
  const { child, address } = await started(example, name, { BATCH: String(batch) });
  const rows: (readonly (string | number)[])[] = [];
  try {
    const network = await networkAt(address);
    await loaded(autocannon, address, image, { connections: 8, duration: 5 }); // warm
    for (const count of connections) {
      const { requests, latency, non2xx, errors } = await loaded(autocannon, address, image, {
        connections: count,
        duration: seconds,
      });
      if (non2xx + errors > 0) throw new Error(`expected answers alone, found ${non2xx + errors} others`);
      rows.push([network, batch, count, speedCell(requests.average), latency.p50, latency.p99]);
      note(rows.at(-1)!.join(' '));
    }
  } finally {
    await stopped(child);
  }
  return rows;
}

async function memoryOver(autocannon: Autocannon, example: string, image: Image) {
  const { child, address } = await started(example, 'lenet5');
  const huge = { ...image, bytes: Buffer.alloc(20_000_000, 1) };
  const none = { ...image, bytes: Buffer.from('no image') };
  const rows: (readonly (string | number)[])[] = [];
  const see = (what: string | number) => rows.push([what, (residentBytes(child) / 2 ** 20).toFixed(0)]);
  const count = (amount: number) => ({ connections: 8, amount });
  try {
    see('start');
    let done = 0;
    for (const all of [1000, 5000, 10_000, 20_000, 40_000]) {
      await loaded(autocannon, address, image, count(all - done));
      done = all;
      see(all.toLocaleString('en'));
    }
    const statuses = [];
    for (const one of [none, huge]) {
      const answer = await fetch(address, {
        method: 'POST',
        headers: { 'content-type': one.type },
        body: new Uint8Array(one.bytes),
      });
      statuses.push(`${answer.status} \`${(await answer.text()).trim()}\``);
    }
    const { non2xx } = await loaded(autocannon, address, none, count(1000));
    see(`1,000 uploads of no image (${non2xx} refused)`);
    const refused = await loaded(autocannon, address, huge, { connections: 2, amount: 100 });
    see(`100 uploads of 20 MB (${refused.non2xx + refused.errors} refused)`);
    return { rows, statuses };
  } finally {
    await stopped(child);
  }
}

function loaded(
  autocannon: Autocannon,
  address: string,
  { type, bytes }: Image,
  much: Readonly<Record<string, number>>,
): Promise<Load> {
  return autocannon({
    ...{ url: address, method: 'POST', headers: { 'content-type': type }, body: bytes, timeout: 60 },
    ...much,
  });
}

async function started(
  cwd: string,
  model: string,
  settings: Readonly<Record<string, string>> = {},
): Promise<{ readonly child: ChildProcess; readonly address: string }> {
  const child = spawn(process.execPath, ['server.js', model], {
    cwd,
    env: { ...process.env, PORT: '0', ...settings },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  for await (const line of createInterface({ input: child.stdout })) {
    const address = / answers at (\S+)$/.exec(line)?.[1];
    if (address !== undefined) return { child, address };
  }
  throw new Error('expected the server to listen, found that it ended');
}

/** The network that answers, whatever its folder is called. */
async function networkAt(address: string): Promise<string> {
  const answer = await fetch(new URL('/health', address));
  return ((await answer.json()) as { readonly network: string }).network;
}

async function stopped(child: ChildProcess): Promise<void> {
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  await ended;
}

function residentBytes({ pid }: ChildProcess): number {
  const [, kilobytes] = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))!;
  return 1024 * Number(kilobytes);
}

function text(
  rows: readonly (readonly (string | number)[])[],
  { rows: memory, statuses }: Awaited<ReturnType<typeof memoryOver>>,
  picture: Image,
): string {
  const metadata = `${(picture.bytes.length / 1000).toFixed(0)} kB`;
  return `# The server under load

[examples/serve](../../examples/serve/server.js), asked by autocannon 8 over the loopback of the same machine, ${seconds} s each: LeNet-5 for a digit (PNG, 28×28), GoogLeNet for a photo (JPEG, ${metadata}). The batch is how many waiting images are computed at once at most (\`BATCH\`).

${markdownTable(['network', 'batch', 'connections', 'images/s', 'p50, ms', 'p99, ms'], rows)}

Memory of the process that answers for digits, over 8 connections:

${markdownTable(['requests', 'resident, MiB'], memory)}

What is no image is answered by ${statuses[0]}, 20 MB by ${statuses[1]}.

\`npm run build && npx tsx scripts/peers/serve/measure-server.ts\`, commit \`${commit()}\`, ${new Date().toISOString().slice(0, 10)}, ${execFileSync('nproc', { encoding: 'utf8' }).trim()} cores of ${cpuModel()}, which autocannon shares; load average at the end ${loadavg()[0]!.toFixed(1)}.
`;
}

main(process.argv.slice(2)).catch(fail);
