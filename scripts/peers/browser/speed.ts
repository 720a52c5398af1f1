/**
 * Times training and inference in a real browser, by this project and by tfjs's own `fit` and `predict` on the same
 * layers, beside Node's wasm, in alternation: `npx tsx scripts/peers/browser/speed.ts OUT.json [NETWORK]`.
 * `LINEAGE_CHROMIUM` names the browser.
 */
import { execFileSync } from 'node:child_process';
import { createReadStream, existsSync, mkdtempSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { chromium, type Page } from 'playwright-core';
import * as browser from '../../../browser';
import { predict, train, useBackend } from '../../../index';
import type { NetworkName } from '../../../models/registry';
import { median } from '../../../src/report/bench/peers';
import { machine } from '../../../src/runtime/machine';
import { timedTurn, type Turn, type Work } from './timed-turn';

declare global {
  /** In the page: what `cnn-lineage/browser` exports, and a turn of the timing. */
  var timing: typeof browser & { timedTurn: typeof timedTurn };
}

const root = join(__dirname, '..', '..', '..');
/** What is timed, and how often in a turn; software imitates WebGL, which takes minutes for a large network. */
const cases: readonly {
  readonly network: NetworkName;
  readonly batch: number;
  readonly rounds: number;
  /** Batches in a turn. */
  readonly turns: Readonly<Record<'wasm' | 'webgl', number>>;
}[] = [
  { network: 'lenet5', batch: 32, rounds: 5, turns: { wasm: 30, webgl: 3 } },
  { network: 'lenet5', batch: 128, rounds: 5, turns: { wasm: 10, webgl: 3 } },
  { network: 'alexnet', batch: 1, rounds: 2, turns: { wasm: 2, webgl: 1 } },
];

async function site(): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'lineage-speed-'));
  await build({
    stdin: {
      contents: "export * from './browser'; export { timedTurn } from './scripts/peers/browser/timed-turn';",
      resolveDir: root,
      loader: 'ts',
    },
    outfile: join(folder, 'lineage.js'),
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    loader: { '.wasm': 'binary', '.safetensors': 'binary' },
  });
  const script = "import * as lib from './lineage.js'; globalThis.timing = lib;";
  writeFileSync(join(folder, 'index.html'), `<!doctype html><script type="module">${script}</script>`);
  return folder;
}

async function opened(page: Page, address: string, backend: 'wasm' | 'webgl'): Promise<Page> {
  await page.goto(`${address}/index.html`);
  await page.waitForFunction(() => 'timing' in globalThis);
  await page.evaluate((name) => timing.useBackend(name), backend);
  return page;
}

/** Milliseconds a batch, by who computed and what. */
type Times = Record<string, Partial<Record<Work, number[]>>>;

async function main(): Promise<void> {
  const [out, only] = process.argv.slice(2);
  const executablePath = process.env['LINEAGE_CHROMIUM'] ?? '/usr/bin/chromium';
  if (out === undefined) throw new Error('expected a file for the figures');
  const folder = await site();
  const server = createServer((request, response) => {
    const path = join(folder, new URL(request.url!, 'http://localhost').pathname);
    if (!existsSync(path)) return void response.writeHead(404).end();
    response.writeHead(200, { 'content-type': path.endsWith('.js') ? 'text/javascript' : 'text/html' });
    createReadStream(path).pipe(response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const args = ['--no-sandbox', '--use-angle=swiftshader', '--enable-unsafe-swiftshader'];
  const started = await chromium.launch({ executablePath, args });
  const version = started.version();
  const runtime = await useBackend('wasm');
  const figures: object[] = [];
  for (const { network, batch, rounds, turns } of cases) {
    if (only !== undefined && network !== only) continue;
    const pages = {
      wasm: await opened(await started.newPage(), address, 'wasm'),
      webgl: await opened(await started.newPage(), address, 'webgl'),
    };
    const times: Times = {};
    const note = (who: string, work: Work, found: number) => ((times[who] ??= {})[work] ??= []).push(found);
    for (let round = 0; round <= rounds; round++) {
      for (const work of ['training', 'inference'] as const) {
        for (const backend of ['wasm', 'webgl'] as const) {
          for (const by of ['ours', 'tfjs'] as const) {
            const turn: Turn = { network, batch, work, by, batches: round === 0 ? 1 : turns[backend] };
            const found = await pages[backend].evaluate((asked) => timing.timedTurn(timing, asked), turn);
            // The first round compiles what the others run.
            if (round > 0) note(`${backend}, ${by}`, work, found);
            process.stderr.write(
              `${network}, ${batch}, ${backend}, ${by}, ${work}: ${found.toFixed(1)} ms\n`,
            );
          }
        }
        const turn: Turn = { network, batch, work, by: 'ours', batches: round === 0 ? 1 : turns.wasm };
        const found = await timedTurn(inNode, turn);
        if (round > 0) note('Node wasm, ours', work, found);
      }
      process.stderr.write(`${network}, ${batch}: round ${round} of ${rounds}\n`);
    }
    const perSecond = Object.fromEntries(
      Object.entries(times).map(([who, found]) => [
        who,
        Object.fromEntries(
          Object.entries(found).map(([work, values]) => [work, (1000 * batch) / median(values)]),
        ),
      ]),
    );
    figures.push({ network, batch, imagesPerSecond: perSecond });
    process.stdout.write(`${JSON.stringify(figures.at(-1))}\n`);
    await pages.wasm.close();
    await pages.webgl.close();
  }
  await started.close();
  server.close();
  const commit = execFileSync('git', ['rev-parse', 'HEAD'], { cwd: root, encoding: 'utf8' }).trim();
  const facts = { made: new Date().toISOString(), commit, chromium: version };
  writeFileSync(out, `${JSON.stringify({ ...facts, machine: machine(runtime), figures }, null, 2)}\n`);
}

/** What a page has, in Node. */
const inNode = { ...browser, train, predict };

void main();
