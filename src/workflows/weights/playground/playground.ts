/** Makes the playground's page: of the weights that come with the package, or of one's own model. */
import { createRequire } from 'node:module';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expectOptions, type OptionNames } from '../../../core/given/options';
import { wholeNumber } from '../../../core/given/numbers';
import { writeFileAtomically } from '../../../core/io/files';
import type * as Serving from '../../../report/page/server';
import type { PageServer } from '../../../report/page/server';
import { openContext, workflowOptions, type Context, type WorkflowOptions, type Zoo } from '../../context';
import { expectEnding, packageFolder } from '../../data/found-path';
import { pageDigits } from './digits';
import { lineageOf, packedLineage } from './lineage';
import type { PageData, PageModel } from './page-data';
import { openFolder, type Opened } from '../../trained/open-folder';
import { pageModel } from './page-model';
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
  const html = await htmlOf(data);
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
  const html = await htmlOf(await packageData(options, context));
  const serving = createRequire(__filename)('../../../report/page/server') as typeof Serving;
  return serving.servePage({
    port,
    page: async () => html,
    stamp: () => '',
    onError: (error) => {
      throw error;
    },
  });
}

async function htmlOf(data: PageData): Promise<string> {
  return playgroundHtml(await playgroundProgram(), data);
}

async function packageData(options: PlaygroundOptions, context: Context): Promise<PageData> {
  const seed = wholeNumber('seed', options.seed ?? 1, 0);
  const models: PageModel[] = [];
  let digits: PageData['digits'] = [];
  for (const name of ofPackage) {
    const folder = join(packageFolder(), 'trained', name);
    const opened = await openFolder(folder, {}, context);
    try {
      models.push(await pageModel(name, folder, opened, context));
      if (models.length === 1) digits = await pageDigits(opened, seed, context);
    } finally {
      opened.model.dispose();
    }
  }
  return { ...(await about(context)), models, digits, lineage: await lineage(context) };
}

/**
 * The page of one model of one’s own.
 * @param folder what `openFolder` opened
 * @throws UserError if the model is too large for a page
 */
export async function modelPage(
  name: string,
  folder: string,
  opened: Opened,
  context: Context,
): Promise<string> {
  const model = await pageModel(name, folder, opened, context);
  const digits = isOfDigits(opened) ? await pageDigits(opened, 1, context) : [];
  const data = { ...(await about(context)), models: [model], digits, lineage: await lineage(context) };
  return htmlOf(data);
}

/** Whether a network tells digits of one channel apart. */
function isOfDigits({ labels, recipe }: Opened): boolean {
  const [, , channels] = recipe.input.shape;
  return channels === 1 && labels?.join('') === '0123456789';
}

/** The lineage as the page has it. */
function lineage({ zoo, remark }: Context): Promise<string> {
  return packedLineage(lineageOf(zoo, packageFolder(), remark));
}

/** The version of the package, and its commit where it is known. */
async function about({ provenance }: Context): Promise<Pick<PageData, 'version' | 'commit'>> {
  const { version } = JSON.parse(await readFile(join(packageFolder(), 'package.json'), 'utf8')) as {
    version: string;
  };
  return { version, commit: provenance.commit };
}
