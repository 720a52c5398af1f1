import { sha256Of } from '../../src/core/io/hash';
import { networkNames, zoo, type NetworkName } from '../../models/registry';
import { tf } from '../../src/core/tf';
import { useBackend } from '../../src/runtime/backend';
import { testInChromium } from '../support/pages/chromium';
import { buildSite, onPage } from '../support/pages/page';

/** Small images at which every layer of a network still has something to do, since software computes. */
const sides: readonly (readonly [name: RegExp, side: number])[] = [
  [/^alexnet|^caffenet|^nin-imagenet/, 71],
  [/^vgg/, 32],
  [/^googlenet/, 96],
];

function inputOf(name: NetworkName): [number, number, number] {
  const [height, , channels] = zoo[name].recipe.input.shape;
  const side = sides.find(([pattern]) => pattern.test(name))?.[1] ?? height;
  return [side, side, channels];
}

const pixels = (size: number) =>
  Float32Array.from({ length: size }, (_, at) => ((7919 * at) % 2003) / 1001.5 - 1);

interface Built {
  /** The SHA-256 of all weights, one after the other. */
  readonly weights: string;
  readonly scores: readonly number[];
}

const onNode: Partial<Record<NetworkName, Built>> = {};

beforeAll(async () => {
  await buildSite();
  // Weights as every backend but native TensorFlow draws them; scores of these weights by native TensorFlow.
  for (const name of networkNames) {
    const input = inputOf(name);
    await useBackend('cpu');
    const drawn = zoo[name].build({ classes: 10, seed: 1, input });
    const values = drawn.weights.map((weight) => weight.read().dataSync<'float32'>());
    drawn.dispose();
    await useBackend();
    const model = zoo[name].build({ classes: 10, seed: 1, input });
    model.weights.forEach((weight, index) =>
      tf.tidy(() => void weight.write(tf.tensor(values[index]!, weight.shape as number[]))),
    );
    const scores = tf.tidy(() => {
      const image = tf.tensor4d(pixels(input[0] * input[1] * input[2]), [1, ...input]);
      return [...([model.predict(image)].flat()[0] as tf.Tensor).dataSync()];
    });
    model.dispose();
    onNode[name] = { weights: sha256Of(...values.map((one) => new Uint8Array(one.buffer))), scores };
  }
}, 300_000);

for (const backend of ['wasm', 'webgl', 'webgpu'] as const) {
  testInChromium(
    `all networks are built with Node's weights and give native TensorFlow's scores on ${backend}`,
    (browser) =>
      onPage(browser, async (page) => {
        expect(await page.evaluate((name) => lib.useBackend(name), backend)).toMatchObject({ backend });
        for (const name of networkNames) {
          const input = inputOf(name);
          const image = [...pixels(input[0] * input[1] * input[2])];
          const found = await page.evaluate(
            async ({ name, input, image }) => {
              const model = lib.zoo[name].build({ classes: 10, seed: 1, input });
              const values = await Promise.all(model.weights.map((weight) => weight.read().data()));
              const bytes = new Blob(values as BlobPart[]);
              const digest = await crypto.subtle.digest('SHA-256', await bytes.arrayBuffer());
              const shown = lib.tf.tensor4d(image, [1, ...input]);
              const scores = [model.predict(shown)].flat()[0]!;
              const answer = {
                weights: [...new Uint8Array(digest)]
                  .map((byte) => byte.toString(16).padStart(2, '0'))
                  .join(''),
                scores: [...(await scores.data())],
              };
              lib.tf.dispose([shown, scores]);
              model.dispose();
              return answer;
            },
            { name, input, image },
          );
          const { weights, scores } = onNode[name]!;
          expect([name, found.weights]).toEqual([name, weights]);
          const largest = Math.max(...scores.map(Math.abs));
          const apart = scores.map((score, at) => Math.abs(score - found.scores[at]!));
          expect([name, Math.max(...apart) <= 1e-4 * largest]).toEqual([name, true]);
        }
      }),
    600_000,
  );
}
