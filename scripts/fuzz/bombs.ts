/** Small files made to fill the memory or to take hours, at least one per reader; each must be refused in one line. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { bytes, varint } from '../../src/core/io/protobuf';
import { onnxBombs } from './onnx-bombs';
import { tarOf } from './tar';
import type { targets } from './targets';

export interface Bomb {
  readonly reader: keyof typeof targets;
  /** The reader's message; null if the file may be read, at little cost. */
  readonly refusal: RegExp | null;
  readonly files: () => Readonly<Record<string, Uint8Array>>;
}

const megabytes = 2 ** 20;
const latin = (text: string) => Buffer.from(text, 'latin1');
const stored = (name: string) =>
  readFileSync(join(__dirname, '..', '..', '__tests__', 'fixtures', 'images', 'stored', name));

/** A deflated zip archive. */
function archive(entries: Readonly<Record<string, Uint8Array>>): Buffer {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let at = 0;
  for (const [name, content] of Object.entries(entries)) {
    const packed = deflateRawSync(content);
    const facts = Buffer.alloc(20);
    facts.writeUInt16LE(8, 0);
    facts.writeUInt32LE(crc32(content), 6);
    facts.writeUInt32LE(packed.length, 10);
    facts.writeUInt32LE(content.length, 14);
    facts.writeUInt16LE(name.length, 18);
    const offset = Buffer.alloc(4);
    offset.writeUInt32LE(at);
    const local = Buffer.concat([latin('PK\x03\x04\x14\0\0\0'), facts, Buffer.alloc(2), latin(name), packed]);
    directory.push(latin('PK\x01\x02\x14\0\x14\0\0\0'), facts, Buffer.alloc(12), offset, latin(name));
    parts.push(local);
    at += local.length;
  }
  const central = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 'latin1');
  end.writeUInt16LE(parts.length, 8);
  end.writeUInt16LE(parts.length, 10);
  end.writeUInt32LE(central.length, 12);
  end.writeUInt32LE(at, 16);
  return Buffer.concat([...parts, central, end]);
}

const shortText = (word: string) => Buffer.concat([latin('X'), Buffer.of(word.length, 0, 0, 0), latin(word)]);
const number = (value: number) =>
  Buffer.of(0x4a, value & 255, (value >> 8) & 255, (value >> 16) & 255, value >>> 24);

/**
 * Tensors `t0`, `t1`, … that all use the whole of one storage of bytes, whose pickle names the storage anew for each.
 */
function sharedStorage(tensors: number, size: number): Buffer {
  const storage = Buffer.concat([
    latin('('), shortText('storage'), latin('ctorch\nByteStorage\n'), shortText('0'), shortText('cpu'),
    number(size), latin('tQ'),
  ]); // prettier-ignore
  const each = (index: number) =>
    Buffer.concat([
      shortText(`t${index}`), latin('ctorch._utils\n_rebuild_tensor_v2\n('), storage, latin('K\0('), number(size),
      latin('t(K\x01t\x89ccollections\nOrderedDict\n)RtR'),
    ]); // prettier-ignore
  return Buffer.concat([
    latin('\x80\x02}('),
    ...Array.from({ length: tensors }, (_, index) => each(index)),
    latin('u.'),
  ]);
}

/** A memoised list of `pairs` pairs that is passed to `calls` calls. */
function handedOn(pairs: number, calls: number): Buffer {
  return Buffer.concat([
    latin('\x80\x02](K\0K\0\x86q\x01'),
    Buffer.alloc(2 * (pairs - 1), latin('h\x01')),
    latin('eq\x02\x85q\x030('),
    Buffer.concat(Array.from({ length: calls }, () => latin('ccollections\nOrderedDict\nh\x03R0'))),
    latin('t.'),
  ]);
}

/** A value that is replaced by the pair (value, value) forty times, and is then used as the name of a function. */
const doubledName = latin(`\x80\x04)q\x00${'h\x00h\x00\x86q\x00'.repeat(40)}h\x00\x8c\x01a\x93.`);

/**
 * The format of PyTorch before 1.6: its magic number, a version, the system, the saved object, and the keys of
 * storages.
 */
