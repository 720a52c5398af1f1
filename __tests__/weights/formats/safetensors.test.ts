import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { UserError } from '../../../src/core/errors';
import { readSafetensors } from '../../../src/weights/formats/safetensors/read-safetensors';
import { encodeSafetensors, type StoredTensor } from '../../../src/weights/formats/safetensors/safetensors';

/** A file put together from the format's specification: length, header, data. */
function fileOf(header: string | object, data: string, length?: bigint): Buffer {
  const json = Buffer.from(typeof header === 'string' ? header : JSON.stringify(header));
  const size = Buffer.alloc(8);
  size.writeBigUInt64LE(length ?? BigInt(json.length));
  return Buffer.concat([size, json, Buffer.from(data.replace(/ /g, ''), 'hex')]);
}

const tensor = (dtype: string, shape: number[], ...offsets: number[]) => ({
  dtype,
  shape,
  data_offsets: offsets,
});

test('every type is read as the numbers that its bytes stand for', async () => {
  const header = {
    __metadata__: { format: 'pt', note: '"quoted": {' },
    f32: tensor('F32', [2], 0, 8),
    half: tensor('F16', [7], 8, 22),
    brain: tensor('BF16', [3], 22, 28),
    i32: tensor('I32', [1, 2], 28, 36),
    i64: tensor('I64', [2], 36, 52),
    u8: tensor('U8', [3], 52, 55),
    bool: tensor('BOOL', [2], 55, 57),
    scalar: tensor('F32', [], 57, 61),
    empty: tensor('F32', [0, 4], 61, 61),
  };
  const data = [
    '0000c03f 000080ff', // 1.5, -Infinity
    '003c 00c0 0100 ff03 ff7b 007c 0080', // 1, -2, 2^-24, 1023 · 2^-24, 65504, Infinity, -0
    '803f 20c1 c07f', // 1, -10, NaN
    'ffffffff 00000080', // -1, -2^31
    'feffffffffffffff ffffff7f00000000', // -2, 2^31 - 1
    '0001ff',
    '0001',
    '0000003f', // 0.5
  ];
  const { tensors, metadata } = await readSafetensors(fileOf(header, data.join('')));
  expect(metadata).toEqual({ format: 'pt', note: '"quoted": {' });
  expect(tensors.map(({ name, dtype, shape, data }) => [name, dtype, shape, [...data]])).toEqual([
    ['f32', 'F32', [2], [1.5, -Infinity]],
    ['half', 'F32', [7], [1, -2, 2 ** -24, 1023 * 2 ** -24, 65504, Infinity, -0]],
    ['brain', 'F32', [3], [1, -10, NaN]],
    ['i32', 'I32', [1, 2], [-1, -(2 ** 31)]],
    ['i64', 'I32', [2], [-2, 2 ** 31 - 1]],
    ['u8', 'U8', [3], [0, 1, 255]],
    ['bool', 'BOOL', [2], [0, 1]],
    ['scalar', 'F32', [], [0.5]],
    ['empty', 'F32', [0, 4], []],
  ]);
});

const written: readonly StoredTensor[] = [
  { name: 'mask', dtype: 'BOOL', shape: [3], data: Uint8Array.of(1, 0, 1) },
  { name: 'C1/kernel', dtype: 'F32', shape: [1, 2], data: Float32Array.of(0.25, -3) },
  { name: 'step', dtype: 'I32', shape: [], data: Int32Array.of(7) },
];

test('a file is written as the specification lays it out, aligned and padded to 8 bytes', () => {
  const file = encodeSafetensors(written, { epoch: '3' });
  const json =
    '{"__metadata__":{"epoch":"3"},' +
    '"C1/kernel":{"dtype":"F32","shape":[1,2],"data_offsets":[0,8]},' +
    '"step":{"dtype":"I32","shape":[],"data_offsets":[8,12]},' +
    '"mask":{"dtype":"BOOL","shape":[3],"data_offsets":[12,15]}}';
  const padded = json.padEnd(Math.ceil(json.length / 8) * 8);
  expect(file).toEqual(fileOf(padded, '0000803e 000040c0 07000000 010001'));
});

