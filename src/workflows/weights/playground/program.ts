/** The playground's program: one script, which is the page and the worker that trains for it. */
import type * as Esbuild from 'esbuild';
import { join } from 'node:path';
import { loadedWhenUsed } from '../../../core/io/process/optional-package';
import { builtOr } from '../page-scripts';

/** Bundles from the sources of a checkout; the package brings what it made of them. */
const esbuild = loadedWhenUsed<typeof Esbuild>('esbuild', 'bundling the playground');

/** Where the package has the script. */
export const programFile = join('dist', 'page', 'playground.js');

/** The script. */
export async function playgroundProgram(): Promise<string> {
  return builtOr(programFile, bundledProgram);
}

/** The script, bundled from a checkout's sources. */
export async function bundledProgram(home: string): Promise<string> {
  const { outputFiles } = await esbuild().build({
    absWorkingDir: home,
    entryPoints: [join('playground', 'main.tsx')],
    bundle: true,
    minify: true,
    write: false,
    platform: 'browser',
    format: 'iife',
    target: 'es2022',
    // zod tries whether it may compile code, which the page's policy forbids and Firefox then reports.
    banner: { js: 'globalThis.__zod_globalConfig = { jitless: true };' },
    jsx: 'automatic',
    jsxImportSource: 'preact',
    loader: { '.wasm': 'binary', '.safetensors': 'empty', '.css': 'text' },
    // Its weights are in the page's data.
    external: ['*.safetensors'],
    logLevel: 'warning',
  });
  return outputFiles[0]!.text;
}
