import { useBackend } from '../../../src/runtime/backend';
import { tf } from '../../../src/core/tf';
import { forwardFor } from '../../../src/evaluate/scores/forward';
import { command, itOnTensorFlow } from '../../support/fixtures';

it('names the step by what computed: the neocognitron’s rule has none that is recorded', async () => {
  const { code, stdout } = await command(['bench', 'neocognitron', '--batch', '1', '--steps', '1', '--json']);
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ step: 'eager', recorded: null });
});

itOnTensorFlow('names a recorded step as such', async () => {
  const { stdout } = await command(['bench', 'lenet5', '--backend', 'tensorflow', '--steps', '1', '--json']);
  const found = JSON.parse(stdout) as { step: string; recorded: { seconds: number } };
  expect(found.step).toBe('compiled');
  expect(found.recorded.seconds).toBeGreaterThan(0);
});

itOnTensorFlow('inference computes in the precision that is asked for', async () => {
  await useBackend('tensorflow');
  const input = tf.input({ shape: [16, 16, 1] });
  const flat = tf.layers.flatten().apply(input);
  const scores = tf.layers.dense({ units: 8 }).apply(flat) as tf.SymbolicTensor;
  const model = tf.model({ inputs: input, outputs: scores });
  // bfloat16 has eight bits: this is 1 there.
  const weight = 1 + 2 ** -9;
  model.setWeights([tf.fill([256, 8], weight), tf.zeros([8])]);
  const batch = { images: new Float32Array(4 * 256).fill(1), shape: [16, 16, 1] } as const;
  for (const [choice, sum] of [
    [{ kind: 'auto', precision: 'float32' }, 256 * weight],
    [{ kind: 'eager' }, 256 * weight],
    [{ kind: 'auto', precision: 'bfloat16' }, 256],
    [{ kind: 'compiled', precision: 'bfloat16' }, 256],
  ] as const) {
    const forward = forwardFor(model, choice);
    expect(await forward.run(batch)).toEqual(new Float32Array(32).fill(sum));
    forward.dispose();
  }
});

it.each([
  ['--rounds', ['lenet5', '--rounds', '2'], '--rounds: expected it with --peers, found it without'],
  ['--seconds', ['lenet5', '--seconds', '1'], '--seconds: expected it with --peers, found it without'],
  ['--python', ['lenet5', '--python', 'python3'], '--python: expected it with --peers, found it without'],
  ['--out', ['lenet5', '--out', 'folder'], '--out: expected it with --peers, found it without'],
  ['--step', ['lenet5', '--peers', '--step', 'auto'], '--step: expected it without --peers, found it with'],
  ['--steps', ['--peers', '--steps', '100'], '--steps: expected it without --peers, found it with'],
  [
    '--batch',
    ['--peers', '--batch', '8'],
    '--batch: expected a network beside it, found none; each of the five has its own',
  ],
  [
    '--peers',
    ['neocognitron', '--peers'],
    '--peers: expected a network that learns by gradients, found neocognitron',
  ],
])('refuses %s where it would change nothing: %p', async (_, words, message) => {
  const { code, stdout, stderr } = await command(['bench', ...words]);
  expect({ code, stdout, stderr }).toEqual({ code: 2, stdout: '', stderr: `cnn-lineage: ${message}\n` });
});