function rowOfPickles(saved: Uint8Array): Buffer {
  return Buffer.concat([
    latin('\x80\x02\x8a\x0a'), Buffer.from('6cfc9c46f9206aa85019', 'hex'), latin('.\x80\x02M\xe9\x03.'),
    latin('\x80\x02}'), shortText('little_endian'), latin('\x88s.'), saved,
    latin('\x80\x02]'), shortText('0'), latin('a.'), new Uint8Array(8),
  ]); // prettier-ignore
}

const pickle = (data: Uint8Array) => archive({ 'net/data.pkl': data });

function safetensors(header: string): Buffer {
  const length = Buffer.alloc(8);
  length.writeUInt32LE(header.length);
  return Buffer.concat([length, latin(header)]);
}

/** A progressive JPEG whose last scan is repeated `count` times. */
function scans(count: number): Buffer {
  const whole = stored('progressive.jpg');
  const last = whole.lastIndexOf(Buffer.of(0xff, 0xda));
  const scan = whole.subarray(last, whole.length - 2);
  return Buffer.concat([
    whole.subarray(0, last),
    ...Array.from({ length: count }, () => scan),
    Buffer.of(0xff, 0xd9),
  ]);
}

function chunk(type: string, content: Uint8Array): Buffer {
  const body = Buffer.concat([latin(type), content]);
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(content.length);
  sum.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, sum]);
}

function png(width: number, height: number, rows: Uint8Array, ...further: readonly Buffer[]): Buffer {
  const size = Buffer.alloc(13);
  size.writeUInt32BE(width);
  size.writeUInt32BE(height, 4);
  size.set([8, 2, 0, 0, 0], 8);
  return Buffer.concat([
    latin('\x89PNG\r\n\x1a\n'), chunk('IHDR', size), ...further, chunk('IDAT', deflateSync(rows)),
    chunk('IEND', new Uint8Array()),
  ]); // prettier-ignore
}

/** A directory of 65,535 entries, each of which declares nearly the whole file as its field. */
function tiff(): Buffer {
  const entries = 65_535;
  const file = Buffer.alloc(8 + 2 + 12 * entries + 4);
  file.write('II*\0');
  file.writeUInt32LE(8, 4);
  file.writeUInt16LE(entries, 8);
  for (let entry = 0; entry < entries; entry++) {
    const at = 10 + 12 * entry;
    file.writeUInt16LE(273, at);
    file.writeUInt16LE(1, at + 2);
    file.writeUInt32LE(file.length - 8, at + 4);
    file.writeUInt32LE(8, at + 8);
  }
  return file;
}

