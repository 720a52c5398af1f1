/** Ranks within one process, for tests of what ranks do; of what MPI does they say nothing. */
import type { Communicator } from '../../../src/core/io/process/communicator';

/** Communicators that meet each other in every call: a call that not all of them make never ends. */
export function ranksTogether(size: number): readonly Communicator[] {
  const meeting = rendezvous(size);
  return Array.from({ length: size }, (_, rank) => ({
    rank,
    size,
    local: { rank, size },
    sum: async (values) => {
      const all = await meeting(rank, 'sum', values.slice());
      // In the order of the ranks on each of them, as MPI does it.
      values.forEach((__, at) => {
        values[at] = all.reduce((sum, each) => Math.fround(sum + each[at]!), 0);
      });
    },
    broadcast: async (bytes) => bytes.set((await meeting(rank, 'broadcast', bytes.slice()))[0]!),
    gather: (bytes) => meeting(rank, 'gather', bytes.slice()),
    exchange: async (bytes) => {
      const part = bytes.length / size;
      const all = await meeting(rank, 'exchange', bytes.slice());
      return Buffer.concat(all.map((each) => each.subarray(rank * part, (rank + 1) * part)));
    },
    barrier: async () => void (await meeting(rank, 'barrier', new Uint8Array())),
  }));
}

/** Resolves with what all ranks brought, once the last one is there. */
function rendezvous(size: number) {
  let waiting: { rank: number; call: string; value: unknown; resolve: (all: never) => void }[] = [];
  return <T>(rank: number, call: string, value: T): Promise<readonly T[]> =>
    new Promise((resolve) => {
      waiting.push({ rank, call, value, resolve });
      if (waiting.length < size) return;
      const here = waiting.sort((one, other) => one.rank - other.rank);
      waiting = [];
      if (here.some((each) => each.call !== call))
        throw new Error(`expected one call of all ranks, found ${here.map((each) => each.call).join()}`);
      for (const each of here) each.resolve(here.map(({ value: brought }) => brought) as never);
    });
}
