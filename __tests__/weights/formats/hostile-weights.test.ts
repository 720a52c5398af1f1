import { deflateRawSync } from 'node:zlib';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../../../src/core/errors';
import { bytes, integer, varint } from '../../../src/core/io/protobuf';
import { deriveSeed, seededRandom } from '../../../src/core/random';
import { readCaffemodel } from '../../../src/weights/formats/caffemodel';
import type { ForeignWeights } from '../../../src/weights/formats/foreign-weights';
import { readPth } from '../../../src/weights/formats/torch/pth';
import { readSafetensors } from '../../../src/weights/formats/safetensors/read-safetensors';
import { readZip } from '../../../src/weights/formats/zip';
import { zipOf, type Stored } from '../../support/weights/zip-of';
import { refusedOrWhole } from '../../support/weights/refused-or-whole';
import { fixtures } from '../../support/places';

const files = join(fixtures, 'weights');
const fixture = (name: string) => readFileSync(join(files, name));

const readers: Readonly<Record<string, (file: Uint8Array) => ForeignWeights | Promise<ForeignWeights>>> = {
  'alexnet.caffemodel': (file) => readCaffemodel(file, 'net'),
  'alexnet-v1.caffemodel': (file) => readCaffemodel(file, 'net'),
  'alexnet.pth': (file) => readPth(file, 'net'),
  'alexnet-legacy.pth': (file) => readPth(file, 'net'),
  'alexnet-protocol-5.pth': (file) => readPth(file, 'net'),
  'views.pth': (file) => readPth(file, 'net'),
};

describe.each(Object.keys(readers))('%s with damage', (name) => {
  const whole = fixture(name);

  it('reads, or is refused in one line, wherever it is cut off', async () => {
    const random = seededRandom(deriveSeed(1, name));
    for (let round = 0; round < 100; round++) {
      const cut = whole.subarray(0, random.integer(whole.length));
      const found = await refusedOrWhole(() => readers[name]!(new Uint8Array(cut)));
      // A message of protocol buffers may end after any field; what is left is then a smaller one.
      expect(typeof found === 'string' || name.endsWith('.caffemodel')).toBe(true);
    }
  });

  it('reads, or is refused in one line, whichever bytes are changed', async () => {
    const random = seededRandom(deriveSeed(2, name));
    for (let round = 0; round < 300; round++) {
      const changed = new Uint8Array(whole);
      // The structure lies mostly at the file's beginning and end, the numbers between.
      const reach = round % 3 === 0 ? whole.length : 3000;
      for (let change = 0; change <= random.integer(4); change++) {
        const at = random.integer(Math.min(reach, whole.length));
        changed[round % 3 === 1 ? whole.length - 1 - at : at] = random.integer(256);
      }
      const found = await refusedOrWhole(() => readers[name]!(changed));
      // Nothing makes more numbers than the file has bytes.
      if (typeof found === 'number') expect(found).toBeLessThanOrEqual(whole.length);
    }
  });
});

