import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type { Worker } from 'node:worker_threads';
import { UserError, messageOf, systemReason } from '../../core/errors';
import { preparation, type BadRow, type Job, type Preparation, type Task } from './worker-task';
import { startThread } from '../../core/io/worker-thread';
import type { Answer, Order } from './worker';

/** Whoever does the tasks of preparation: worker threads, or the calling thread itself. */
export interface WorkerPool extends Preparation {
  /** How many tasks are worth handing over before one is done. */
  readonly capacity: number;
  /** Whether it works in other threads, with which memory is to be shared. */
  readonly shared: boolean;
  /** Ends the threads. Tasks that are not done then are never answered. */
  end(): Promise<void>;
}

/** Prepares in the calling thread. */
export function callingThread(): WorkerPool {
  return { ...preparation(), capacity: 1, shared: false, end: async () => undefined };
}

/** Starts worker threads. They keep the process alive only while there are tasks to do. */
export function startThreadPool(size: number): WorkerPool {
  return new ThreadPool(size);
}

/** Of one worker: one in hand, one to go on with. */
const tasksAtOnce = 2;
/** How long a worker may take to finish the image in hand, in milliseconds, before it is stopped. */
const patience = 3000;

interface Member {
  readonly thread: Worker;
  /** Tasks handed over. */
  tasks: number;
}

interface Waiting {
  readonly task: Task;
  resolve(bad: readonly BadRow[]): void;
  reject(error: Error): void;
}

class ThreadPool implements WorkerPool {
  readonly capacity: number;
  readonly shared = true;
  private readonly members: readonly Member[];
  /** Tasks that nobody has in hand. */
  private queue: Waiting[] = [];
  private readonly inHand = new Map<number, Waiting>();
  private handedOut = 0;
  private failure: Error | undefined;
  private ending = false;

  constructor(size: number) {
    this.capacity = size * tasksAtOnce;
    this.members = Array.from({ length: size }, (_, index) => this.engage(index + 1));
  }

  open(number: number, job: Job): void {
    this.tellAll({ kind: 'open', number, job });
  }

  close(number: number): void {
    this.queue = this.queue.filter(({ task }) => task.job !== number);
    this.tellAll({ kind: 'close', number });
  }

  prepare(task: Task): Promise<readonly BadRow[]> {
    return new Promise((resolve, reject) => {
      if (this.failure) return reject(this.failure);
      this.queue.push({ task, resolve, reject });
      this.handOut();
    });
  }

  async end(): Promise<void> {
    this.ending = true;
    this.queue = [];
    this.tellAll({ kind: 'end' });
    await Promise.all(this.members.map(({ thread }) => endOf(thread)));
  }

  private engage(number: number): Member {
    const member: Member = {
      thread: startThread(join(__dirname, 'worker'), { name: `images ${number}` }),
      tasks: 0,
    };
    member.thread.unref();
    member.thread.on('message', (answer: Answer) => this.hear(answer, member));
    member.thread.on('error', (error) => this.fail(deadThread(error)));
    member.thread.on('exit', (code) => {
      if (!this.ending) this.fail(new Error(died(`exit code ${code}`)));
    });
    return member;
  }

  private tellAll(order: Order): void {
    for (const { thread } of this.members) thread.postMessage(order);
  }

  private handOut(): void {
    for (;;) {
      const idlest = this.members.reduce((one, other) => (other.tasks < one.tasks ? other : one));
      if (idlest.tasks >= tasksAtOnce) return;
      const waiting = this.queue.shift();
      if (!waiting) return;
      const id = this.handedOut++;
      this.inHand.set(id, waiting);
      if (idlest.tasks++ === 0) idlest.thread.ref();
      idlest.thread.postMessage({ kind: 'prepare', id, task: waiting.task } satisfies Order);
    }
  }

  private hear(answer: Answer, member: Member): void {
    if (answer.kind === 'failed') {
      const { ofTheUser, message, stack } = answer;
      const error = ofTheUser ? new UserError(message) : new Error(message);
      if (!ofTheUser) error.stack = stack;
      return this.fail(error);
    }
    if (--member.tasks === 0) member.thread.unref();
    this.inHand.get(answer.id)?.resolve(answer.bad);
    this.inHand.delete(answer.id);
    this.handOut();
  }

  /** The first failure ends all: what is asked for and what will be is refused with it. */
  private fail(error: Error): void {
    if (this.failure) return;
    this.failure = error;
    for (const { thread } of this.members) thread.unref();
    for (const { reject } of [...this.inHand.values(), ...this.queue]) reject(error);
    this.inHand.clear();
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

/** A thread that the system lets not run is the user's to mend; anything else is a bug. */
function deadThread(error: unknown): Error {
  const reason = systemReason(error);
  if (reason !== undefined) return new UserError(`the threads that prepare images cannot run: ${reason}`);
  return new Error(died(messageOf(error)), { cause: error });
}

function died(how: string): string {
  return `expected the threads that prepare images to live until they are ended, found one dead: ${how}`;
}
