import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { zoo } from '../../models/registry';
import { UserError } from '../../src/core/errors';
import { useBackend } from '../../src/runtime/backend';
import { checkRule, stepFor } from '../../src/train/step/choose-step';
import { command, itOnTensorFlow, temporaryFolder } from '../support/fixtures';
import { checkPrecision } from '../../src/graph/precision';

const folder = temporaryFolder();

/** As Linux lists the instruction sets of an AMD EPYC 7003 and of an Intel Xeon of 2023. */
const milan = ['avx', 'avx2', 'fma', 'sse4_2'];
const sapphireRapids = [...milan, 'amx_bf16', 'amx_tile', 'avx512_bf16', 'avx512_fp16', 'avx512f'];

it.each([
  ['bfloat16', 'tensorflow', milan, false],
  ['bfloat16', 'tensorflow', sapphireRapids, true],
  ['bfloat16', 'tensorflow', ['asimd', 'bf16'], true], // Arm
  ['bfloat16', 'tensorflow', [], true], // nothing is known outside Linux
  ['float16', 'tensorflow-gpu', milan, true],
  ['float16', 'tensorflow', ['avx512f'], false],
  ['float16', 'tensorflow', sapphireRapids, true],
  ['float32', 'tensorflow', milan, true],
] as const)('%s on %s with %p: %p', (precision, backend, features, possible) => {
  const check = () => checkPrecision('auto', precision, backend, features);
  if (possible) expect(check).not.toThrow();
  else expect(check).toThrow(new RegExp(`^precision: '${precision}': expected a processor with avx512`));
  if (!possible) expect(check).toThrow(UserError);
});

it('bfloat16 on a GPU is refused: TensorFlow has no such rewriting of a graph there', () => {
  const check = () => checkPrecision('auto', 'bfloat16', 'tensorflow-gpu', sapphireRapids);
  expect(check).toThrow(new UserError('precision: expected float32 or float16 on a GPU, found bfloat16'));
});

describe('a rule that is not gradient descent', () => {
  const { recipe, build } = zoo.neocognitron;

  it.each(['bfloat16', 'float16'] as const)('has no %s, for none of its updates is recorded', (precision) => {
    const message = `precision: expected float32 for winnerTakeAll, which has no compiled step, found ${precision}`;
    expect(() => checkRule(recipe, { precision })).toThrow(new UserError(message));
    expect(() => checkRule(zoo.lenet5.recipe, { precision })).not.toThrow();
  });

  it('is refused in code as by commands', async () => {
    await useBackend();
    const model = build({ classes: 10, seed: 1 });
    expect(() => stepFor(model, recipe, 1, { precision: 'bfloat16' })).toThrow(UserError);
    expect(() => stepFor(model, recipe, 1, { kind: 'auto', precision: 'float32' })).not.toThrow();
  });

  itOnTensorFlow('is refused before a run is written', async () => {
    const out = join(folder, 'run');
    const words = ['train', 'neocognitron', '--data', 'digits', '--step', 'compiled', '--out', out];
    const { code, stderr } = await command([...words, '--backend', 'tensorflow']);
    expect(stderr).toBe(
      'cnn-lineage: --step: expected auto or eager for winnerTakeAll, which has no compiled step, found compiled\n',
    );
    expect(code).toBe(2);
    expect(existsSync(out)).toBe(false);
  });
});
