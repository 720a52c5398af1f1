/** The sum of gradients over ranks, as float32 or as half as many bytes. */
import { bfloat16ToFloat32, float32ToBfloat16 } from '../../tensorflow/bfloat16';
import type { Communicator } from './communicator';

/** The numbers in which gradients travel between ranks. */
export const wires = ['float32', 'bfloat16'] as const;

/** One of `wires`. */
export type Wire = (typeof wires)[number];

/** Adds the gradients of all ranks up, in place; all ranks have the same sums. */
export function gradientSum(ranks: Communicator, wire: Wire): (values: Float32Array) => Promise<void> {
  return wire === 'float32' ? (values) => ranks.sum(values) : (values) => sumInBfloat16(ranks, values);
}

/**
 * Each rank adds up one piece of the array, in float32, of what the others send of it in bfloat16, and sends its sums to
 * all, again in bfloat16: half the bytes of a sum in float32, and two roundings.
 */
async function sumInBfloat16(ranks: Communicator, values: Float32Array): Promise<void> {
  const { size } = ranks;
  const piece = Math.ceil(values.length / size);
  const padded = new Uint16Array(piece * size);
  padded.set(float32ToBfloat16(values));
  const received = halvesOf(await ranks.exchange(new Uint8Array(padded.buffer)));
  const sums = bfloat16ToFloat32(received.subarray(0, piece));
  for (let rank = 1; rank < size; rank++) {
    const theirs = bfloat16ToFloat32(received.subarray(rank * piece, (rank + 1) * piece));
    for (let at = 0; at < piece; at++) sums[at]! += theirs[at]!;
  }
  const all = await ranks.gather(new Uint8Array(float32ToBfloat16(sums).buffer));
  for (const [rank, bytes] of all.entries()) {
    const from = Math.min(rank * piece, values.length); // of few numbers, the last ranks have none
    values.set(bfloat16ToFloat32(halvesOf(bytes)).subarray(0, values.length - from), from);
  }
}

/** The numbers that begin anywhere in memory. */
function halvesOf(bytes: Uint8Array): Uint16Array {
  const own = bytes.byteOffset % 2 === 0 ? bytes : bytes.slice();
  return new Uint16Array(own.buffer, own.byteOffset, own.byteLength / 2);
}
