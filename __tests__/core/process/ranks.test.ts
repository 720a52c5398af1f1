/** What ranks do together, with ranks in one process: MPI itself is in runtime/mpi. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bfloat16ToFloat32, float32ToBfloat16 } from '../../../src/core/tensorflow/bfloat16';
import { UserError } from '../../../src/core/errors';
import type { Communicator } from '../../../src/core/io/process/communicator';
import { gradientSum } from '../../../src/core/io/process/gradient-sum';
import { byFirst, copyFile, expectSame, ofFirst, together } from '../../../src/core/io/process/together';
import { inTurns, type Message } from '../../../src/core/io/process/turns';
import { seededRandom } from '../../../src/core/random';
import { temporaryFolder } from '../../support/fixtures';
import { ranksTogether } from '../../runtime/mpi/ranks-together';

const root = temporaryFolder();

/** What each of three ranks gets, or the line that it ends with. */
function onEach<Result>(
  work: (ranks: Communicator) => Promise<Result>,
): Promise<readonly (Result | string)[]> {
  return Promise.all(
    ranksTogether(3).map((ranks) => work(ranks).catch((error: unknown) => (error as Error).message)),
  );
}

describe('together', () => {
  it('gives each rank its own result', async () => {
    expect(await onEach((ranks) => together(ranks, async () => ranks.rank * 2))).toEqual([0, 2, 4]);
  });

  it('fails on all ranks if it does on one, and names that one', async () => {
    const found = await onEach((ranks) =>
      together(ranks, async () => {
        if (ranks.rank > 0) throw new UserError(`a.png: damaged for ${ranks.rank}`);
      }),
    );
    expect(found).toEqual(new Array(3).fill('rank 1: a.png: damaged for 1'));
  });

  it('says a mistake that all make as one process would', async () => {
    const found = await onEach((ranks) =>
      together(ranks, async () => {
        throw new UserError('unknown data');
      }),
    );
    expect(found).toEqual(new Array(3).fill('unknown data'));
  });

  it('leaves what rank 0 alone does to it, and tells all', async () => {
    const done: number[] = [];
    const found = await onEach((ranks) =>
      byFirst(ranks, async () => {
        done.push(ranks.rank);
        return { folder: 'runs/a' };
      }),
    );
    expect([done, found]).toEqual([[0], new Array(3).fill({ folder: 'runs/a' })]);
    // Nothing is a value too.
    expect(await onEach((ranks) => byFirst(ranks, async () => undefined))).toEqual([null, null, null]);
  });

  it('finds the first rank whose facts are others', async () => {
    const facts = (rank: number) => ({ version: '1.0', '--seed': rank === 2 ? 7 : 1 });
    expect(await onEach((ranks) => expectSame(ranks, facts(ranks.rank)))).toEqual(
      new Array(3).fill('rank 2: expected the same --seed as rank 0, 1, found 7'),
    );
    expect(await onEach((ranks) => expectSame(ranks, facts(0)))).toEqual([undefined, undefined, undefined]);
  });

  it('copies a value and a file of rank 0', async () => {
    expect(await onEach((ranks) => ofFirst(ranks, ranks.rank + 5))).toEqual([5, 5, 5]);
    const path = (rank: number) => join(root, `file-${rank}`);
    writeFileSync(path(0), Buffer.from([1, 2, 3, 250]));
    await onEach((ranks) => copyFile(ranks, path(ranks.rank)));
    expect([...readFileSync(path(2))]).toEqual([1, 2, 3, 250]);
    expect(await onEach((ranks) => copyFile(ranks, join(root, 'none')))).toEqual(
      new Array(3).fill(expect.stringMatching(/no such file/i)),
    );
  });
});

async function listOf<Item>(items: AsyncIterable<Item>): Promise<readonly Item[]> {
  const list: Item[] = [];
  for await (const item of items) list.push(item);
  return list;
}

it.each([0, 1, 5, 6, 7])('deals %i items out one by one, and gives all of them in order', async (all) => {
  async function* own({ rank, size }: Communicator): AsyncGenerator<Message<{ item: number }>, void> {
    for (let item = rank; item < all; item += size)
      yield { head: { item }, arrays: [Float32Array.of(item / 3, NaN), new Float32Array(item)] };
  }
  const expected = Array.from({ length: all }, (_, item) => ({
    head: { item },
    arrays: [Float32Array.of(item / 3, NaN), new Float32Array(item)],
  }));
  const found = await onEach((ranks) => listOf(inTurns(own(ranks), all, ranks)));
  expect(found).toEqual([expected, expected, expected]);
});

describe('bfloat16', () => {
  it('is the nearest of its numbers, the even one of two', () => {
    // 1 + 2^-8 lies between 1 and 1 + 2^-7; 1 + 3·2^-8 between 1 + 2^-7 and 1 + 2^-6.
    const numbers = [1, 1 + 2 ** -8, 1 + 3 * 2 ** -8, 1 + 2 ** -8 + 2 ** -20, -2.5, 0, -0, Infinity, 3.4e38];
    const nearest = [1, 1, 1 + 2 ** -6, 1 + 2 ** -7, -2.5, 0, -0, Infinity, Infinity];
    expect([...bfloat16ToFloat32(float32ToBfloat16(Float32Array.from(numbers)))]).toEqual(nearest);
    const [nothing] = bfloat16ToFloat32(
      float32ToBfloat16(new Float32Array(new Uint32Array([0x7f80_0001]).buffer)),
    );
    expect(nothing).toBeNaN();
  });

  it.each([1, 2, 100, 101])(
    'adds %i gradients up as float32 does, to its precision, alike on all ranks',
    async (length) => {
      const given = ranksTogether(3).map(({ rank }) => {
        const random = seededRandom(rank);
        return Float32Array.from({ length }, () => random.uniform(-1, 1));
      });
      const found = await onEach(async (ranks) => {
        const values = given[ranks.rank]!.slice();
        await gradientSum(ranks, 'bfloat16')(values);
        return [...values];
      });
      expect(found[1]).toEqual(found[0]);
      expect(found[2]).toEqual(found[0]);
      // Two roundings to 8 bits: each number at most 2^-8 of itself, numbers below 1 and sums below 3.
      (found[0] as number[]).forEach((sum, at) => {
        const exact = given.reduce((total, values) => total + values[at]!, 0);
        expect(Math.abs(sum - exact)).toBeLessThan(6 * 2 ** -8);
      });
    },
  );
});
