/**
 * Answers by HTTP what images show: `node server.js MODEL`, then
 * `curl -H 'content-type: image/png' --data-binary @digit.png localhost:8000/classify`. README.md has the settings.
 */
import { openTrained, UserError } from 'cnn-lineage';
import fastify from 'fastify';
import sharp from 'sharp';

/** Formats that are taken, as sharp calls them. */
const formats = ['jpeg', 'png', 'webp'];

/** A whole number from the environment. */
function setting(name, usual) {
  const given = process.env[name] || String(usual);
  if (/^\d+$/.test(given)) return Number(given);
  throw new UserError(`${name}: expected a whole number, found ${given}`);
}

/** An error that is answered with a status and one line. */
function refusal(statusCode, message) {
  return Object.assign(new Error(message), { statusCode });
}

/**
 * Asks a network for several images at once where several wait. Sizes are 1, 2 and 4: a computation is prepared once
 * for each size.
 */
function batched(trained, { batch, top }) {
  const sizes = [4, 2, 1].filter((size) => size <= batch);
  const waiting = [];
  let working;

  async function answered(asked) {
    try {
      const answers = await trained.classify(
        asked.map(({ bytes }) => bytes),
        { top },
      );
      asked.forEach(({ resolve }, at) => resolve(answers[at]));
    } catch (error) {
      // One image that cannot be decoded must not fail the others.
      if (asked.length === 1) asked[0].reject(error);
      else for (const one of asked) await answered([one]);
    }
  }

  async function work() {
    await new Promise(setImmediate); // requests of the same moment are computed together
    while (waiting.length > 0) {
      const size = sizes.find((one) => one <= waiting.length);
      // Whoever has gone needs no answer.
      const asked = waiting.splice(0, size).filter(({ hasGone }) => !hasGone());
      if (asked.length > 0) await answered(asked);
    }
    working = undefined;
  }

  return {
    ask: (bytes, hasGone) =>
      new Promise((resolve, reject) => {
        waiting.push({ bytes, hasGone, resolve, reject });
        working ??= work();
      }),
    /** Waits until nothing is computed any more. */
    idle: async () => working,
    /** Prepares the computations, so that the first visitors do not wait for it. */
    ready: async (bytes) => {
      for (const size of sizes) await trained.classify(new Array(size).fill(bytes), { top });
    },
  };
}

/** Refuses what is no image of these formats, or has too many pixels, by its header alone. */
async function expectImage(bytes, { pixels }) {
  if (!Buffer.isBuffer(bytes) || bytes.length === 0)
    throw refusal(400, 'expected an image as the body, found an empty one');
  const { format, width, height } = await sharp(bytes, { limitInputPixels: false })
    .metadata()
    .catch(() => {
      throw refusal(400, 'expected an image, found bytes that are none');
    });
  if (!formats.includes(format))
    throw refusal(415, `expected an image of the formats ${formats.join(', ')}, found ${format}`);
  if (width * height > pixels)
    throw refusal(413, `expected an image of at most ${pixels} pixels, found ${width}×${height}`);
}

const wordsOf = {
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'expected content-type: image/jpeg, image/png or image/webp, found another',
  FST_ERR_CTP_BODY_TOO_LARGE: 'expected a smaller body',
};

function serverOf(trained, limits) {
  const queue = batched(trained, limits);
  const app = fastify({ bodyLimit: limits.bytes, requestTimeout: 30_000 });
  let open = 0;

  // Before a body is read: whoever comes when all places are taken is sent away at once.
  app.addHook('onRequest', async (request, reply) => {
    if (request.method !== 'POST') return;
    if (open >= limits.requests) {
      reply.header('retry-after', '1');
      throw refusal(503, `expected at most ${limits.requests} requests at a time; try again later`);
    }
    open++;
    reply.raw.once('close', () => open--); // also where the client has gone
  });

  app.removeAllContentTypeParsers();
  app.addContentTypeParser(/^(image\/|application\/octet-stream)/, { parseAs: 'buffer' }, (_, body, done) =>
    done(null, body),
  );

  app.post('/classify', async ({ body }, reply) => {
    await expectImage(body, limits);
    return { answers: await queue.ask(body, () => reply.raw.destroyed) };
  });
  app.get('/health', async () => ({ status: 'ok', network: trained.network, open }));

  app.setNotFoundHandler(async () => {
    throw refusal(404, 'expected POST /classify or GET /health');
  });
  app.setErrorHandler(async (error, _, reply) => {
    const status = error instanceof UserError ? 400 : (error.statusCode ?? 500);
    if (status === 500) console.error(error);
    const known = wordsOf[error.code];
    const limit = status === 413 && known ? ` of at most ${limits.bytes} bytes` : '';
    const [reason] = (error.reason ?? error.message).split(';'); // what follows is meant for programs
    const words = status === 500 ? 'an error of the server' : (known ?? reason) + limit;
    return reply.code(status).send({ error: words });
  });
  return { app, queue };
}

async function main([model = 'lenet5']) {
  const limits = {
    bytes: setting('MAX_BYTES', 10_000_000),
    pixels: setting('MAX_PIXELS', 25_000_000),
    requests: setting('MAX_REQUESTS', 128),
    batch: setting('BATCH', 4),
    top: process.env.TOP ? setting('TOP') : undefined,
  };
  let listening = false;
  const onProgress = (event) => {
    if (event.kind === 'remark' && !listening) console.error(event.line);
  };
  const trained = await openTrained(model, { onProgress });
  const { app, queue } = serverOf(trained, limits);
  const black = { width: 32, height: 32, channels: 3, background: 'black' };
  await queue.ready(await sharp({ create: black }).png().toBuffer());
  const address = await app.listen({ host: process.env.HOST ?? '127.0.0.1', port: setting('PORT', 8000) });
  listening = true;
  console.log(`${trained.network} answers at ${address}/classify`);

  let stopping = false;
  const stop = async () => {
    if (stopping) return;
    stopping = true;
    await app.close(); // takes no more requests, and answers those that it has
    await queue.idle(); // of those who have gone meanwhile
    trained.dispose();
  };
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => void stop());
}

main(process.argv.slice(2)).catch((error) => {
  console.error(error instanceof UserError || error.code === 'EADDRINUSE' ? error.message : error);
  process.exitCode = error instanceof UserError ? 2 : 1;
});
