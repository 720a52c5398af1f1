/** Gives Node’s thread pool, which decodes images, a thread for each core; imported before all else. */
import { availableParallelism } from 'node:os';

// libuv's threads decode images. There are four of them unless this variable is set before the first one starts: one
// for each core, and some for other work.
process.env['UV_THREADPOOL_SIZE'] ??= String(Math.max(4, availableParallelism() + 2));
