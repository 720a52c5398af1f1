/** The bench for trying commands: images and trained networks in a temporary folder. */
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:http';
import { createReadStream, existsSync, statSync } from 'node:fs';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, normalize, resolve } from 'node:path';
import { UserError } from '../../src/core/errors';
import { note } from '../cli/terminal/output';
import { drawGiven, expectData, trainGiven } from './given-folders';
import { tables } from './tables/other-tables';
import type { CommandTable } from './declaration';
import { runCommand, type Bench } from './run-cell';

export const root = join(__dirname, '..', '..');
const loader = require.resolve('tsx');

/** The tables of the named commands; of all commands if none is named. */
export function tablesOf(names: readonly string[]): readonly CommandTable[] {
  const unknown = names.find((name) => !tables.some(({ command }) => command === name));
  if (unknown !== undefined) throw new UserError(`expected the name of a command, found ${unknown}`);
  return tables.filter(({ command }) => names.length === 0 || names.includes(command));
}

/**
 * @param use called with the bench and a folder for trials
 * @throws UserError if data that some commands are tried on is missing
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

/** Serves the files of a folder from this machine, as a mirror on the web would. */
async function serveFolder(
  folder: string,
): Promise<{ readonly address: string; readonly close: () => void }> {
  const server = createServer(({ url = '/' }, response) => {
    const path = join(folder, normalize(new URL(url, 'http://localhost').pathname));
    if (!existsSync(path)) return void response.writeHead(404).end();
    response.writeHead(200, { 'content-length': statSync(path).size });
    createReadStream(path).pipe(response);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const close = () => {
    server.closeAllConnections();
    server.close();
  };
  return { address, close };
}
