/**
 * `npx tsx scripts/tree/same-tensors.ts RUN RUN`: whether two runs ended with the same weights and the same memory of
 * the optimiser, bit for bit. Ends with code 1 if they did not.
 */
import { join } from 'node:path';
import { counted } from '../../src/core/text/counted';
import { readSafetensors } from '../../src/weights/formats/safetensors/read-safetensors';
import { type StoredTensor } from '../../src/weights/formats/safetensors/safetensors';

if (require.main === module) void main();

async function main(): Promise<void> {
  const runs = process.argv.slice(2);
  if (runs.length !== 2) {
    console.error('expected two folders of runs');
    process.exitCode = 2;
    return;
  }
  const [one, other] = await Promise.all(
    runs.map(async (run) => (await readSafetensors(join(run, 'last.safetensors'))).tensors),
  );
  const differences = differencesOf(one!, other!);
  if (differences.length > 0) process.exitCode = 1;
  const same = `${counted(one!.length, 'tensor')}, the same bit for bit`;
  console.log(differences.length > 0 ? differences.join('\n') : same);
}

/** A line for each tensor that only one of the two lists has, or that differs. */
function differencesOf(one: readonly StoredTensor[], other: readonly StoredTensor[]): string[] {
  const names = new Set([...one, ...other].map(({ name }) => name));
  return [...names].flatMap((name) => {
    const [left, right] = [one, other].map((list) => list.find((tensor) => tensor.name === name));
    if (!left || !right) return [`${name}: only in the ${left ? 'first' : 'second'}`];
    if (left.shape.join() !== right.shape.join())
      return [`${name}: ${left.shape.join('×')} and ${right.shape.join('×')}`];
    if (bitsOf(left).equals(bitsOf(right))) return [];
    const furthest = Array.from(left.data, (value, at) => Math.abs(value - right.data[at]!)).reduce(
      (most, difference) => Math.max(most, difference),
      0,
    );
    return [`${name}: differs by up to ${furthest.toExponential(1)}`];
  });
}

function bitsOf({ data }: StoredTensor): Buffer {
  return Buffer.from(data.buffer, data.byteOffset, data.byteLength);
}
