/** Tells a training that diverges where squashing functions keep its loss finite. */

/** How many updates are looked at. */
export const watchedUpdates = 50;

/** How far above the untrained network's their mean loss has to be. */
const excess = 1.1;

/**
 * Called with the loss of each update; returns the mean of the last `watchedUpdates` at the first update at which they
 * are worse than a network that has learned nothing, and else undefined. States of LeNet's units are bounded, and so is
 * its loss: with too high a rate its units saturate, and the loss stays high instead of growing without end.
 */
export function divergenceWatch(untrainedLoss: number): (loss: number) => number | undefined {
  const last: number[] = [];
  let told = false;
  return (loss) => {
    last.push(loss);
    if (last.length > watchedUpdates) last.shift();
    if (told || last.length < watchedUpdates) return undefined;
    const mean = last.reduce((sum, each) => sum + each, 0) / last.length;
    if (mean <= excess * untrainedLoss) return undefined;
    told = true;
    return mean;
  };
}