describe('a .caffemodel', () => {
  const refusal = (file: Uint8Array) => refusedOrWhole(() => readCaffemodel(file, 'net'));
  const layer = (...blobs: Uint8Array[]) =>
    bytes(100, Buffer.concat([bytes(1, 'conv'), ...blobs.map((blob) => bytes(7, blob))]));
  const shape = (...sizes: number[]) => bytes(7, bytes(1, Buffer.concat(sizes.map(varint))));
  const numbers = (count: number) => bytes(5, new Uint8Array(4 * count));

  it('is refused without layers, with a layer twice, or with groups', async () => {
    expect(await refusal(new Uint8Array())).toMatch(/expected layers with weights, found none$/);
    const one = layer(Buffer.concat([shape(2), numbers(2)]));
    expect(await refusal(Buffer.concat([one, one]))).toMatch(
      /expected every layer once, found two of "conv\/0"$/,
    );
    expect(await refusal(Buffer.of(0x0b, 0x0c))).toMatch(
      /expected a field of a message, found the tag 11 at byte 0$/,
    );
  });

  it.each([
    ['a giant shape', [2 ** 40, 2 ** 40], /expected 1.2\d+e\+24 numbers/],
    ['sizes beyond all numbers', [-1], /within 2\^53, found 18446744073709552000$/],
    ['33 dimensions', Array.from({ length: 33 }, () => 1), /at most 32 dimensions/],
    [
      'fewer numbers than its shape',
      [3],
      /expected 3 numbers in blob "conv\/0" of the shape \[3\], found 2$/,
    ],
  ])('with %s is refused before anything is made for it', async (_, sizes, reason) => {
    expect(await refusal(layer(Buffer.concat([shape(...sizes), numbers(2)])))).toMatch(reason);
  });

  it('with more blobs than any network has, or bytes that are no floats, is refused', async () => {
    const many = layer(...Array.from({ length: 100_001 }, () => Buffer.alloc(0)));
    expect(await refusal(many)).toMatch(/at most 100000 blobs, found more$/);
    expect(await refusal(layer(bytes(5, new Uint8Array(7))))).toMatch(/numbers of 4 bytes .* found 7 bytes/);
    expect(await refusal(layer(integer(5, 3)))).toMatch(/found 1 byte of type varint$/);
    expect(await refusal(Buffer.concat([Buffer.of(0x0a), Buffer.alloc(11, 0xff)]))).toMatch(
      /at most 10 bytes/,
    );
  });
});

describe('a zip archive', () => {
  const data = Buffer.from('some bytes');

  it('gives what was stored and what was deflated', () => {
    const entries = readZip(
      zipOf([
        { name: 'a/stored', data },
        { name: 'a/deflated', data: deflateRawSync(data), method: 8, size: data.length },
        { name: 'a/', data: Buffer.alloc(0) },
      ]),
      'archive',
    );
    expect([...entries.keys()]).toEqual(['a/stored', 'a/deflated']);
    for (const entry of entries.values()) expect(Buffer.from(entry.bytes())).toEqual(data);
  });

  it.each<[string, readonly Stored[], RegExp]>([
    [
      'leads upwards',
      [{ name: '../escape', data }],
      /names that stay inside the archive, found "\.\.\/escape"$/,
    ],
    ['leads upwards later', [{ name: 'a/../../escape', data }], /stay inside/],
    ['is absolute', [{ name: '/etc/passwd', data }], /stay inside/],
    ['is absolute on Windows', [{ name: 'C:/x', data }], /stay inside/],
    ['has backslashes', [{ name: '..\\x', data }], /stay inside/],
    [
      'comes twice',
      [
        { name: 'a', data },
        { name: 'a', data },
      ],
      /every name once, found two entries "a"$/,
    ],
    ['is encrypted', [{ name: 'a', data, flags: 1 }], /without encryption, found "a" encrypted$/],
    ['is packed in another way', [{ name: 'a', data, method: 14 }], /found "a" packed by method 14$/],
    ['claims another size', [{ name: 'a', data, size: 11 }], /11 bytes of the stored entry "a", found 10$/],
    [
      'is a bomb',
      [{ name: 'a', data: deflateRawSync(Buffer.alloc(2 ** 26)), method: 8, size: 2 ** 26 }],
      /bytes when unpacked, found 67108864$/,
    ],
  ])('with an entry that %s is refused', (_, entries, reason) => {
    expect(() => readZip(zipOf(entries), 'archive')).toThrow(UserError);
    expect(() => readZip(zipOf(entries), 'archive')).toThrow(reason);
  });

  it('with entries that overlap, or more of them than it has, is refused', () => {
    const two = [
      { name: 'a', data },
      { name: 'b', data },
    ];
    expect(() => readZip(zipOf(two, 5), 'archive')).toThrow(/one that overlaps it$/);
    const lying = zipOf(two);
    lying.writeUInt16LE(3, lying.length - 12);
    expect(() => readZip(lying, 'archive')).toThrow(
      /expected an entry of the directory, found none at byte \d+$/,
    );
  });

  it('stops unpacking at the size that an entry claims', () => {
    const bomb = { name: 'a', data: deflateRawSync(Buffer.alloc(2 ** 26)), method: 8, size: 10 };
    const entry = readZip(zipOf([bomb]), 'archive').get('a')!;
    expect(() => entry.bytes()).toThrow(UserError);
    expect(() => entry.bytes()).toThrow(/expected 10 deflated bytes/);
  });
});