function box(type: string, ...content: readonly Uint8Array[]): Buffer {
  const body = Buffer.concat([latin(type), ...content]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(body.length + 4);
  return Buffer.concat([length, body]);
}

/** Items with 65,535 extents each, which take no bytes to declare. */
function avif(items: number): Buffer {
  const item = Buffer.of(0, 1, 0, 0, 0xff, 0xff);
  const count = Buffer.of(items >> 8, items & 255);
  return Buffer.concat([
    box('ftyp', latin('avif\0\0\0\0avif')),
    box(
      'meta',
      Buffer.alloc(4),
      box('pitm', Buffer.alloc(4), Buffer.of(0, 1)),
      box(
        'iinf',
        Buffer.alloc(4),
        Buffer.of(0, 1),
        box('infe', Buffer.of(2, 0, 0, 0, 0, 1, 0, 0), latin('av01\0')),
      ),
      box(
        'iprp',
        box('ipco', box('ispe', Buffer.alloc(4), Buffer.of(0, 0, 0, 8, 0, 0, 0, 8))),
        box('ipma', Buffer.alloc(4), Buffer.of(0, 0, 0, 1, 0, 1, 1, 1)),
      ),
      box(
        'iloc',
        Buffer.alloc(4),
        Buffer.of(0, 0),
        count,
        Buffer.concat(Array.from({ length: items }, () => item)),
      ),
    ),
  ]);
}

function idxHeader(...sizes: readonly number[]): Buffer {
  const header = Buffer.alloc(4 + 4 * sizes.length);
  header.writeUInt32BE(0x800 + sizes.length);
  sizes.forEach((size, axis) => header.writeUInt32BE(size, 4 + 4 * axis));
  return header;
}

const many = (text: string, times: number) => latin(text.repeat(times));
const foreignFile = (name: string) =>
  readFileSync(join(__dirname, '..', '..', '__tests__', 'fixtures', 'weights', name));
const shards = Object.fromEntries(['a.bin', 'b.bin'].map((name) => [name, new Uint8Array(4)]));

export const bombs: Readonly<Record<string, Bomb>> = {
  '3,000 tensors of one deflated storage of 16 MB': {
    reader: 'PyTorch, zip',
    refusal: /expected tensors of at most \d+ bytes, as its storages allow, found 50331648000$/,
    files: () => ({
      file: archive({
        'net/data.pkl': sharedStorage(3000, 16 * megabytes),
        'net/data/0': new Uint8Array(16 * megabytes),
      }),
    }),
  },
  'a list in the memo that 100,000 calls copy': {
    reader: 'PyTorch, zip',
    refusal: /at most 2000000 elements of lists in its calls, found more$/,
    files: () => ({ file: pickle(handedOn(18_000, 100_000)) }),
  },
  'a name that doubles itself forty times': {
    reader: 'PyTorch, zip',
    refusal: /expected the name of a global, found something else$/,
    files: () => ({ file: pickle(doubledName) }),
  },
  'a pickle of a million dictionaries': {
    reader: 'PyTorch, zip',
    refusal: /at most 1000000 operations, found more$/,
    files: () => ({ file: pickle(Buffer.concat([latin('\x80\x02'), many('}', 1_100_000)])) }),
  },
  'a zip archive that grows a thousandfold': {
    reader: 'PyTorch, zip',
    refusal: /entries of at most \d+ bytes when unpacked, found 268435463$/,
    files: () => ({
      file: archive({
        'net/data.pkl': latin('\x80\x02}q\0.\n'),
        'net/data/0': new Uint8Array(256 * megabytes),
      }),
    }),
  },
  'ten tensors of a storage of 2 GB that is not there': {
    reader: 'PyTorch, before 1.6',
    refusal: /expected 2147483647 bytes of a storage at byte \d+, found 0$/,
    files: () => ({ file: rowOfPickles(sharedStorage(10, 2 ** 31 - 1)) }),
  },
  'a header of 30 million brackets': {
    reader: 'safetensors',
    refusal: /expected JSON at most 64 deep, found deeper$/,
    files: () => ({ file: safetensors(`{"a":${'['.repeat(15 * megabytes)}${']'.repeat(15 * megabytes)}}`) }),
  },
  'a header of 7 million empty lists': {
    reader: 'safetensors',
    refusal: /expected JSON of at most 2000000 values, found more$/,
    files: () => ({ file: safetensors(`{"a":[${'[],'.repeat(7_000_000)}[]]}`) }),
  },
  'a checkpoint with such a header': {
    reader: 'checkpoint (last, best)',
    refusal: /expected JSON at most 64 deep, found deeper$/,
    files: () => ({
      'last.safetensors': safetensors(`{"a":${'['.repeat(megabytes)}${']'.repeat(megabytes)}}`),
    }),
  },
  '14 kB of JSON nested 16 MB deep': {
    reader: 'Keras, .keras',
    refusal: /config\.json: expected JSON at most 64 deep, found deeper$/,
    files: () => ({
      file: archive({ 'config.json': many('[', 16 * megabytes - 8), 'model.weights.h5': new Uint8Array(1) }),
    }),
  },
  'HDF5 in a deflated archive, which both unpack': {
    reader: 'Keras, .keras',
    refusal: /expected at most \d+ bytes in its data sets, found more/,
    files: () => ({
      file: archive({ 'config.json': latin('{}'), 'model.weights.h5': foreignFile('hostile-bomb.h5') }),
    }),
  },
  'HDF5 that unpacks to much': {
    reader: 'Keras, HDF5',
    refusal: /expected at most \d+ bytes in its data sets, found more/,
    files: () => ({ file: foreignFile('hostile-bomb.h5') }),
  },
  '200,000 empty blobs': {
    reader: 'Caffe',
    refusal: /at most 100000 blobs, found more$/,
    files: () => ({ file: bytes(100, Buffer.concat([bytes(1, 'c'), many('\x3a\0', 200_000)])) }),
  },
  '30,000 layers without weights': {
    reader: 'Caffe',
    refusal: /at most 20000 layers, found more$/,
    files: () => ({ file: many('\xa2\x06\x00', 30_000) }),
  },
  'a layer of 1,500,000 settings': {
    reader: 'Caffe',
    refusal: /at most 1000000 settings of layers, found more$/,
    files: () => ({ file: bytes(100, many('\x50\x01', 1_500_000)) }),
  },
  '30,000 layers in 420 kB of JSON': {
    reader: 'TensorFlow.js',
    refusal: /at most 20000 layers, found more$/,
    files: () => {
      const weights = [{ name: 'a', shape: [1], dtype: 'uint8' }];
      const json = {
        modelTopology: {
          class_name: 'Sequential',
          config: Array.from({ length: 30_000 }, () => ({ class_name: 'A' })),
        },
        weightsManifest: [{ paths: ['w.bin'], weights }],
      };
      return { file: latin(JSON.stringify(json)), 'w.bin': Buffer.of(1) };
    },
  },
  'a name that takes 65,535 bytes': {
    reader: 'Caffe',
    refusal: /expected a name of at most 10000 bytes, found 65535$/,
    files: () => ({ file: Buffer.concat([bytes(100, many('\x0a\xff\xff\x03', 250_000)), varint(7)]) }),
  },
  'a model.json of brackets': {
    reader: 'TensorFlow.js',
    refusal: /expected JSON at most 64 deep, found deeper$/,
    files: () => ({ file: latin(`{"a":${'['.repeat(8 * megabytes - 8)}`), ...shards }),
  },
  'a shard that a group lists 10,000 times': {
    reader: 'TensorFlow.js',
    refusal: /expected every file once in a group, found one twice$/,
    files: () => ({
      file: latin(
        JSON.stringify([
          {
            paths: Array(10_000).fill('a.bin'),
            weights: [{ name: 'c/kernel', shape: [10_000], dtype: 'float32' }],
          },
        ]),
      ),
      ...shards,
    }),
  },
  'a gzipped file of 100 MB of one grey': {
    reader: 'IDX',
    refusal: /which cannot hold them$/,
    files: () => ({
      images: gzipSync(Buffer.concat([idxHeader(40_000, 50, 50), new Uint8Array(100_000_000)])),
      labels: idxHeader(1),
    }),
  },
  'a gzipped text of 20 million blank lines': {
    reader: 'USPS',
    refusal: /expected a sound gzip file|expected text of at most/,
    files: () => ({ 'zip.train.gz': gzipSync(many('\n', 20_000_000)) }),
  },
  'a text of 20 million blank lines': {
    reader: 'USPS',
    refusal: /expected text of at most 4000000 lines, found 20000000$/,
    files: () => ({ 'zip.train': many('\n', 20_000_000) }),
  },
  'labels of 20 million blank lines': {
    reader: 'labels of classes',
    refusal: /expected text of at most 4000000 lines, found 20000000$/,
    files: () => ({ labels: many('\n', 20_000_000) }),
  },
  'a sample whose JSON is nested a million deep': {
    reader: 'tar shards',
    refusal: /one\.json: expected an object with a number label or cls, found/,
    files: () => ({ 'a.tar': tarOf({ 'one.json': many('[', megabytes - 1) }) }),
  },
  '2,457 scans': {
    reader: 'JPEG',
    refusal: /found more than 100 scans of \d+x\d+ pixels$/,
    files: () => ({ image: scans(2457) }),
  },
  'a header of 65,500x65,500 pixels': {
    reader: 'PNG',
    refusal: /expected at most 120000000 pixels, found a PNG header of 65500x65500$/,
    files: () => ({ image: png(65_500, 65_500, new Uint8Array(1000)) }),
  },
  'texts that unpack to 2 GB': {
    reader: 'PNG',
    refusal: null,
    files: () => {
      const text = chunk(
        'zTXt',
        Buffer.concat([latin('a\0\0'), deflateSync(new Uint8Array(100 * megabytes))]),
      );
      return { image: png(1, 1, new Uint8Array(4), ...Array.from({ length: 20 }, () => text)) };
    },
  },
  'a directory that gives the file 65,535 times': {
    reader: 'TIFF',
    refusal: /found the field 273 twice$/,
    files: () => ({ image: tiff() }),
  },
  '60,000 items of 65,535 places': {
    reader: 'AVIF',
    refusal: /expected a sound AVIF image, found/,
    files: () => ({ image: avif(60_000) }),
  },
  'a screen of 65,535x65,535': {
    reader: 'GIF',
    refusal: /expected at most 120000000 pixels, found a GIF header of 65535x65535$/,
    files: () => {
      const image = Buffer.from(stored('frames.gif'));
      image.fill(0xff, 6, 10);
      return { image };
    },
  },
  ...onnxBombs,
};
