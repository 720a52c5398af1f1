/** The ranks that mpirun started, as one communicator: calls one after the other, and none waited for without end. */
import { hostname } from 'node:os';
import { gatherJson, type Communicator } from '../../core/io/process/communicator';
import { UserError } from '../../core/errors';
import { inPlace, openMpiLibrary, type MpiLibrary } from './mpi-library';

/** How long ranks wait for each other. */
export interface Patience {
  /** Seconds after which a rank asks the others whether they are alive. Default: 60. */
  readonly seconds?: number | undefined;
  /** Seconds that they have to answer. Default: 15. */
  readonly answerSeconds?: number | undefined;
}

const defaultPatience = { seconds: 60, answerSeconds: 15 } as const;

/** As many times the patience are waited for ranks that are alive. */
const mostWaits = 20;

/** The tags of messages beside the collective calls. */
const tags = { ask: 7001, alive: 7002 } as const;
const lookMilliseconds = 500;

/** The exit code of ranks that end since another one is lost. */
const lostCode = 1;

/** A call in progress. */
interface Waiting {
  readonly what: string;
  readonly since: number;
  /** How often the others were found alive since. */
  waits: number;
  /** When they were asked, and those that have not answered yet. */
  asked: { readonly at: number; readonly missing: Set<number> } | null;
}

/** The communicator of Open MPI's ranks. There is one in a process, from its start to its end. */
export class MpiCommunicator implements Communicator {
  readonly rank: number;
  readonly size: number;
  /** Known once `open` has resolved. */
  local = { rank: 0, size: 1 };
  private readonly ranks: readonly number[];
  private queue: Promise<unknown> = Promise.resolve();
  private waiting: Waiting | null = null;
  private calls = 0;
  private ended = false;
  private readonly timer: NodeJS.Timeout;

  private constructor(
    private readonly mpi: MpiLibrary,
    private readonly patience: Required<{ [Name in keyof Patience]: number }>,
    private readonly onLost: (line: string) => void,
  ) {
    this.rank = mpi.rank();
    this.size = mpi.size();
    this.ranks = Array.from({ length: this.size }, (_, rank) => rank);
    this.timer = setInterval(() => this.look(), lookMilliseconds);
    this.timer.unref();
  }

  /**
   * Joins the job that this process is part of.
   * @param onLost called with one line before all ranks are ended, on one of them
   * @throws UserError without Open MPI's library
   */
  static async open(
    { seconds = defaultPatience.seconds, answerSeconds = defaultPatience.answerSeconds }: Patience,
    onLost: (line: string) => void,
  ): Promise<MpiCommunicator> {
    // Ranks that wait leave the cores to those that compute; read when MPI begins.
    process.env['OMPI_MCA_mpi_yield_when_idle'] ??= '1';
    const mpi = openMpiLibrary();
    const { threads } = mpi.initialise();
    if (threads < 3)
      throw new UserError(
        `MPI: expected a library that takes calls from several threads (MPI_THREAD_MULTIPLE), found ${mpi.version} without`,
      );
    const found = new MpiCommunicator(mpi, { seconds, answerSeconds }, onLost);
    const hosts = await gatherJson(found, hostname());
    const here = [...hosts.keys()].filter((rank) => hosts[rank] === hosts[found.rank]);
    found.local = { rank: here.indexOf(found.rank), size: here.length };
    return found;
  }

  sum(values: Float32Array): Promise<void> {
    const { mpi } = this;
    return this.next('sum', () =>
      mpi.allreduce(inPlace, values, values.length, mpi.float, mpi.sum, mpi.world),
    );
  }

  broadcast(bytes: Uint8Array): Promise<void> {
    const { mpi } = this;
    return this.next('broadcast', async () => {
      let code = 0;
      // A count is an int: more than 2^31 - 1 bytes go in parts.
      for (let start = 0; start < bytes.length && code === 0; start += mostBytes) {
        const part = bytes.subarray(start, start + mostBytes);
        code = await mpi.broadcast(part, part.length, mpi.byte, 0, mpi.world);
      }
      return code;
    });
  }

