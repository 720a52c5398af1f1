/** What ranks do together: it succeeds on all of them, or fails on all with one line that names the rank. */
import { readFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { UserError, messageOf } from '../../errors';
import { writeFileAtomically } from '../files';
import { gatherJson, type Communicator } from './communicator';

/** What went wrong on one rank. */
interface Failure {
  readonly line: string;
  readonly mistake: boolean;
  readonly host: string;
}

/**
 * Does something on every rank, and waits for all of them.
 * @throws on all ranks if it fails on any: the error itself where all fail alike, else the line of the first rank that
 *   failed
 */
export async function together<Result>(ranks: Communicator, work: () => Promise<Result>): Promise<Result> {
  if (ranks.size === 1) return work();
  const own = await work().then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  );
  const failed = 'error' in own ? failureOf(own.error) : null;
  const all = await gatherJson(ranks, failed);
  const rank = all.findIndex((one) => one !== null);
  if ('value' in own && rank === -1) return own.value;
  const { line, mistake, host } = all[rank]!;
  const alike = all.every((one) => one?.line === line);
  if ('error' in own && (alike || (rank === 0 && ranks.rank === 0))) throw own.error;
  const named = rank === 0 ? line : `${rankText(rank, host, ranks)}: ${line}`;
  throw mistake ? new UserError(named) : new Error(named);
}

function failureOf(error: unknown): Failure {
  return { line: messageOf(error), mistake: error instanceof UserError, host: hostname() };
}

/** Its number, and its host where the ranks are on several. */
export function rankText(rank: number, host: string, { size, local }: Communicator): string {
  return local.size === size ? `rank ${rank}` : `rank ${rank} on ${host}`;
}

/** What has to be the same on all ranks, by the words for it; each value is plain data. */
export type Facts = Readonly<Record<string, unknown>>;

/** @throws UserError on all ranks, for the first rank whose facts are not those of rank 0 */
export async function expectSame(ranks: Communicator, facts: Facts): Promise<void> {
  if (ranks.size === 1) return;
  const own = Object.entries(facts).map(([name, value]) => [name, JSON.stringify(value) ?? 'none'] as const);
  const all = await gatherJson(ranks, { host: hostname(), own });
  const expected = new Map(all[0]!.own);
  for (const [rank, { host, own: theirs }] of all.entries()) {
    const found = new Map(theirs);
    const names = [...new Set([...expected.keys(), ...found.keys()])];
    const other = names.find((name) => expected.get(name) !== found.get(name));
    if (other === undefined) continue;
    const [wanted, has] = [expected, found].map((given) => given.get(other) ?? 'none');
    throw new UserError(
      `${rankText(rank, host, ranks)}: expected the same ${other} as rank 0, ${wanted}, found ${has}`,
    );
  }
}

/** Rank 0's value, plain data, on all ranks; what the others give is not used. */
export async function ofFirst<Value>(ranks: Communicator, value: Value): Promise<Value> {
  if (ranks.size === 1) return value;
  return (await gatherJson(ranks, ranks.rank === 0 ? value : null))[0] as Value;
}

/** Does something on rank 0 alone, such as what writes files; all ranks get its result, plain data, or its failure. */
export async function byFirst<Result>(ranks: Communicator, work: () => Promise<Result>): Promise<Result> {
  if (ranks.size === 1) return work();
  const own = await together(ranks, async () => (ranks.rank === 0 ? work() : null));
  return ofFirst(ranks, own as Result);
}

/** Copies a file of rank 0 to the path that each other rank gives. */
export async function copyFile(ranks: Communicator, path: string): Promise<void> {
  if (ranks.size === 1) return;
  const own = await together(ranks, async () => (ranks.rank === 0 ? readFile(path) : null));
  const length = await ofFirst(ranks, own?.length ?? 0);
  const bytes = own ?? new Uint8Array(length);
  await ranks.broadcast(bytes);
  await together(ranks, async () => {
    if (ranks.rank !== 0) await writeFileAtomically(path, bytes);
  });
}
