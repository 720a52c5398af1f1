/** Reads and checks the header of a safetensors file. */
import { elementCount } from '../../../core/shape';
import { bounds } from '../../../core/bounds';
import { UserError, messageOf } from '../../../core/errors';
import { boundJson } from '../../../core/io/json-text';

/** The size of one element in bytes, by the format's name for its type. */
export const bytesPerElement = {
  F64: 8,
  F32: 4,
  F16: 2,
  BF16: 2,
  F8_E4M3: 1,
  F8_E5M2: 1,
  I64: 8,
  U64: 8,
  I32: 4,
  U32: 4,
  I16: 2,
  U16: 2,
  I8: 1,
  U8: 1,
  BOOL: 1,
} as const;

export type StoredType = keyof typeof bytesPerElement;

/** One tensor as the header describes it; `begin` and `end` count bytes from the start of the file. */
export interface Entry {
  readonly name: string;
  readonly dtype: StoredType;
  readonly shape: readonly number[];
  readonly begin: number;
  readonly end: number;
}

export interface Header {
  /** In the order of their bytes, which they cover without gaps or overlaps. */
  readonly entries: readonly Entry[];
  readonly metadata: Readonly<Record<string, string>>;
}

/** The format's own limit, which also limits the cost of a damaged length. */
const longestHeader = bounds.safetensors.header;
const mostValues = { text: longestHeader, values: bounds.safetensors.values, deep: bounds.json.deep };

/**
 * Reads and checks the header: 8 bytes with the length N (little-endian), N bytes of JSON, then the data.
 * @param where names the file in error messages
 * @throws UserError when anything does not conform to the format
 */
export function readHeader(file: Uint8Array, where: string): Header {
  const refuse = (expected: string, found: string): never => {
    throw new UserError(`${where} is not a whole safetensors file: expected ${expected}, found ${found}`);
  };
  if (file.length < 8) refuse('at least 8 bytes', `${file.length}`);
  const length = Number(new DataView(file.buffer, file.byteOffset, 8).getBigUint64(0, true));
  const limit = Math.min(file.length - 8, longestHeader);
  if (length > limit) refuse(`a header of at most ${limit} bytes`, `the length ${length}`);
  const dataStart = 8 + length;
  const header = parseObject(file.subarray(8, dataStart), refuse);
  const { __metadata__: metadata = {}, ...tensors } = header;
  if (!isRecord(metadata) || !Object.values(metadata).every((value) => typeof value === 'string')) {
    return refuse('texts in __metadata__', summary(metadata));
  }
  const entries = Object.entries(tensors).map(([name, facts]) => entryOf(name, facts, dataStart, refuse));
  entries.sort((a, b) => a.begin - b.begin || a.end - b.end);
  let end = dataStart;
  for (const entry of entries) {
    if (entry.begin !== end) {
      refuse(
        `tensor ${summary(entry.name)} to begin at byte ${end}`,
        `byte ${entry.begin} (a gap or an overlap)`,
      );
    }
    end = entry.end;
  }
  if (end !== file.length) refuse(`a size of ${end} bytes`, `${file.length}`);
  return { entries, metadata: metadata as Record<string, string> };
}

type Refuse = (expected: string, found: string) => never;

function parseObject(text: Uint8Array, refuse: Refuse): Record<string, unknown> {
  boundJson(text, refuse, mostValues);
  let json = '';
  let parsed: unknown;
  try {
    json = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(text);
    parsed = JSON.parse(json);
  } catch (error) {
    refuse('a header of JSON in UTF-8', messageOf(error).replaceAll(/\s+/g, ' '));
  }
  if (!json.startsWith('{') || !isRecord(parsed)) return refuse('a header that begins with {', summary(json));
  const repeated = repeatedKey(json);
  if (repeated !== undefined) refuse('every name once', `${summary(repeated)} twice`);
  return parsed;
}

function entryOf(name: string, facts: unknown, dataStart: number, refuse: Refuse): Entry {
  const tensor = `tensor ${summary(name)}`;
  const { dtype, shape, data_offsets: offsets } = isRecord(facts) ? facts : {};
  if (typeof dtype !== 'string' || !Object.hasOwn(bytesPerElement, dtype)) {
    return refuse(
      `one of the types ${Object.keys(bytesPerElement).join(', ')} for ${tensor}`,
      summary(dtype),
    );
  }
  if (!isSizes(shape)) return refuse(`a shape of whole numbers for ${tensor}`, summary(shape));
  if (!isSizes(offsets) || offsets.length !== 2 || offsets[0]! > offsets[1]!) {
    return refuse(`data_offsets [begin, end] for ${tensor}`, summary(offsets));
  }
  const [begin, end] = offsets as [number, number];
  const bytes = bytesPerElement[dtype as StoredType] * elementCount(shape);
  if (end - begin !== bytes) {
    refuse(`${bytes} bytes for ${tensor} of type ${dtype} and shape [${shape.join(', ')}]`, `${end - begin}`);
  }
  return { name, dtype: dtype as StoredType, shape, begin: dataStart + begin, end: dataStart + end };
}

/** A key that occurs twice in one object of a valid JSON text; `JSON.parse` silently keeps the last one. */
function repeatedKey(json: string): string | undefined {
  const open: Set<string>[] = [];
  for (let at = 0; at < json.length; at++) {
    if (json[at] === '{') open.push(new Set());
    if (json[at] === '}') open.pop();
    if (json[at] !== '"') continue;
    const start = at;
    for (at++; json[at] !== '"'; at++) if (json[at] === '\\') at++;
    if (!/^\s*:/.test(json.slice(at + 1, at + 100))) continue;
    const key = JSON.parse(json.slice(start, at + 1)) as string;
    const keys = open.at(-1)!;
    if (keys.has(key)) return key;
    keys.add(key);
  }
  return undefined;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isSizes(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((size) => Number.isSafeInteger(size) && size >= 0);
}

/** A short description, for one line, of any value found in the header. */
function summary(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}
