import { createReadStream, existsSync, statSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join } from 'node:path';
import { chromium, type Browser, type Page } from 'playwright-core';

const places = [
  process.env['LINEAGE_CHROMIUM'],
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
];
const executablePath = places.find((path) => path !== undefined && existsSync(path));

/** WebGL and WebGPU computed by the processor, since machines that run tests have no graphics card. */
const software = [
  '--no-sandbox',
  '--use-angle=swiftshader',
  '--enable-unsafe-swiftshader',
  '--enable-unsafe-webgpu',
  '--use-webgpu-adapter=swiftshader',
];

/** The browsers that the tests of a file share, by their switches. */
const launched = new Map<string, Promise<Browser>>();

function launch(switches: readonly string[]): Promise<Browser> {
  const known =
    launched.get(switches.join()) ??
    chromium.launch({ executablePath: executablePath!, args: [...software, ...switches] });
  launched.set(switches.join(), known);
  return known;
}

afterAll(async () => {
  for (const browser of launched.values()) await (await browser).close();
});

/**
 * A test in a real browser; skipped under a name that says why where there is none. The tests of a file share the
 * browser; its pages are closed after each.
 * @param limit in milliseconds. Default: jest's
 * @param switches of Chromium's command line besides
 */
export function testInChromium(
  name: string,
  check: (browser: Browser) => Promise<void>,
  limit?: number,
  switches: readonly string[] = [],
): void {
  if (executablePath === undefined)
    return test.skip(`${name} (no Chromium is here; LINEAGE_CHROMIUM names one)`, () => undefined);
  test(
    name,
    async () => {
      const browser = await launch(switches);
      try {
        await check(browser);
      } finally {
        await Promise.all(browser.contexts().map((context) => context.close()));
      }
    },
    limit,
  );
}

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.json': 'application/json',
};

/** Serves the files of a folder as any static server does. */
export async function served<R>(folder: string, use: (address: string) => Promise<R>): Promise<R> {
  const server: Server = createServer((request, response) => {
    const path = join(folder, new URL(request.url!, 'http://localhost').pathname);
    if (!existsSync(path) || !statSync(path).isFile()) return void response.writeHead(404).end();
    response.writeHead(200, { 'content-type': types[extname(path)] ?? 'application/octet-stream' });
    createReadStream(path).pipe(response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    return await use(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}

/**
 * Opens a page without any network, and notes what must not happen: errors, and requests of anything but the page.
 * @param options of the browser's page, such as `viewport`
 * @returns the page, and what happened that must not
 */
export async function openedOffline(
  browser: Browser,
  address: string,
  options: object = {},
): Promise<[Page, readonly string[]]> {
  const page = await browser.newPage({ offline: true, ...options });
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
  page.on('request', (request) => {
    const url = request.url();
    const [own = ''] = address.split('#');
    if (!url.startsWith(own) && !url.startsWith('data:')) complaints.push(`a request of ${url}`);
  });
  await page.goto(address);
  return [page, complaints];
}
