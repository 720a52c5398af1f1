import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import koffi from 'koffi';
import { GraphBuilder } from '../../src/graph/session/builder';
import { attr, elementTypes } from '../../src/graph/session/graph-def';
import { GraphSession } from '../../src/graph/session/session';
import { nativeLibrary } from '../../src/core/tensorflow/native';
import { useBackend } from '../../src/runtime/backend';
import { itOnTensorFlow, temporaryFolder } from '../support/fixtures';

/** Stands in for CUDA's runtime library where there is no GPU: counts what is pinned, and refuses where CUDA would. */
const source = `
static int held, most; static void *first;
int cudaHostRegister(void *p, unsigned long n, unsigned int flags) {
  if (first == p || flags != 0) return 712;
  first = p; if (++held > most) most = held;
  return 0;
}
int cudaHostUnregister(void *p) { if (first != p) return 713; first = 0; held--; return 0; }
int heldNow(void) { return held; }
int heldAtMost(void) { return most; }
`;

const folder = temporaryFolder();

beforeAll(async () => void (await useBackend('tensorflow')));

itOnTensorFlow('what is fed again is pinned once, and given free with its tensor', async () => {
  const library = join(folder, 'libcudart.so');
  writeFileSync(join(folder, 'cudart.c'), source);
  execFileSync('cc', ['-shared', '-fPIC', '-o', library, join(folder, 'cudart.c')]);
  const counted = koffi.load(library);
  const now = () => counted.func('int heldNow()')() as number;
  const most = () => counted.func('int heldAtMost()')() as number;
  const session = new GraphSession(nativeLibrary()!, {}, library);
  const builder = new GraphBuilder('test');
  const input = builder.placeholder([-1], elementTypes.float32);
  const output = builder.add('Neg', [input.name], { T: attr.type(elementTypes.float32) });
  session.extend(builder.encode());
  const negated = async (size: number, value: number) => {
    const data = new Float32Array(size).fill(value);
    const [result] = await session.run(new Map([[input.name, { shape: [size], data }]]), [output.name]);
    return result!.data.at(-1);
  };
  const held: number[] = [];
  for (const [size, value] of [
    [40_000, 1],
    [40_000, 2],
    [40_000, 3],
    [50_000, 4],
    [50_000, 5],
    [100, 6],
    [100, 7],
    [50_000, 8],
    [50_000, 9],
  ] as const) {
    expect(await negated(size, value)).toBe(-value);
    held.push(now());
  }
  // Fed once, again, again; another size once, again; too small to matter; the larger again.
  expect(held).toEqual([0, 1, 1, 0, 1, 0, 0, 0, 1]);
  await session.dispose();
  expect([now(), most()]).toEqual([0, 1]);
});
