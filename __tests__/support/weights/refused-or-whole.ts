import { UserError } from '../../../src/core/errors';
import type { ForeignWeights } from '../../../src/weights/formats/foreign-weights';

/** What a reader makes of some bytes: the count of all numbers that it gives, or the one line that it refuses them with. */
export async function refusedOrWhole(
  read: () => ForeignWeights | Promise<ForeignWeights>,
): Promise<number | string> {
  try {
    const { tensors } = await read();
    let numbers = 0;
    for (const tensor of tensors) {
      const values = await tensor.values();
      expect(values.length).toBe(tensor.shape.reduce((product, size) => product * size, 1));
      numbers += values.length;
    }
    return numbers;
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    expect(error.message).not.toContain('\n');
    expect(error.message.length).toBeLessThan(1000);
    return error.message;
  }
}
