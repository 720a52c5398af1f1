/** What commands are tried on, drawn and trained in a folder that is gone afterwards. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { UserError } from '../../src/core/errors';
import { note } from '../cli/output';
import { drawGiven, expectData, trainGiven } from './given-folders';
import { tables } from './tables/other-tables';
import type { CommandTable } from './declaration';
import { runCommand, type Bench } from './run-cell';
import { serveFolder } from './serve-folder';

export const root = join(__dirname, '..', '..');
const loader = require.resolve('tsx');

/** The tables of some commands, by default of all. */
export function tablesOf(names: readonly string[]): readonly CommandTable[] {
  const unknown = names.find((name) => !tables.some(({ command }) => command === name));
  if (unknown !== undefined) throw new UserError(`expected the name of a command, found ${unknown}`);
  return tables.filter(({ command }) => names.length === 0 || names.includes(command));
}

/**
 * @param use is given the bench and a folder for trials
 * @throws UserError where the data is lacking on which some commands are tried
 */
export async function withBench(use: (bench: Bench, work: string) => Promise<void>): Promise<void> {
  const data = resolve(expectData(process.env['LINEAGE_DATA']));
  const work = await mkdtemp(join(tmpdir(), 'lineage-options-'));
  const { address, close } = await serveFolder(data);
  try {
    await use(await prepared(work, data, address), work);
  } finally {
    close();
    await rm(work, { recursive: true, force: true, maxRetries: 10, retryDelay: 1000 });
  }
}

async function prepared(work: string, data: string, server: string): Promise<Bench> {
  const given = join(work, 'given');
  const stock = join(root, 'scripts', 'peers', 'bench', 'stock-tfjs.ts');
  const observe = join(root, 'scripts', 'options-table', 'observe.ts');
  const program = ['--import', loader, '--import', observe, join(root, 'scripts', 'cnn-lineage.ts')];
  const bench = { given, program, server };
  note('drawing images and training what the commands are tried on');
  await drawGiven(given, data, loader, stock);
  await trainGiven(given, async (command, words) => {
    const { code, stderr } = await runCommand(bench, given, command, { words });
    if (code !== 0) throw new Error(`${command} ${words.join(' ')} ended with code ${code}: ${stderr}`);
  });
  await rm(join(given, 'observed.json'), { force: true });
  return bench;
}
