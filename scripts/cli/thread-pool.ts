/** Gives Node’s thread pool, which decodes images, a thread for each core; imported before all else. */
import { availableParallelism } from 'node:os';

// Images are decoded by libuv's threads, of which there are four unless this says otherwise before the first is
// started: one for each core, and some for whatever else asks for them.
process.env['UV_THREADPOOL_SIZE'] ??= String(Math.max(4, availableParallelism() + 2));