test('what is written is read back, from bytes at any address and from a file', async () => {
  const file = encodeSafetensors(written, { epoch: '3' });
  const expected = { tensors: [written[1], written[2], written[0]], metadata: { epoch: '3' } };
  for (const shift of [0, 1, 2, 3]) {
    const shifted = new Uint8Array(file.length + shift);
    shifted.set(file, shift);
    const { tensors, metadata } = await readSafetensors(shifted.subarray(shift));
    expect({ tensors: tensors.map(plain), metadata }).toEqual({
      ...expected,
      tensors: expected.tensors.map((t) => plain(t!)),
    });
  }
  const folder = mkdtempSync(join(tmpdir(), 'lineage-weights-'));
  try {
    const path = join(folder, 'weights.safetensors');
    writeFileSync(path, file);
    expect((await readSafetensors(path)).tensors.map(plain)).toEqual(expected.tensors.map((t) => plain(t!)));
  } finally {
    rmSync(folder, { recursive: true });
  }
});

const plain = ({ data, ...facts }: StoredTensor) => ({ ...facts, data: [...data] });

test('tensors that do not fit their shape or share a name are not written', () => {
  const one: StoredTensor = { name: 'a', dtype: 'F32', shape: [2], data: new Float32Array(2) };
  expect(() => encodeSafetensors([{ ...one, shape: [3] }])).toThrow(
    'expected 3 elements in tensor a of [3], found 2',
  );
  expect(() => encodeSafetensors([one, one])).toThrow('found a twice');
});

const one = tensor('F32', [1], 0, 4);
const faults: readonly (readonly [fault: string, file: Buffer, message: string])[] = [
  ['an empty file', Buffer.alloc(0), 'expected at least 8 bytes, found 0'],
  [
    'a length beyond the file',
    fileOf('{}', '', 2n ** 63n),
    'expected a header of at most 2 bytes, found the length 9223372036854776000',
  ],
  ['a cut header', fileOf({ a: one }, '00000000').subarray(0, 30), 'expected a header of at most 22 bytes'],
  ['another kind of file', Buffer.from('PK\x03\x04 this is a zip archive'), 'expected a header of at most'],
  ['broken JSON', fileOf('{"a":', ''), 'expected a header of JSON in UTF-8'],
  [
    'bytes that are no UTF-8',
    fileOf('{"a\xff":1}', '').fill(0xff, 11, 12),
    'expected a header of JSON in UTF-8',
  ],
  ['a list for a header', fileOf('[]', ''), 'expected a header that begins with {, found "[]"'],
  ['a leading space', fileOf(' {}', ''), 'expected a header that begins with {'],
  [
    'a name twice',
    fileOf(`{"a":${JSON.stringify(one)},"\\u0061" :${JSON.stringify(one)}}`, '00000000'),
    'expected every name once, found "a" twice',
  ],
  [
    'a field twice',
    fileOf('{"a":{"dtype":"U8","dtype":"F32","shape":[1],"data_offsets":[0,4]}}', '00000000'),
    'found "dtype" twice',
  ],
  [
    'metadata of numbers',
    fileOf({ __metadata__: { epoch: 3 } }, ''),
    'expected texts in __metadata__, found {"epoch":3}',
  ],
  [
    'a type that is not read',
    fileOf({ a: tensor('F8_E4M3', [4], 0, 4) }, '00000000'),
    'expected numbers of at least 16 bits in the tensor "a", found F8_E4M3, which is not read here',
  ],
  [
    'a type that the format does not have',
    fileOf({ a: tensor('F31', [4], 0, 4) }, '00000000'),
    'expected one of the types F64, F32, F16, BF16, F8_E4M3, F8_E5M2, I64, U64, I32, U32, I16, U16, I8, U8, BOOL for tensor "a", found "F31"',
  ],
  [
    'a type named like a method',
    fileOf({ a: tensor('toString', [4], 0, 4) }, '00000000'),
    'found "toString"',
  ],
  ['a tensor that is a number', fileOf({ a: 3 }, ''), 'found nothing'],
  [
    'a negative size',
    fileOf({ a: tensor('F32', [-1], 0, 4) }, '00000000'),
    'expected a shape of whole numbers for tensor "a", found [-1]',
  ],
  [
    'a fractional size',
    fileOf({ a: tensor('F32', [0.5], 0, 2) }, '0000'),
    'expected a shape of whole numbers',
  ],
  [
    'an endless shape',
    fileOf({ a: tensor('F32', [2 ** 50, 2 ** 50], 0, 4) }, '00000000'),
    'and shape [1125899906842624, 1125899906842624], found 4',
  ],
  [
    'too few bytes for the shape',
    fileOf({ a: tensor('F32', [2], 0, 4) }, '00000000'),
    'expected 8 bytes for tensor "a" of type F32 and shape [2], found 4',
  ],
  [
    'offsets the wrong way round',
    fileOf({ a: tensor('F32', [1], 4, 0) }, '00000000'),
    'expected data_offsets [begin, end] for tensor "a", found [4,0]',
  ],
  ['one offset', fileOf({ a: tensor('F32', [1], 4) }, '00000000'), 'expected data_offsets [begin, end]'],
  ['an overlap', fileOf({ a: one, b: tensor('F32', [1], 2, 6) }, '000000000000'), '(a gap or an overlap)'],
  ['a gap', fileOf({ a: one, b: tensor('F32', [1], 5, 9) }, '000000000000000000'), '(a gap or an overlap)'],
  ['missing data', fileOf({ a: one }, '000000'), 'expected a size of 66 bytes, found 65'],
  [
    'data that belong to no tensor',
    fileOf({ a: one }, '0000000000'),
    'expected a size of 66 bytes, found 67',
  ],
  [
    'a truth value of 2',
    fileOf({ a: tensor('BOOL', [1], 0, 1) }, '02'),
    'expected 0 or 1 in the BOOL tensor "a"',
  ],
  [
    'a number beyond 32 bits',
    fileOf({ a: tensor('I64', [1], 0, 8) }, '0000008000000000'),
    'in the I64 tensor "a", found 2147483648',
  ],
];

