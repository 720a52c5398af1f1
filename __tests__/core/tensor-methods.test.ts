import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { tensorMethods } from '../../src/core/tensorflow/tensor-methods';
import { tf } from '../../src/core/tf';

const core = join(dirname(require.resolve('@tensorflow/tfjs-core/package.json')), 'dist');

/** Operations that say which of them was called, and with what. */
function recording(): typeof tf {
  const image = new Proxy({}, { get: (_, name) => called(name) });
  return new Proxy({} as typeof tf, {
    get: (_, name) => (name === 'image' ? image : called(name)),
  });
}
const called =
  (name: string | symbol) =>
  (...given: unknown[]) => [name, given.filter((value) => value !== undefined)];

type Method = (this: unknown, ...given: unknown[]) => unknown;

/** The methods of tfjs-core's own files, which are made for bundlers: each one's text, run with recording operations. */
function published(): [name: string, method: Method][] {
  const folder = join(core, 'public', 'chained_ops');
  const files = readdirSync(folder).filter((name) => /(?<!_test|register_all_chained_ops)\.js$/.test(name));
  return files.map((file) => {
    const text = readFileSync(join(folder, file), 'utf8');
    const [, name, rest] = /getGlobalTensorClass\(\)\.prototype\.(\w+)\s*=([^]*)$/.exec(text)!;
    const operations = [...text.matchAll(/^import \{ (\w+) \} from '..\/..\/ops/gm)].map(
      ([, found]) => found!,
    );
    const names = [...operations, 'assert', 'Tensor'];
    // eslint-disable-next-line @typescript-eslint/no-implied-eval -- the package's own text
    const made = new Function(...names, `return (${rest!.replace(/;?\s*\/\/#[^]*$/, '')})`) as (
      ...given: unknown[]
    ) => Method;
    return [name!, made(...operations.map(called), () => undefined, Map)];
  });
}

const receiver = { size: 1, shape: [], throwIfDisposed: () => undefined };
const othersFor: Readonly<Record<string, readonly unknown[][]>> = {
  oneHot: [[3], [3, 5, 7]],
  reshapeAs: [[{ shape: [2, 3] }]],
  concat: [
    [new Map(), 1],
    [[1, 2], 0],
  ],
  stack: [
    [new Map(), 1],
    [[1, 2], 0],
  ],
  as1D: [[]],
  flatten: [[]],
  asScalar: [[]],
};

const methods = published();

test('every method of tfjs-core is there', () => {
  expect(methods.length).toBeGreaterThan(130);
  expect(Object.keys(tensorMethods(tf)).sort()).toEqual(methods.map(([name]) => name).sort());
  for (const [name] of methods) expect(tf.Tensor.prototype).toHaveProperty(name, expect.any(Function));
});

test.each(methods)('%s calls what the one of tfjs-core calls', (name, theirs) => {
  const ours = tensorMethods(recording())[name]! as Method;
  const noMore = theirs.length;
  for (const given of othersFor[name] ?? [['a', 'b', 'c', 'd', 'e', 'f'].slice(0, noMore)])
    expect(ours.apply(receiver, given)).toEqual(theirs.apply(receiver, given));
});

test('a disposed tensor has no methods', () => {
  const gone = tf.scalar(1);
  gone.dispose();
  expect(() => gone.add(1)).toThrow('Tensor is disposed');
});

test('every gradient of tfjs-core is registered', () => {
  const folder = join(core, 'gradients');
  const files = readdirSync(folder).filter((name) => /_grad\.js$/.test(name));
  const kernels = files.map((file) => {
    const text = readFileSync(join(folder, file), 'utf8');
    return tf[/kernelName: (\w+)/.exec(text)![1] as 'Abs'];
  });
  expect(kernels.length).toBeGreaterThan(100);
  expect(kernels.filter((kernel) => !tf.getGradient(kernel))).toEqual([]);
});
