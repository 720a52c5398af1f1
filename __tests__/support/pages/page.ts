import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import type { Browser, Page } from 'playwright-core';
import type * as browser from '../../../browser';
import type * as layers from '../../../layers';
import { served } from './chromium';
import { temporaryFolder } from '../fixtures';
import { projectRoot } from '../places';

declare global {
  /** In the page: what `cnn-lineage/browser` and `/layers` export. */
  var lib: typeof browser & typeof layers;
}

const site = temporaryFolder();

/** Bundles `cnn-lineage/browser` from its sources, as `window.lib` of a page, and as a module for workers. */
export async function buildSite(): Promise<string> {
  await build({
    stdin: {
      contents: "export * from './browser'; export * from './layers';",
      resolveDir: projectRoot,
      sourcefile: 'lineage.ts',
      loader: 'ts',
    },
    entryNames: 'lineage',
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    outdir: site,
    loader: { '.wasm': 'binary', '.safetensors': 'binary' },
    logLevel: 'error',
  });
  writeFileSync(
    join(site, 'index.html'),
    `<!doctype html><title>lineage</title><link rel="icon" href="data:,">
<script type="module">import * as lib from '../lineage.js'; globalThis.lib = lib;</script>`,
  );
  return site;
}

/** Opens that page; errors that nobody caught fail the test. */
export async function onPage(
  browser: Browser,
  use: (page: Page, address: string) => Promise<void>,
): Promise<void> {
  await served(site, async (address) => {
    const page = await browser.newPage();
    const errors: string[] = [];
    page.on('pageerror', (error) => errors.push(error.message));
    await page.goto(`${address}/index.html`);
    await page.waitForFunction(() => 'lib' in globalThis);
    await use(page, address);
    expect(errors).toEqual([]);
  });
}
