/** What the processes of one job, its ranks, tell each other: one of them does all of it alone, at no cost. */

/** The ranks of a job. All of them must make the same calls in the same order. */
export interface Communicator {
  /** This process's number, from 0. */
  readonly rank: number;
  /** How many ranks there are. */
  readonly size: number;
  /** This rank's number among those of the same host, and how many they are. */
  readonly local: { readonly rank: number; readonly size: number };
  /** Adds the values of all ranks up, in place: afterwards all ranks have the same sums, bit for bit. */
  sum(values: Float32Array): Promise<void>;
  /** Copies rank 0's bytes over those of the others; they are equally many everywhere. */
  broadcast(bytes: Uint8Array): Promise<void>;
  /** The bytes of all ranks, by rank, on every rank; each may give another number of them. */
  gather(bytes: Uint8Array): Promise<readonly Uint8Array[]>;
  /**
   * Sends one part of the bytes to each rank, the first to rank 0 and so on; gives the parts that all ranks sent to this
   * one, by rank. The bytes are equally many everywhere, and a multiple of the ranks.
   */
  exchange(bytes: Uint8Array): Promise<Uint8Array>;
  /** Waits until all ranks are here. */
  barrier(): Promise<void>;
}

/** The communicator of a process that is alone. */
export const alone: Communicator = {
  rank: 0,
  size: 1,
  local: { rank: 0, size: 1 },
  sum: async () => {},
  broadcast: async () => {},
  gather: async (bytes) => [bytes],
  exchange: async (bytes) => bytes,
  barrier: async () => {},
};

/** One of several among whom items are dealt out one by one: it has every `size`th, from the `rank`th on. */
export type Dealt = Pick<Communicator, 'rank' | 'size'>;

/** The rows of one rank among rows that all ranks share out: those from `first` to below `end`, maybe none. */
export interface Share {
  readonly first: number;
  readonly end: number;
}

/** Shares differ by one row at most, and come in the order of the ranks. */
export function shareOf(rows: number, { rank, size }: Dealt): Share {
  return { first: Math.floor((rank * rows) / size), end: Math.floor(((rank + 1) * rows) / size) };
}

/**
 * The sums of arrays over all ranks, in one call.
 * @param own this rank's; null adds nothing
 * @param sizes of the arrays, the same on all ranks
 * @param sumUp adds them up. Default: exactly, as `Communicator.sum` does
 * @returns parts of one array
 */
export async function sumArrays(
  communicator: Communicator,
  own: readonly Float32Array[] | null,
  sizes: readonly number[],
  sumUp = (values: Float32Array) => communicator.sum(values),
): Promise<readonly Float32Array[]> {
  const flat = new Float32Array(sizes.reduce((sum, size) => sum + size, 0));
  let first = 0;
  const parts = sizes.map((size) => flat.subarray(first, (first += size)));
  own?.forEach((values, at) => parts[at]!.set(values));
  await sumUp(flat);
  return parts;
}

/** Plain data of all ranks, by rank, on every rank. */
export async function gatherJson<T>(communicator: Communicator, value: T): Promise<readonly T[]> {
  const all = await communicator.gather(new TextEncoder().encode(JSON.stringify([value])));
  return all.map((bytes) => (JSON.parse(new TextDecoder().decode(bytes)) as [T])[0]);
}