describe('a pickle', () => {
  const text = (word: string) => Buffer.concat([Buffer.of(0x58, word.length, 0, 0, 0), Buffer.from(word)]);
  const code = (letters: string) => Buffer.from(letters, 'latin1');
  const storage = (length: number) =>
    Buffer.concat([
      code('('),
      text('storage'),
      code('ctorch\nFloatStorage\n'),
      text('0'),
      text('cpu'),
      code('K'),
      Buffer.of(length),
      code('tQ'),
    ]);
  /** `{'w': _rebuild_tensor_v2(storage of 4, offset, shape, strides, False, OrderedDict())}` */
  const tensor = (offset: string, shape: string, strides: string) =>
    Buffer.concat([
      code('\x80\x02}'), text('w'), code('ctorch._utils\n_rebuild_tensor_v2\n('), storage(4),
      code(`${offset}(${shape}t(${strides}t\x89ccollections\nOrderedDict\n)RtRs.`),
    ]); // prettier-ignore
  const refusal = (pickle: Buffer) =>
    refusedOrWhole(() =>
      readPth(
        zipOf([
          { name: 'net/data.pkl', data: pickle },
          { name: 'net/data/0', data: Buffer.alloc(16) },
        ]),
        'net',
      ),
    );

  it('of a tensor inside its storage gives the tensor', async () => {
    expect(await refusal(tensor('K\x00', 'K\x02K\x02', 'K\x02K\x01'))).toBe(4);
  });

  it.each([
    [
      'reaches beyond its storage',
      tensor('K\x01', 'K\x02K\x02', 'K\x02K\x01'),
      /inside its storage of 4, found element 4$/,
    ],
    [
      'strides beyond its storage',
      tensor('K\x00', 'K\x02', 'J\xff\xff\xff\x7f'),
      /found element 2147483647$/,
    ],
    [
      'repeats one number a billion times',
      tensor('K\x00', 'J\x00\x00\x00\x40', 'K\x00'),
      /at most 4 elements .* found 1073741824$/,
    ],
    [
      'has a negative size',
      tensor('K\x00', 'J\xff\xff\xff\xff', 'K\x01'),
      /a call that makes a tensor or plain data/,
    ],
    ['has strides for other axes', tensor('K\x00', 'K\x02', 'K\x01K\x01'), /a call that makes a tensor/],
    ['has 65 axes', tensor('K\x00', 'K\x01'.repeat(65), 'K\x01'.repeat(65)), /at most 64 dimensions/],
  ])('of a tensor that %s is refused', async (_, pickle, reason) => {
    expect(await refusal(pickle)).toMatch(reason);
  });

  it.each([
    [
      'calls a function of Python’s',
      code('\x80\x02cbuiltins\neval\n(X\x01\x00\x00\x001tR.'),
      /a use of Python’s builtins\.eval$/,
    ],
    [
      'names one from the stack',
      code('\x80\x04\x8c\x02os\x8c\x06system\x93.'),
      /a use of Python’s os\.system$/,
    ],
    ...['posix.execv', 'nt.system', 'subprocess.Popen', 'runpy.run_path', '__builtin__.exec', 'sys.exit'].map(
      (name): [string, Buffer, RegExp] => [
        `would have Python call ${name}`,
        code(`\x80\x02c${name.replace('.', '\n')}\n)R.`),
        new RegExp(`a use of Python’s ${name.replace('.', '\\.')}$`),
      ],
    ),
    [
      'names what every object has',
      code('\x80\x02c__proto__\nconstructor\n)R.'),
      /an object of Python’s __proto__\.constructor$/,
    ],
    ['makes a storage without an id', code('\x80\x02ctorch\nFloatStorage\n)\x81.'), /found another call$/],
    [
      'has a tensor made by what makes tensors, in a circle',
      code('\x80\x02ctorch._tensor\n_rebuild_from_type_v2\nq\x00]q\x01(h\x00Nh\x01eh\x00h\x01R.'),
      /found another call$/,
    ],
    ['runs an unknown operation', code('\x80\x02\xff.'), /the operation "ÿ"$/],
    ['calls what is no function', code('\x80\x02ctorch\nFloatStorage\n)R.'), /found another call$/],
    ['is of a later protocol', code('\x80\x09.'), /a protocol up to 5, found 9$/],
    ['takes from an empty stack', code('\x80\x020.'), /1 objects on the stack, found 0$/],
    ['takes a mark that is none', code('\x80\x02t.'), /a mark on the stack, found none$/],
    ['takes from below a mark', code('\x80\x02N(0.'), /1 objects on the stack, found 0$/],
    ['remembers nothing', code('\x80\x02h\x07.'), /the number 7 of none$/],
    ['claims a text of 4 GB', code('\x80\x02X\xff\xff\xff\xff'), /4294967295 bytes from byte 7 on, found 0$/],
    [
      'never ends',
      Buffer.concat([code('\x80\x02'), Buffer.alloc(1_100_000, 'N')]),
      /at most 1000000 operations, found more$/,
    ],
    [
      'names without end',
      Buffer.concat([code('\x80\x02c'), Buffer.alloc(5000, 'x')]),
      /a line of at most 1000 bytes/,
    ],
    ['ends in the middle', code('\x80\x02}q'), /1 bytes from byte 4 on, found 0$/],
    ['is a number', code('\x80\x02K\x05.'), /expected a state dict, .* found another object$/],
  ])('that %s is refused', async (_, pickle, reason) => {
    expect(await refusal(pickle)).toMatch(reason);
  });

  it('of an unknown class is passed over, whatever it is given, where it lies beside the tensors', async () => {
    const object = (...operations: string[]) =>
      Buffer.concat([
        code('\x80\x02}X\x04\x00\x00\x00mine'),
        ...operations.map(code),
        code('sX\x01\x00\x00\x00w'),
      ]);
    const weights = tensor('K\x00', 'K\x02K\x02', 'K\x02K\x01').subarray(3 + 6); // after the dictionary and its key
    for (const made of [
      ')R',
      ')\x81',
      ')}\x92',
      '}R',
      'NR',
      ')R}b',
      ')R(K\x01K\x02u',
      ')R(K\x01e',
      ')RK\x01b',
    ])
      expect([made, await refusal(Buffer.concat([object('cmine\nThing\n', made), weights]))]).toEqual([
        made,
        4,
      ]);
    expect(await refusal(Buffer.concat([object('(cmine\nThing\nK\x01o'), weights]))).toBe(4);
    expect(await refusal(Buffer.concat([object('\x8f(K\x01\x90'), weights]))).toBe(4);
  });

  it('of a view has its sign, and is refused where its bits say what is not known here', async () => {
    const weights = tensor('K\x00', 'K\x02K\x02', 'K\x02K\x01').toString('latin1');
    const view = (bits: string) => code(weights.replace(/\)RtRs\.$/, `)R${bits}tRs.`));
    const data = Buffer.from(Float32Array.of(1, -2, 0, 4).buffer);
    const read = (bits: string) =>
      readPth(
        zipOf([
          { name: 'net/data.pkl', data: view(bits) },
          { name: 'net/data/0', data },
        ]),
        'net',
      ).tensors[0]!.values();
    expect([...(await read('}'))]).toEqual([1, -2, 0, 4]);
    expect([...(await read('N'))]).toEqual([1, -2, 0, 4]);
    expect([...(await read('}X\x03\x00\x00\x00neg\x89s'))]).toEqual([1, -2, 0, 4]);
    expect([...(await read('}X\x03\x00\x00\x00neg\x88s'))]).toEqual([-1, 2, -0, -4]);
    for (const bits of [
      'X\x04\x00\x00\x00conj\x88s',
      'X\x03\x00\x00\x00negK\x01s',
      'X\x01\x00\x00\x00x\x88s',
    ])
      expect(() => read(`}${bits}`)).toThrow(/plain numbers in tensor "w", found a tensor that is a view/);
  });

  it('of NumPy’s arrays, whose bytes are a long text, is refused for what it is', async () => {
    const long = Buffer.concat([code('X\x00\x00\x20\x00'), Buffer.alloc(2 ** 21, 'a')]);
    const arrays = Buffer.concat([
      code('\x80\x02}X\x01\x00\x00\x00wcnumpy._core.multiarray\n_reconstruct\n)R(K\x01c_codecs\nencode\n('),
      long,
      code('X\x06\x00\x00\x00latin1tRtbs.'),
    ]);
    expect(await refusal(arrays)).toMatch(/found arrays of NumPy in the place of tensors;/);
  });

  it('of a class that lives beside what starts programs is passed over as any other', async () => {
    const weights = tensor('K\x00', 'K\x02K\x02', 'K\x02K\x01').subarray(3 + 6);
    const names = [
      'subprocess.CompletedProcess',
      'os.stat_result',
      'multiprocessing.context.SpawnContext',
      'builtins.getattr',
    ];
    for (const name of names) {
      const made = code(
        `\x80\x02}X\x04\x00\x00\x00minec${name.replace(/\.(?=\w+$)/, '\n')}\n)RsX\x01\x00\x00\x00w`,
      );
      expect([name, await refusal(Buffer.concat([made, weights]))]).toEqual([name, 4]);
    }
  });

  it('that holds itself, or doubles itself forty times, is looked through once', async () => {
    const circle = code('\x80\x02}q\x00X\x01\x00\x00\x00ah\x00s.');
    expect(await refusal(circle)).toMatch(/expected tensors in a dictionary, .* found none$/);
    const doubled = code(`\x80\x02]q\x00${'h\x00h\x00\x86q\x00'.repeat(40)}.`);
    expect(await refusal(doubled)).toMatch(/expected a state dict/);
  });
});

