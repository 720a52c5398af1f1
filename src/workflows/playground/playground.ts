/** Makes the playground's page: of the weights that come with the package, or of one's own model. */
import { createRequire } from 'node:module';
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { UserError } from '../../core/errors';
import { expectOptions, type OptionNames } from '../../core/given/options';
import { wholeNumber } from '../../core/given/numbers';
import { writeFileAtomically } from '../../core/io/files';
import type * as Serving from '../../report/page/server';
import type { PageServer } from '../../report/page/server';
import { fittedFile } from '../../weights/fitted-values';
import { modelFiles } from '../../weights/model-record';
import { openContext, workflowOptions, type Context, type WorkflowOptions, type Zoo } from '../context';
import { expectEnding, packageFolder } from '../data/found-path';
import { pageDigits } from './digits';
import { lineageOf, packedLineage } from './lineage';
import type { PageData, PageModel } from './page-data';
import { playgroundHtml } from './page';
import { playgroundProgram } from './program';

export interface PlaygroundOptions extends WorkflowOptions {
  /** Fixes the digits that the page begins with. Default: 1. */
  readonly seed?: number | undefined;
}

export interface WritePlaygroundOptions extends PlaygroundOptions {
  /** The file to make, which ends in .html. */
  readonly out: string;
}

export interface ServePlaygroundOptions extends PlaygroundOptions {
  /** The port; 0 takes any free one. */
  readonly port: number;
}

const names: OptionNames<PlaygroundOptions> = { seed: 'optional', ...workflowOptions };

/** The page as a file. */
export interface WrittenPlayground {
  readonly out: string;
  readonly bytes: number;
  /** The models in it. */
  readonly models: readonly string[];
}

/** The weights of the package that the page has, the one that it shows first first. */
const ofPackage = ['lenet5', 'lenet1', 'lecun1989'] as const;

/**
 * Writes the playground as one file, which needs no server.
 * @throws UserError if the file's name does not end in .html, or it cannot be written
 */
export async function writePlayground(zoo: Zoo, options: WritePlaygroundOptions): Promise<WrittenPlayground> {
  expectOptions('writePlayground', options, { out: 'required', ...names });
  const { out } = options;
  expectEnding('out', out, '.html');
  const context = await openContext(zoo, ['writePlayground', options], options);
  const data = await packageData(options, context);
  const html = await playgroundHtml(await playgroundProgram(), data);
  await writeFileAtomically(out, html);
  return { out, bytes: Buffer.byteLength(html), models: data.models.map(({ name }) => name) };
}

/**
 * Serves the playground on this machine.
 * @throws UserError if the port is not free
 */
export async function servePlayground(zoo: Zoo, options: ServePlaygroundOptions): Promise<PageServer> {
  expectOptions('servePlayground', options, { port: 'required', ...names });
  const port = wholeNumber('port', options.port, 0, 65_535);
  const context = await openContext(zoo, ['servePlayground', options], options);
  const data = await packageData(options, context);
  const html = await playgroundHtml(await playgroundProgram(), data);
  const serving = createRequire(__filename)('../../report/page/server') as typeof Serving;
  return serving.servePage({
    port,
    page: async () => html,
    stamp: () => '',
    onError: (error) => {
      throw error;
    },
  });
}

async function packageData({ seed = 1 }: PlaygroundOptions, context: Context): Promise<PageData> {
  const home = packageFolder();
  const folders = ofPackage.map((name) => join(home, 'trained', name));
  const models = await Promise.all(ofPackage.map((name, at) => pageModel(name, folders[at]!)));
  return {
    ...(await about(context)),
    models,
    digits: await pageDigits(folders[0]!, seed, context),
    lineage: await packedLineage(lineageOf(context.zoo, home, context.remark)),
  };
}

/** The version of the package, and its commit where it is known. */
async function about({ provenance }: Context): Promise<Pick<PageData, 'version' | 'commit'>> {
  const { version } = JSON.parse(await readFile(join(packageFolder(), 'package.json'), 'utf8')) as {
    version: string;
  };
  return { version, commit: provenance.commit };
}

/** @throws UserError if the folder is none of a model */
async function pageModel(name: string, folder: string): Promise<PageModel> {
  const wanted: readonly string[] = [modelFiles.record, modelFiles.weights, fittedFile];
  const there = (await readdir(folder)).filter((file) => wanted.includes(file));
  if (!there.includes(modelFiles.record))
    throw new UserError(`${folder}: expected the folder of a model, found no ${modelFiles.record} in it`);
  const files = await Promise.all(
    there.map(async (file) => [file, (await readFile(join(folder, file))).toString('base64')] as const),
  );
  const { network } = JSON.parse(await readFile(join(folder, modelFiles.record), 'utf8')) as {
    network: string;
  };
  return { name, network, files: Object.fromEntries(files) };
}
