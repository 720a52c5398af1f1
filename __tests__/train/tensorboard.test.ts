import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { crc32c, openEventFile } from '../../src/train/run/tensorboard';
import { projectRoot } from '../support/places';

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'lineage-events-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** CRC-32C bit by bit, as RFC 3720 states it: the remainder of a polynomial division. */
function crcBitByBit(data: Uint8Array): bigint {
  let remainder = 0xffffffffn;
  for (const byte of data) {
    for (let bit = 0; bit < 8; bit++) {
      const isOdd = ((remainder ^ (BigInt(byte) >> BigInt(bit))) & 1n) === 1n;
      remainder = (remainder >> 1n) ^ (isOdd ? 0x82f63b78n : 0n);
    }
  }
  return remainder ^ 0xffffffffn;
}

const mask = (crc: bigint) => Number((((crc >> 15n) | (crc << 17n)) + 0xa282ead8n) & 0xffffffffn);

/** The events of a file, their checksums checked, and the bytes after the last whole one. */
function readRecords(file: Buffer): { events: Buffer[]; torn: number } {
  const events: Buffer[] = [];
  let rest = file;
  while (rest.length >= 12) {
    expect(rest.readUInt32LE(8)).toBe(mask(crcBitByBit(rest.subarray(0, 8))));
    const length = Number(rest.readBigUInt64LE(0));
    if (rest.length < length + 16) break;
    const event = rest.subarray(12, 12 + length);
    expect(rest.readUInt32LE(12 + length)).toBe(mask(crcBitByBit(event)));
    events.push(event);
    rest = rest.subarray(length + 16);
  }
  return { events, torn: rest.length };
}

type Field = number | bigint | Buffer;

/** The fields of a protocol buffer by number: varints, doubles, floats, and bytes not looked into. */
function fieldsOf(message: Buffer): Map<number, Field> {
  const fields = new Map<number, Field>();
  let at = 0;
  const varint = () => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = message[at++]!;
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  };
  while (at < message.length) {
    const key = Number(varint());
    const wire = key & 7;
    const size = wire === 1 ? 8 : wire === 5 ? 4 : wire === 2 ? Number(varint()) : 0;
    const content = message.subarray(at, at + size);
    at += size;
    const value =
      wire === 0
        ? varint()
        : wire === 1
          ? content.readDoubleLE()
          : wire === 5
            ? content.readFloatLE()
            : content;
    fields.set(key >> 3, value);
  }
  return fields;
}

/** An event in words. */
function described(event: Buffer): object {
  const fields = fieldsOf(event);
  const found: Record<string, unknown> = { time: fields.get(1), step: Number(fields.get(2) ?? 0n) };
  if (fields.has(3)) found['version'] = String(fields.get(3));
  if (fields.has(7)) found['session'] = Number(fieldsOf(fields.get(7) as Buffer).get(1));
  if (fields.has(5)) {
    const value = fieldsOf(fieldsOf(fields.get(5) as Buffer).get(1) as Buffer);
    found['scalar'] = { tag: String(value.get(1)), value: value.get(2) };
  }
  return found;
}

const eventsIn = (path: string) => readRecords(readFileSync(path)).events.map(described);

test('crc32c gives the check values of RFC 3720, appendix B.4', () => {
  const ascending = Uint8Array.from({ length: 32 }, (_, index) => index);
  expect(crc32c(new Uint8Array(32)).toString(16)).toBe('8a9136aa');
  expect(crc32c(new Uint8Array(32).fill(0xff)).toString(16)).toBe('62a8ab43');
  expect(crc32c(ascending).toString(16)).toBe('46dd794e');
  expect(crc32c(ascending.reverse()).toString(16)).toBe('113fdb5c');
  expect(Number(crcBitByBit(new Uint8Array(32))).toString(16)).toBe('8a9136aa');
});

test('a file holds its version and every scalar with its tag, value, step and time', () => {
  const events = openEventFile(folder, { now: () => 1_700_000_000_500 });
  events.scalar('train/loss', 2.5, 0);
  events.scalar('rate', 2 ** -20, 70_000);
  events.scalar('Fehler / ε', NaN, 2 ** 40 + 3);
  events.flush();
  events.close();
  expect(events.path).toMatch(/events\.out\.tfevents\.1700000000\..+$/);
  const time = 1_700_000_000.5;
  expect(eventsIn(events.path)).toEqual([
    { time, step: 0, version: 'brain.Event:2' },
    { time, step: 0, scalar: { tag: 'train/loss', value: 2.5 } },
    { time, step: 70_000, scalar: { tag: 'rate', value: 2 ** -20 } },
    { time, step: 2 ** 40 + 3, scalar: { tag: 'Fehler / ε', value: NaN } },
  ]);
});

