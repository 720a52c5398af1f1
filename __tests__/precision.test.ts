import { UserError } from '../src/errors';
import { checkPrecision } from '../src/train/step-for';

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
  else expect(check).toThrow(new RegExp(`--precision ${precision}: expected a processor with avx512`));
  if (!possible) expect(check).toThrow(UserError);
});

it('bfloat16 on a GPU is refused: TensorFlow has no such rewriting of a graph there', () => {
  const check = () => checkPrecision('auto', 'bfloat16', 'tensorflow-gpu', sapphireRapids);
  expect(check).toThrow(new UserError('--precision: expected float32 or float16 on a GPU, found bfloat16'));
});