test.each(faults)('%s is refused in one line that says what was expected', async (_, file, message) => {
  const error = await readSafetensors(file, 'w.safetensors').catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(UserError);
  expect((error as UserError).message).toContain(message);
  expect((error as UserError).message).toMatch(/^w\.safetensors.*$/);
});

test('a missing file and a folder are refused in one line', async () => {
  for (const [path, found] of [
    ['/does/not/exist.safetensors', 'no such file or folder'],
    [tmpdir(), 'a folder, not a file'],
  ] as const) {
    await expect(readSafetensors(path)).rejects.toThrow(UserError);
    await expect(readSafetensors(path)).rejects.toThrow(`expected a safetensors file at ${path}: ${found}`);
  }
});

test("a file damaged anywhere is either refused as the user's or still whole", async () => {
  const whole = encodeSafetensors(written, { epoch: '3' });
  const edit = fc.tuple(
    fc.nat(whole.length - 1),
    fc.oneof(fc.nat(255), fc.constantFrom(...Buffer.from('{}[],:"0-9eE\\'))),
  );
  await fc.assert(
    fc.asyncProperty(
      fc.array(edit, { minLength: 1, maxLength: 6 }),
      fc.nat(whole.length),
      async (edits, length) => {
        const damaged = Uint8Array.from(whole);
        for (const [at, byte] of edits) damaged[at] = byte;
        const outcome = await readSafetensors(damaged.subarray(0, length)).catch((thrown: unknown) => thrown);
        if (outcome instanceof Error) expect(outcome).toBeInstanceOf(UserError);
        else expect(length).toBe(whole.length);
      },
    ),
    { numRuns: 3000, seed: 1 },
  );
});

test('any bytes behind a length that fits are refused or read, never a crash', async () => {
  await fc.assert(
    fc.asyncProperty(fc.json(), fc.uint8Array(), async (json, data) => {
      const file = fileOf(json, Buffer.from(data).toString('hex'));
      const outcome = await readSafetensors(file).catch((thrown: unknown) => thrown);
      if (outcome instanceof Error) expect(outcome).toBeInstanceOf(UserError);
    }),
    { numRuns: 1000, seed: 1 },
  );
});