it('what claims to be little-endian PyTorch and is not, or a TorchScript program, is refused', async () => {
  const entry = (name: string, data: string) => ({ name, data: Buffer.from(data, 'latin1') });
  const read = (...entries: Stored[]) => refusedOrWhole(() => readPth(zipOf(entries), 'net'));
  const pickle = entry('net/data.pkl', '\x80\x02}.');
  expect(await read(pickle, entry('net/byteorder', 'big'))).toMatch(/numbers in little endian/);
  expect(await read(pickle, entry('net/constants.pkl', '.'))).toMatch(
    /found a TorchScript program; in Python, /,
  );
  expect(await read(pickle, entry('other/data.pkl', '.'))).toMatch(/one data\.pkl, .* found 2$/);
  expect(await read(entry('net/other', ''))).toMatch(/found 0$/);
});

it('safetensors with damage read, or are refused in one line', async () => {
  const header = JSON.stringify({ w: { dtype: 'F32', shape: [2, 3], data_offsets: [0, 24] } }).padEnd(72);
  const whole = Buffer.concat([
    Buffer.of(header.length, 0, 0, 0, 0, 0, 0, 0),
    Buffer.from(header),
    Buffer.alloc(24),
  ]);
  const random = seededRandom(3);
  for (let round = 0; round < 300; round++) {
    const changed = new Uint8Array(whole);
    changed[random.integer(80)] = random.integer(256);
    await refusedOrWhole(async () => {
      const { tensors } = await readSafetensors(changed, 'net');
      return {
        format: 'safetensors',
        tensors: tensors.map(({ name, shape, data }) => ({
          name,
          shape,
          values: () => Float32Array.from(data),
        })),
      };
    });
  }
});
