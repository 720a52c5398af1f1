/** The program of a worker thread: prepares the images that it is asked for. */
import { parentPort } from 'node:worker_threads';
import { UserError, messageOf } from '../../core/errors';
import { openImage } from '../image/open-image';
import { preparation, type Job, type Prepared, type Task } from './worker-task';

/** A request to a worker. */
export type Request =
  | { readonly kind: 'open'; readonly number: number; readonly job: Job }
  | { readonly kind: 'prepare'; readonly id: number; readonly task: Task }
  | { readonly kind: 'close'; readonly number: number }
  | { readonly kind: 'end' };

/** Its reply to each `prepare`, or to any request at which it fails. */
export type Reply =
  | { readonly kind: 'prepared'; readonly id: number; readonly found: Prepared }
  | {
      readonly kind: 'failed';
      readonly ofTheUser: boolean;
      readonly message: string;
      readonly stack: string;
    };

const port = parentPort!;
const send = (reply: Reply) => port.postMessage(reply);
const { open, prepare, close } = preparation(openImage);
/** Requests are handled one after the other: a worker works on one task at a time. */
let before = Promise.resolve();
let ended = false;

port.on('message', (request: Request) => {
  if (request.kind === 'end') ended = true; // at once, before requests that still wait
  before = before.then(() => handle(request)).catch(fail);
});

async function handle(request: Request): Promise<void> {
  switch (request.kind) {
    case 'open':
      return open(request.number, request.job);
    case 'prepare':
      if (!ended) send({ kind: 'prepared', id: request.id, found: await prepare(request.task) });
      return;
    case 'close':
      return close(request.number);
    case 'end':
      return port.close();
    default:
      return request satisfies never;
  }
}

function fail(error: unknown): void {
  const stack = error instanceof Error && error.stack ? error.stack : '';
  send({ kind: 'failed', ofTheUser: error instanceof UserError, message: messageOf(error), stack });
}