test("records equal those of TensorFlow's own writer, byte by byte after the time", () => {
  // tf.node.summaryFileWriter, TensorFlow 2.21.0: version, then loss 0.25 at step 0, loss 2.302585 at 1,
  // test/error 0.0095 at 300, 'rate ε' -1e-7 at 2147483646.
  const written = [
    '3e00000000000000d9d240e709000080631ec1da411a0d627261696e2e4576656e743a3252240a2274656e736f72666c6f772e636f72652e7574696c2e6576656e74735f777269746572720b4d0d',
    '1800000000000000a37f4b220907439d631ec1da412a0d0a0b0a046c6f7373150000803e199f6c4e',
    '1a00000000000000129bd82d09024b9d631ec1da4110012a0d0a0b0a046c6f7373158d5d1340dce186d8',
    '2100000000000000017becf6094d4d9d631ec1da4110ac022a130a110a0a746573742f6572726f7215e3a51b3cd2346aee',
    '2100000000000000017becf6091e4f9d631ec1da4110feffffff072a100a0e0a077261746520ceb51595bfd6b39dcf6672',
  ];
  const reference = readRecords(Buffer.from(written.join(''), 'hex')).events;
  const events = openEventFile(folder);
  events.scalar('loss', 0.25, 0);
  events.scalar('loss', 2.302585, 1);
  events.scalar('test/error', 0.0095, 300);
  events.scalar('rate ε', -1e-7, 2147483646);
  events.close();
  const withoutTime = (event: Buffer) => event.subarray(9).toString('hex');
  const ours = readRecords(readFileSync(events.path)).events;
  expect(ours.slice(1).map(withoutTime)).toEqual(reference.slice(1).map(withoutTime));
  const versionOf = (event: Buffer) => String(fieldsOf(event).get(3));
  expect(versionOf(ours[0]!)).toBe(versionOf(reference[0]!));
});

test('a resumed run writes a later file, which begins with the start of a session at its first step', () => {
  const now = () => 1_700_000_000_000;
  const names = [undefined, 500, 900].map((startStep) => {
    const events = openEventFile(folder, startStep === undefined ? { now } : { now, startStep });
    events.scalar('loss', 1, startStep ?? 0);
    events.close();
    return events.path;
  });
  expect(new Set(names).size).toBe(3);
  expect([...names].sort()).toEqual(names);
  expect(eventsIn(names[1]!)).toEqual([
    { time: 1_700_000_000, step: 0, version: 'brain.Event:2' },
    { time: 1_700_000_000, step: 500, session: 1 },
    { time: 1_700_000_000, step: 500, scalar: { tag: 'loss', value: 1 } },
  ]);
});

const root = projectRoot;
const program = `
  const { openEventFile } = require('./src/train/run/tensorboard');
  const events = openEventFile(process.argv[1]);
  process.stdout.write('open');
  try {
    for (let step = 0; ; step++) events.scalar('loss', step, step);
  } catch (error) {
    process.stdout.write(' ' + error.code);
  }`;
const command = [process.execPath, '--import', 'tsx', '--eval', program] as const;

test('a killed process leaves every record whole, except perhaps the last', async () => {
  for (const delay of [0, 3, 20]) {
    rmSync(folder, { recursive: true });
    const child = spawn(command[0], [...command.slice(1), folder], { cwd: root });
    const ended = new Promise((resolve) => child.once('exit', resolve));
    await new Promise((resolve) => child.stdout.once('data', resolve));
    await sleep(delay);
    child.kill('SIGKILL');
    await ended;
    const file = readFileSync(join(folder, readdirSync(folder)[0]!));
    const { events, torn } = readRecords(file.subarray(0, 200_000));
    expect(torn).toBeLessThan(50);
    expect(described(events[0]!)).toMatchObject({ version: 'brain.Event:2' });
    events.slice(1).forEach((event, step) => expect(described(event)).toMatchObject({ step }));
  }
});

test('when the file can grow no more, an ordinary error is thrown and no part of a record stays', () => {
  const child = spawnSync('sh', ['-c', 'ulimit -f 8; exec "$@"', 'sh', ...command, folder], {
    cwd: root,
    encoding: 'utf8',
    env: { ...process.env, TSX_DISABLE_CACHE: '1' },
  });
  expect(child.stdout).toBe('open EFBIG');
  const { events, torn } = readRecords(readFileSync(join(folder, readdirSync(folder)[0]!)));
  expect(torn).toBe(0);
  expect(events.length).toBeGreaterThan(90);
});
