import { Worker } from 'node:worker_threads';
import { startThreadPool } from '../../../src/data/loader/worker-pool';
import type { Task } from '../../../src/data/loader/worker-task';

let source = '';
jest.mock('../../../src/core/io/process/worker-thread', () => ({
  startThread: () => new Worker(source, { eval: true }),
}));

const task: Task = { job: 0, slot: 0, row: 0, files: null, seeds: [null] };

it.each([
  ['ends itself', 'process.exit(3)', 'exit code 3'],
  ['throws where nobody catches', "throw new Error('no such luck')", 'no such luck'],
  [
    'dies in the middle of its work',
    "require('node:worker_threads').parentPort.on('message', ({ kind }) => kind === 'prepare' && process.exit(0))",
    'exit code 0',
  ],
])('a thread that %s is one clear error for all that is asked of the pool', async (_, program, how) => {
  source = program;
  const pool = startThreadPool(2);
  const tasks = await Promise.allSettled([pool.prepare(task), pool.prepare(task), pool.prepare(task)]);
  const message = `expected the threads that prepare images to live until they are ended, found one dead: ${how}`;
  for (const each of tasks) expect(each).toMatchObject({ status: 'rejected', reason: { message } });
  await expect(pool.prepare(task)).rejects.toThrow(message);
  await pool.end();
});

it('stops a thread that does not end by itself', async () => {
  source = "require('node:worker_threads').parentPort.on('message', () => undefined)";
  const pool = startThreadPool(1);
  await pool.end();
}, 20_000);
