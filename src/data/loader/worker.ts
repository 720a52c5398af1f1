import { parentPort } from 'node:worker_threads';
import { UserError, messageOf } from '../../core/errors';
import { preparation, type BadRow, type Job, type Task } from './worker-task';

/** What a worker is told. */
export type Order =
  | { readonly kind: 'open'; readonly number: number; readonly job: Job }
  | { readonly kind: 'prepare'; readonly id: number; readonly task: Task }
  | { readonly kind: 'close'; readonly number: number }
  | { readonly kind: 'end' };

/** What it answers to each `prepare`, or to whatever it fails at. */
export type Answer =
  | { readonly kind: 'prepared'; readonly id: number; readonly bad: readonly BadRow[] }
  | {
      readonly kind: 'failed';
      readonly ofTheUser: boolean;
      readonly message: string;
      readonly stack: string;
    };

const port = parentPort!;
const answer = (given: Answer) => port.postMessage(given);
const { open, prepare, close } = preparation();
/** Orders are followed one after the other: a worker has one image in hand at a time. */
let before = Promise.resolve();
let ended = false;

port.on('message', (order: Order) => {
  if (order.kind === 'end') ended = true; // at once, ahead of what still waits
  before = before.then(() => follow(order)).catch(fail);
});

async function follow(order: Order): Promise<void> {
  switch (order.kind) {
    case 'open':
      return open(order.number, order.job);
    case 'prepare':
      if (!ended) answer({ kind: 'prepared', id: order.id, bad: await prepare(order.task) });
      return;
    case 'close':
      return close(order.number);
    case 'end':
      return port.close();
    default:
      return order satisfies never;
  }
}

function fail(error: unknown): void {
  const stack = error instanceof Error && error.stack ? error.stack : '';
  answer({ kind: 'failed', ofTheUser: error instanceof UserError, message: messageOf(error), stack });
}
