/** Trains LeNet-5 on digits that the program draws, prints the loss as it falls, and tests it: no folder, no files. */
import { evaluate, openData, train, useBackend, zoo } from '../index'; // in your own program: 'cnn-lineage'

async function main(): Promise<void> {
  const { backend } = await useBackend(); // the best there is
  const { build, recipe } = zoo.lenet5;
  const data = await openData('digits');
  const model = build({ classes: data.train.classes.length, seed: 1 });
  const one = { ...recipe, epochs: 1 };
  for await (const { step, stepsPerEpoch, loss } of train({ model, recipe: one, data: data.train, seed: 1 }))
    if (step % 50 === 0 || step === stepsPerEpoch)
      console.log(`${step}/${stepsPerEpoch}: loss ${loss.toFixed(2)}`);
  const { error, images } = await evaluate({ model, recipe, data: data.test });
  console.log(`error ${(100 * error).toFixed(1)} % on ${images} digits, computed by ${backend}`);
}

void main();
