/**
 * Plain tfjs-node without this project's gradients, fixes and recorded updates: the zoo's model, trained by
 * TensorFlow.js's own optimiser, op by op. oneDNN is on, as in our own process; without it, grouped convolutions could
 * not be trained. Answers the commands of `contender.ts`. Its arguments are the folder of the task, the network's name,
 * its number of classes, and "gpu" or "cpu".
 */
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { zoo, type NetworkName } from '../../../models/registry';
import { messageOf } from '../../../src/core/errors';
import { loadPlainPackage } from '../../../src/runtime/native/native';
import { tf } from '../../../src/core/tf';
import { totalLoss } from '../../../src/train/loss';
import { setWeights } from '../../../src/weights/named-array';
import { readSafetensors } from '../../../src/weights/formats/safetensors/read-safetensors';
import { timed } from './contender';
import { benchRate } from '../../../src/report/bench/bench';

interface Command {
  readonly do: 'prepare' | 'train' | 'infer' | 'release';
  readonly steps?: number;
}

async function contender(folder: string, name: NetworkName, classes: number) {
  const { build, recipe } = zoo[name];
  const model = build({ classes, seed: 1 });
  const file = join(folder, 'task.safetensors');
  const { tensors } = await readSafetensors(file);
  const arrays = tensors.map((tensor) => ({ ...tensor, values: tensor.data as Float32Array }));
  const named = (wanted: string) => arrays.find((array) => array.name === wanted)!;
  setWeights(
    model.weights,
    arrays.filter((array) => array.name !== 'images' && array.name !== 'labels'),
    file,
  );
  const { shape, values } = named('images');
  const labels = Int32Array.from(named('labels').values);
  const momentum = recipe.optimiser.kind === 'momentum' ? recipe.optimiser.momentum : 0;
  const optimiser = tf.train.momentum(benchRate, momentum);
  const input = () => tf.tensor4d(values, shape as [number, number, number, number]);
  const read = async (tensor: tf.Tensor) => {
    const found = await tensor.data<'float32'>();
    tensor.dispose();
    return found;
  };
  const decayed = () => {
    const loss = totalLoss(model, recipe, input(), tf.tensor1d(labels, 'int32'));
    if (recipe.weightDecay === 0) return loss;
    const squares = model.trainableWeights.map((weight) => weight.read().square().sum());
    return loss.add(tf.addN(squares).mul(recipe.weightDecay / 2)).asScalar();
  };
  const train = () => read(tf.tidy(() => optimiser.minimize(decayed, true)!));
  const infer = () => read(tf.tidy(() => [model.apply(input())].flat()[0] as tf.Tensor));
  return async (command: Command) => {
    if (command.do === 'prepare') {
      const scores = await infer();
      return { scores: [...scores.subarray(0, scores.length / labels.length)] };
    }
    if (command.do === 'release') return {};
    return { milliseconds: await timed(command.steps ?? 1, command.do === 'train' ? train : infer) };
  };
}

async function main(): Promise<void> {
  const [folder, name, classes, device] = process.argv.slice(2);
  loadPlainPackage(device === 'gpu');
  await tf.setBackend('tensorflow');
  const answer = await contender(folder!, name as NetworkName, Number(classes));
  for await (const line of createInterface({ input: process.stdin })) {
    process.stdout.write(`${JSON.stringify(await answer(JSON.parse(line) as Command))}\n`);
  }
}

main().catch((error: unknown) => {
  // `contender.ts` reports the last line.
  process.stderr.write(`${messageOf(error).replaceAll(/\s+/g, ' ')}\n`);
  process.exit(1);
});
