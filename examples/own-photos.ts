/**
 * Fine-tunes a network on a folder of photos and answers for images over HTTP:
 * `npx tsx examples/own-photos.ts NETWORK WEIGHTS PHOTOS FOLDER [PORT]`, then `curl --data-binary @cat.jpg localhost:PORT`.
 */
import { existsSync } from 'node:fs';
import { createServer } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { finetune, openTrained, UserError, type NetworkName } from '../index'; // in your own program: 'cnn-lineage'

async function main([network, weights, data, folder, port = '8000']: readonly string[]): Promise<void> {
  if (!network || !weights || !data || !folder)
    throw new UserError('own-photos: expected NETWORK WEIGHTS PHOTOS FOLDER, found only some of them');
  if (!existsSync(`${folder}/network.json`)) {
    const outcome = await finetune({
      ...{ network: network as NetworkName, weights, data, out: folder },
      onProgress: (event) => {
        if (event.kind === 'remark') console.error(event.line);
      },
    });
    if (outcome.finished)
      console.log(`error on the test photos: ${(100 * outcome.report.error).toFixed(1)} %`);
  }
  const trained = await openTrained(folder);
  const server = createServer((request, response) => {
    buffer(request)
      .then((bytes) => trained.classify(bytes, { top: 3 }))
      .then(
        (answer) => response.end(`${JSON.stringify(answer)}\n`),
        (error: unknown) => {
          response.statusCode = error instanceof UserError ? 400 : 500;
          response.end(`${error instanceof Error ? error.message : String(error)}\n`);
        },
      );
  });
  server.listen(Number(port), () => {
    const address = server.address();
    if (typeof address === 'object' && address)
      console.log(`classifies what is sent to port ${address.port}`);
  });
}

main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(error instanceof UserError ? error.message : error);
  process.exitCode = error instanceof UserError ? 2 : 1;
});
