/** This process as one of the ranks that mpirun started: rank 0 prints, and whichever fails ends all. */
import { hostname } from 'node:os';
import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  isOneOfSeveral,
  openCommunicator,
  startedRank,
  type OpenCommunicator,
} from '../../../src/runtime/mpi/started-ranks';
import { endAsIf } from '../terminal/interruption';

/** Longer than rank 0 takes to say what went wrong on all ranks, and to end them. */
const firstMilliseconds = 1500;

/** Says to rank 0 that its standard input ends when the program does that started the ranks. */
export const launchedVariable = 'CNN_LINEAGE_LAUNCHED';

let opened: OpenCommunicator | undefined;

/** Whether another rank prints. */
export function isSilent(): boolean {
  return isOneOfSeveral(process.env) && startedRank(process.env) !== 0;
}

/** The communicator of this command; undefined if it was not started as one of several ranks. */
export async function joinRanks(): Promise<OpenCommunicator | undefined> {
  if (!isOneOfSeveral(process.env)) return undefined;
  opened ??= await openCommunicator({
    onLost: (line) => void process.stderr.write(`cnn-lineage: ${line}\n`),
  });
  return opened;
}

/** Leaves the ranks once all of them are done. */
export async function leaveRanks(): Promise<void> {
  const leaving = opened;
  opened = undefined;
  await leaving?.close();
}

/**
 * Lets mpirun end this process: SIGUSR1, which it passes on to all ranks, makes them save and end, and so does the end
 * of the program that started them with `--ranks`.
 * @returns false for a process that is no rank
 */
export function endWithRanks(): boolean {
  if (!isOneOfSeveral(process.env)) return false;
  process.on('SIGUSR1', () => endAsIf('SIGTERM'));
  if (process.env[launchedVariable] !== undefined && !isSilent()) {
    process.stdin.on('end', () => endAsIf('SIGTERM')).resume();
    // It does not keep the process alive: standard input is a pipe, which is a socket in Node.
    (process.stdin as Partial<Pick<Socket, 'unref'>>).unref?.();
  }
  return true;
}

/** The words before an error that only this rank met; rank 0 speaks for all. */
export function rankWords(): string {
  return isSilent() ? `rank ${startedRank(process.env)} on ${hostname()}: ` : '';
}

/**
 * What an error does to the other ranks: they are ended. Where all ranks fail alike, rank 0 has said so and ended all
 * before another one speaks.
 * @param say prints the error
 */
export async function endRanks(code: number, say: () => void): Promise<void> {
  if (isSilent()) await sleep(firstMilliseconds);
  say();
  const ending = opened;
  if (!ending) return;
  // What was written has to leave the process before MPI ends it.
  await new Promise((resolve) => process.stderr.write('', resolve));
  ending.abort(code);
}
