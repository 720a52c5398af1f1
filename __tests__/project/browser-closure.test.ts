import { readdirSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { join } from 'node:path';
import { createContext, Script } from 'node:vm';
import { build, type BuildResult, type Metafile } from 'esbuild';
import { zoo } from '../../models/registry';
import { drawDigits } from '../../src/data/formats/digits/digits';
import { tf } from '../../src/core/tf';
import { useBackend } from '../../src/runtime/backend';
import { eagerStep } from '../../src/train/step/eager-step';
import type { GradientRecipe } from '../../src/train/step/gradient-descent';
import { train } from '../../src/train/train';
import { projectRoot } from '../support/places';

const layers = readdirSync(join(projectRoot, 'src/layers'), { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts'))
  .map((name) => `src/layers/${name}`);

type Bundled = BuildResult<{ write: false; metafile: true }>;

/** @param contents a module in the project's root that holds what is bundled */
async function bundled(contents: string, format: 'esm' | 'iife' = 'esm'): Promise<Bundled> {
  return build({
    stdin: { contents, resolveDir: projectRoot, sourcefile: 'entry.ts', loader: 'ts' },
    absWorkingDir: projectRoot,
    bundle: true,
    write: false,
    metafile: true,
    platform: 'browser',
    loader: { '.wasm': 'binary', '.safetensors': 'binary' },
    format,
    outfile: 'out.js',
    globalName: 'bundle',
    target: 'es2023',
    logLevel: 'silent',
  });
}

/** What modules of Node's a bundle imports, and who imports them. Packages say themselves what browsers do without. */
function importsOfNode({ inputs }: Metafile): string[] {
  return Object.entries(inputs).flatMap(([file, { imports }]) =>
    imports.filter(({ path }) => isBuiltin(path)).map(({ path }) => `${file} imports ${path}`),
  );
}

test.each<string[]>([
  ['the networks', "export * from './models/registry';"],
  ['the layers', layers.map((file) => `export * from './${file}';`).join('\n')],
  [
    'the training loop with the eager step',
    "export * from './src/train/train'; export * from './src/train/step/eager-step';",
  ],
  ['the choice of a step', "export * from './src/train/step/choose-step';"],
  ['predictions', "export * from './src/evaluate/scores/predict';"],
  ...['networks', 'layers', 'browser'].map((entry) => [
    `cnn-lineage/${entry}`,
    `export * from './${entry}';`,
  ]),
])('%s import nothing of Node', async (_, contents) => {
  // A bundle for browsers refuses modules of Node's, so that it is made at all says the same.
  expect(importsOfNode((await bundled(contents)).metafile)).toEqual([]);
});

test('an import of Node is found', async () => {
  await expect(bundled("export * from './src/data/loader/loader';")).rejects.toThrow(
    /Could not resolve "node:worker_threads"/,
  );
});

const training = `
import { zoo } from './models/registry';
import { tf } from './src/core/tf';
import { drawDigits } from './src/data/formats/digits/digits';
import { eagerStep } from './src/train/step/eager-step';
import { train } from './src/train/train';
export { zoo, tf, drawDigits, eagerStep, train };
`;

const parts = { zoo, tf, drawDigits, eagerStep, train };
type Parts = typeof parts;

async function lossesOf({
  zoo,
  tf,
  drawDigits,
  eagerStep,
  train,
}: Parts): Promise<{ losses: number[]; backend: string }> {
  const { recipe, build: builder } = zoo.lenet5;
  const { train: data } = drawDigits({ seed: 1, train: 12, test: 1 });
  const model = builder({ classes: 10, seed: 1 });
  // Plain gradient descent, since the paper's rule first looks at more images than there are here.
  const plain: GradientRecipe = {
    ...recipe,
    epochs: 1,
    batchSize: 4,
    optimiser: { kind: 'momentum', momentum: 0.9 },
  };
  const step = eagerStep(model, plain, 1);
  const losses: number[] = [];
  for await (const { loss } of train({ model, recipe: plain, data, seed: 1, step })) losses.push(loss);
  step.dispose();
  return { losses, backend: tf.getBackend() };
}

test('lenet5 trains in a place without Node, and its losses are those in Node', async () => {
  const { outputFiles } = await bundled(training, 'iife');
  // What a page's worker has and this needs; everything else is missing: process, Buffer, require, setImmediate.
  const page: Record<string, unknown> = {
    console,
    performance,
    setTimeout,
    clearTimeout,
    MessageChannel,
    TextEncoder,
  };
  Object.assign(page, { self: page, navigator: { userAgent: 'a page' }, WorkerGlobalScope: Object });
  const context = createContext(page);
  new Script(`${outputFiles[0]!.text}\nself.bundle = bundle;`, { filename: 'bundle.js' }).runInContext(
    context,
  );
  const there = await lossesOf(page.bundle as Parts);
  await useBackend('cpu');
  const here = await lossesOf(parts);
  expect(there.backend).toBe('cpu');
  expect(there.losses).toHaveLength(3);
  expect(there.losses).toEqual(here.losses);
  expect(Math.abs(there.losses[0]! - there.losses[2]!)).toBeGreaterThan(0);
});
