import { createReadStream, existsSync, statSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join } from 'node:path';

/** The part of playwright-core's page that is used here; it may not be installed. */
export interface Page {
  goto(url: string): Promise<unknown>;
  /** What an expression in the page comes to. */
  evaluate<R>(expression: string): Promise<R>;
  textContent(selector: string): Promise<string | null>;
  setInputFiles(selector: string, file: string): Promise<void>;
  waitForFunction(work: string): Promise<unknown>;
  on(event: 'request', hear: (request: { url(): string }) => void): void;
  on(event: 'pageerror', hear: (error: Error) => void): void;
  on(event: 'console', hear: (message: { type(): string; text(): string }) => void): void;
}

interface Browser {
  newPage(): Promise<Page>;
  close(): Promise<void>;
}

interface Playwright {
  readonly chromium: {
    launch(options: { executablePath: string; args: string[] }): Promise<Browser>;
  };
}

const places = [
  process.env['LINEAGE_CHROMIUM'],
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
];
const executablePath = places.find((path) => path !== undefined && existsSync(path));

function playwright(): Playwright | undefined {
  try {
    // eslint-disable-next-line @typescript-eslint/no-require-imports
    return require('playwright-core') as Playwright;
  } catch {
    return undefined;
  }
}

/** A test in a real browser; skipped under a name that says why where there is none. */
export function testInChromium(name: string, check: (browser: Browser) => Promise<void>): void {
  const driver = playwright();
  const lacking = !driver
    ? 'playwright-core is not installed'
    : !executablePath
      ? 'no Chromium is here'
      : undefined;
  if (lacking) return test.skip(`${name} (${lacking}; LINEAGE_CHROMIUM names one)`, () => undefined);
  test(name, async () => {
    const args = ['--no-sandbox', '--use-angle=swiftshader', '--enable-unsafe-swiftshader'];
    const browser = await driver!.chromium.launch({ executablePath: executablePath!, args });
    try {
      await check(browser);
    } finally {
      await browser.close();
    }
  });
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
