/** Threads that decode, distort and preprocess images. */
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type { Worker } from 'node:worker_threads';
import { UserError, messageOf, systemReason } from '../../core/errors';
import type { WorkerPool } from './prefetch';
import type { Job, Prepared, Task } from './worker-task';
import { startThread } from '../../core/io/process/worker-thread';
import type { Reply, Request } from './worker';

/** Starts worker threads. They keep the process alive only while there are tasks to do. */
export function startThreadPool(size: number): WorkerPool {
  return new ThreadPool(size);
}

/** The tasks given to each worker: the current one and the next. */
const tasksAtOnce = 2;
/** How long a worker may take to finish its image, in milliseconds, before it is stopped. */
const patience = 3000;

interface PoolWorker {
  readonly thread: Worker;
  /** The number of tasks that it was given and has not answered. */
  tasks: number;
}

interface Waiting {
  readonly task: Task;
  resolve(found: Prepared): void;
  reject(error: Error): void;
}

class ThreadPool implements WorkerPool {
  readonly capacity: number;
  readonly shared = true;
  private readonly workers: readonly PoolWorker[];
  /** Tasks that no worker has been given yet. */
  private queue: Waiting[] = [];
  private readonly pending = new Map<number, Waiting>();
  private assigned = 0;
  private failure: Error | undefined;
  private ending = false;

  constructor(size: number) {
    this.capacity = size * tasksAtOnce;
    this.workers = Array.from({ length: size }, (_, index) => this.startWorker(index + 1));
  }

  open(number: number, job: Job): void {
    this.broadcast({ kind: 'open', number, job });
  }

  close(number: number): void {
    this.queue = this.queue.filter(({ task }) => task.job !== number);
    this.broadcast({ kind: 'close', number });
  }

  prepare(task: Task): Promise<Prepared> {
    return new Promise((resolve, reject) => {
      if (this.failure) return reject(this.failure);
      this.queue.push({ task, resolve, reject });
      this.assign();
    });
  }

  async end(): Promise<void> {
    this.ending = true;
    this.queue = [];
    this.broadcast({ kind: 'end' });
    await Promise.all(this.workers.map(({ thread }) => endOf(thread)));
  }

  private startWorker(number: number): PoolWorker {
    const worker: PoolWorker = {
      thread: startThread(join(__dirname, 'worker'), { name: `images ${number}` }),
      tasks: 0,
    };
    worker.thread.unref();
    worker.thread.on('message', (reply: Reply) => this.receive(reply, worker));
    worker.thread.on('error', (error) => this.fail(deadThread(error)));
    worker.thread.on('exit', (code) => {
      if (!this.ending) this.fail(new Error(died(`exit code ${code}`)));
    });
    return worker;
  }

  private broadcast(request: Request): void {
    for (const { thread } of this.workers) thread.postMessage(request);
  }

  private assign(): void {
    for (;;) {
      const idlest = this.workers.reduce((one, other) => (other.tasks < one.tasks ? other : one));
      if (idlest.tasks >= tasksAtOnce) return;
      const waiting = this.queue.shift();
      if (!waiting) return;
      const id = this.assigned++;
      this.pending.set(id, waiting);
      if (idlest.tasks++ === 0) idlest.thread.ref();
      idlest.thread.postMessage({ kind: 'prepare', id, task: waiting.task } satisfies Request);
    }
  }

  private receive(reply: Reply, worker: PoolWorker): void {
    if (reply.kind === 'failed') {
      const { ofTheUser, message, stack } = reply;
      const error = ofTheUser ? new UserError(message) : new Error(message);
      if (!ofTheUser) error.stack = stack;
      return this.fail(error);
    }
    if (--worker.tasks === 0) worker.thread.unref();
    this.pending.get(reply.id)?.resolve(reply.found);
    this.pending.delete(reply.id);
    this.assign();
  }

  /** The first failure ends the pool: all waiting and future tasks are rejected with it. */
  private fail(error: Error): void {
    if (this.failure) return;
    this.failure = error;
    for (const { thread } of this.workers) thread.unref();
    for (const { reject } of [...this.pending.values(), ...this.queue]) reject(error);
    this.pending.clear();
    this.queue = [];
  }
}

async function endOf(thread: Worker): Promise<void> {
  if (thread.threadId < 0) return; // it has ended
  thread.ref();
  const abort = new AbortController();
  const late = setTimeout(patience, undefined, { signal: abort.signal }).then(
    () => thread.terminate(),
    () => undefined,
  );
  await new Promise((resolve) => thread.once('exit', resolve));
  abort.abort();
  await late;
}

/** The error for a thread that ended: a UserError if the system does not let threads run; anything else is a bug. */
function deadThread(error: unknown): Error {
  const reason = systemReason(error);
  if (reason !== undefined) return new UserError(`the threads that prepare images cannot run: ${reason}`);
  return new Error(died(messageOf(error)), { cause: error });
}

function died(how: string): string {
  return `expected the threads that prepare images to live until they are ended, found one dead: ${how}`;
}