  async gather(bytes: Uint8Array): Promise<readonly Uint8Array[]> {
    const { mpi, size } = this;
    const lengths = new Int32Array(size);
    await this.next('gather', () =>
      mpi.gather(Int32Array.of(bytes.length), 4, mpi.byte, lengths, 4, mpi.byte, mpi.world),
    );
    const starts = new Int32Array(size);
    for (let rank = 1; rank < size; rank++) starts[rank] = starts[rank - 1]! + lengths[rank - 1]!;
    const all = new Uint8Array(starts.at(-1)! + lengths.at(-1)!);
    await this.next('gather', () =>
      mpi.gatherDifferent(bytes, bytes.length, mpi.byte, all, lengths, starts, mpi.byte, mpi.world),
    );
    return Array.from(lengths, (length, rank) => all.subarray(starts[rank], starts[rank]! + length));
  }

  async exchange(bytes: Uint8Array): Promise<Uint8Array> {
    const { mpi, size } = this;
    const part = bytes.length / size;
    const received = new Uint8Array(bytes.length);
    await this.next('exchange', () =>
      mpi.exchange(bytes, part, mpi.byte, received, part, mpi.byte, mpi.world),
    );
    return received;
  }

  barrier(): Promise<void> {
    return this.next('barrier', () => this.mpi.barrier(this.mpi.world));
  }

  /** Leaves the job once all ranks do. Nothing may be called afterwards. */
  async close(): Promise<void> {
    if (this.ended) return;
    await this.barrier();
    this.ended = true;
    clearInterval(this.timer);
    this.mpi.finalise();
  }

  /** Ends all ranks at once. */
  abort(code: number): void {
    if (this.ended) return;
    this.ended = true;
    clearInterval(this.timer);
    this.mpi.abort(code);
  }

  /** MPI wants all ranks to make the same collective calls in the same order: one at a time. */
  private next(name: string, call: () => Promise<number>): Promise<void> {
    const result = this.queue.then(async () => {
      this.waiting = { what: `${name} ${++this.calls}`, since: Date.now(), waits: 0, asked: null };
      // While it waits, nothing else may keep the process alive.
      this.timer.ref();
      try {
        const code = await call();
        if (code !== 0) throw new Error(`MPI: expected 0 of ${name}, found ${code}`);
      } finally {
        this.waiting = null;
        this.timer.unref();
      }
    });
    this.queue = result.catch(() => undefined);
    return result;
  }

  /** Answers those that ask, and asks those for whom this rank has waited too long. */
  private look(): void {
    if (this.ended) return;
    for (let message = this.mpi.arrived(); message; message = this.mpi.arrived()) {
      const { from, tag } = message;
      this.mpi.receive(new Uint8Array(1), from, tag);
      if (tag === tags.ask) this.send(from, tags.alive);
      else this.waiting?.asked?.missing.delete(from);
    }
    const { waiting, patience } = this;
    if (!waiting) return;
    const { asked } = waiting;
    const now = Date.now();
    if (!asked) {
      if (now - waiting.since < 1000 * patience.seconds * (waiting.waits + 1)) return;
      const others = this.ranks.filter((rank) => rank !== this.rank);
      waiting.asked = { at: now, missing: new Set(others) };
      for (const other of others) this.send(other, tags.ask);
    } else if (asked.missing.size === 0) {
      waiting.asked = null;
      if (++waiting.waits >= mostWaits)
        this.lose(`all ranks are alive, but have waited ${this.waited(now)} s in ${waiting.what}`);
    } else if (now - asked.at > 1000 * patience.answerSeconds) {
      const missing = [...asked.missing];
      // Of those who find it out, one tells.
      const teller = this.ranks.find((rank) => !asked.missing.has(rank));
      const which = missing.length === 1 ? `rank ${missing[0]} does` : `ranks ${missing.join(', ')} do`;
      if (teller === this.rank || now - asked.at > 2000 * patience.answerSeconds)
        this.lose(`${which} not answer since ${this.waited(now)} s`);
    }
  }

  private waited(now: number): string {
    return ((now - this.waiting!.since) / 1000).toFixed(0);
  }

  private lose(why: string): void {
    this.onLost(`MPI: expected ${this.size} ranks, found that ${why}; all are ended`);
    this.abort(lostCode);
  }

  private send(to: number, tag: number): void {
    this.mpi.send(Uint8Array.of(0), to, tag);
  }
}

const mostBytes = 2 ** 30;
