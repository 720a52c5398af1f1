/** Work that is dealt out among ranks item by item: each rank gets what all of them made, in the order of the items. */
import type { Communicator } from './communicator';

/** What was made of one item: plain data, and arrays of numbers. */
export interface Message<Head> {
  readonly head: Head;
  readonly arrays: readonly Float32Array[];
}

/**
 * What was made of all items.
 * @param own this rank's: of every `size`th item, from the `rank`th on
 * @param all how many items there are on all ranks
 */
export async function* inTurns<Head>(
  own: AsyncGenerator<Message<Head>, void>,
  all: number,
  communicator: Communicator,
): AsyncGenerator<Message<Head>, void> {
  if (communicator.size === 1) return yield* own;
  try {
    for (let done = 0; done < all; done += communicator.size) {
      const next = await own.next();
      const found = await communicator.gather(next.done ? new Uint8Array() : encoded(next.value));
      for (const bytes of found) if (bytes.length > 0) yield decoded(bytes);
    }
  } finally {
    await own.return();
  }
}

/** The length of the JSON in 4 bytes, the JSON, padded to 4 bytes, then the numbers of all arrays. */
function encoded({ head, arrays }: Message<unknown>): Uint8Array {
  const text = new TextEncoder().encode(JSON.stringify([head, arrays.map(({ length }) => length)]));
  const start = startAfter(text.length);
  const bytes = new Uint8Array(start + 4 * arrays.reduce((sum, { length }) => sum + length, 0));
  new Uint32Array(bytes.buffer, 0, 1)[0] = text.length;
  bytes.set(text, 4);
  let at = start;
  for (const values of arrays) {
    new Float32Array(bytes.buffer, at, values.length).set(values);
    at += 4 * values.length;
  }
  return bytes;
}

function decoded<Head>(bytes: Uint8Array): Message<Head> {
  const own = bytes.slice(); // begins at a multiple of 4 in its memory
  const length = new Uint32Array(own.buffer, 0, 1)[0]!;
  const text = new TextDecoder().decode(own.subarray(4, 4 + length));
  const [head, lengths] = JSON.parse(text) as [Head, readonly number[]];
  let at = startAfter(length);
  const arrays = lengths.map((count) => {
    const values = new Float32Array(own.buffer, at, count);
    at += 4 * count;
    return values;
  });
  return { head, arrays };
}

function startAfter(length: number): number {
  return 4 + Math.ceil(length / 4) * 4;
}
