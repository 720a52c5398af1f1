/**
 * Reads files of PyTorch's `torch.save`: since 1.6 a zip archive of a pickle and the tensors' storages; before that,
 * five consecutive pickles followed by the storages. Source: torch/serialization.py.
 */
import { printable, quoted, refusalOf, type Refuse } from '../../../core/errors';
import { bounds } from '../../../core/bounds';
import type { ForeignTensor, ForeignWeights } from '../foreign-weights';
import { readPickle } from './pickle';
import { stateDictOf } from './state-dict';
import { checkTensor, numbersOf, spanOf } from './torch-numbers';
import { isStorage, torchMeanings, type Storage } from './torch-tensor';
import { readZip } from '../zip';

/** The bytes of a storage, decompressed on reading, or undefined if the file does not contain it. */
type BytesOf = (storage: Storage) => { readonly size: number; read(): Uint8Array } | undefined;

/**
 * The tensors of a state dict, by its keys; no code in the file is run, and objects of unknown classes are passed over.
 * @param file may share its memory with the result
 * @throws UserError when the file is damaged, holds no state dict, or contains what only an attack would
 */
export function readPth(file: Uint8Array, where: string): ForeignWeights {
  const refuse = refusalOf(where);
  const isZip = file[0] === 0x50 && file[1] === 0x4b;
  const { saved, unknown, bytesOf } = (isZip ? fromArchive : fromPickles)(file, where, refuse);
  const storages = new Map<string, number>();
  let spanned = 0;
  const { tensors: found, notes } = stateDictOf(saved, refuse);
  const tensors = found.map(([name, tensor]): ForeignTensor => {
    const { storage, shape } = tensor;
    const size = storage.length * storage.type.size;
    const bytes = bytesOf(storage);
    if (!bytes) return refuse(`a storage for tensor ${quoted(name)}`, 'none');
    checkTensor(tensor, name, bytes.size, refuse);
    storages.set(storage.key, size);
    spanned += spanOf(tensor);
    const { whole } = storage.type;
    return { name, shape, ...(whole && { whole }), values: () => numbersOf(tensor, bytes.read()) };
  });
  expectNotShared(spanned, [...storages.values()], refuse);
  const said = [...notes, ...passedOver(unknown)];
  return { format: 'pth', tensors, ...(said.length > 0 && { notes: said }) };
}

/** Classes and functions of Python and its numerical libraries that are not worth reporting. */
const ordinary =
  /^(?:torch\.[a-z0-9_]+$|torch\.(?:serialization|storage)\.|numpy\.|_codecs\.|builtins\.|__builtin__\.|collections\.|datetime\.|pathlib\.|enum\.|copyreg\.|copy_reg\.)/;

function passedOver(unknown: ReadonlySet<string>): readonly string[] {
  const names = [...unknown].filter((name) => !ordinary.test(name));
  if (names.length === 0) return [];
  const more = names.length > 3 ? ` and ${names.length - 3} more` : '';
  return [`passed over, and never built: Python’s ${names.slice(0, 3).map(printable).join(', ')}${more}`];
}

interface Saved {
  readonly saved: unknown;
  /** Names of the classes that were passed over. */
  readonly unknown: ReadonlySet<string>;
  readonly bytesOf: BytesOf;
}

/** Tensors may share a storage, as tied layers do; thousands that share one are a decompression bomb. */
function expectNotShared(spanned: number, storages: readonly number[], refuse: Refuse): void {
  const { growth, always } = bounds.torch;
  const most = growth * storages.reduce((sum, size) => sum + size, 0) + always;
  if (spanned > most) refuse(`tensors of at most ${most} bytes, as its storages allow`, String(spanned));
}

/** `NAME/data.pkl`, `NAME/data/0` and so on; all stored, not deflated. */
function fromArchive(file: Uint8Array, where: string, refuse: Refuse): Saved {
  const entries = readZip(file, where);
  const pickles = [...entries.keys()].filter((name) => /^[^/]+\/data\.pkl$/.test(name));
  const [pickle] = pickles;
  if (pickle === undefined || pickles.length > 1)
    return refuse('one data.pkl, as PyTorch’s archives have', String(pickles.length));
  const folder = pickle.slice(0, -'data.pkl'.length);
  if (entries.has(`${folder}constants.pkl`))
    refuse(
      'a state dict, as torch.save(model.state_dict()) writes it',
      'a TorchScript program; in Python, torch.save(torch.jit.load(FILE).state_dict(), NEW)',
    );
  const order = entries.get(`${folder}byteorder`);
  if (order && order.size < 100 && Buffer.from(order.bytes()).toString() !== 'little')
    refuse('numbers in little endian', 'a byteorder of another kind');
  const { value, unknown } = readPickle(entries.get(pickle)!.bytes(), 0, torchMeanings, where);
  const bytesOf: BytesOf = ({ key }) => {
    const entry = entries.get(`${folder}data/${key}`);
    return entry && { size: entry.size, read: () => entry.bytes() };
  };
  return { saved: value, unknown, bytesOf };
}

/** The values of torch.serialization.MAGIC_NUMBER and PROTOCOL_VERSION. */
const magicNumber = 0x1950a86a20f9469cfc6cn;
const protocolVersion = 1001;

function fromPickles(file: Uint8Array, where: string, refuse: Refuse): Saved {
  let at = 0;
  const next = () => {
    const { value, end } = readPickle(file, at, torchMeanings, where);
    at = end;
    return value;
  };
  if (next() !== magicNumber)
    refuse(
      'a state dict, as torch.save(model.state_dict()) writes it',
      'a pickle that PyTorch did not write; if you trust it, load it in Python and save its tensors by torch.save',
    );
  const version = next();
  if (version !== protocolVersion) refuse(`the protocol ${protocolVersion}`, 'another');
  const system = next();
  if (!(system instanceof Map) || system.get('little_endian') !== true)
    refuse('numbers in little endian', 'others');
  const named = new Map<string, Storage>();
  const saved = readPickle(file, at, noting(named), where);
  at = saved.end;
  const keys = next();
  if (!Array.isArray(keys)) return refuse('a list of storages', 'something else');
  const places = new Map<string, Uint8Array>();
  for (const key of keys as readonly unknown[]) {
    const storage = named.get(key as string) ?? refuse('storages that tensors use', 'another one');
    const bytes = storage.length * storage.type.size;
    const left = file.length - at - 8;
    if (bytes > left) refuse(`${bytes} bytes of a storage at byte ${at + 8}`, String(left));
    const length = Buffer.from(file.subarray(at, at + 8)).readBigUInt64LE();
    if (length !== BigInt(storage.length))
      refuse(`${storage.length} numbers in the storage at byte ${at}`, String(length));
    places.set(storage.key, file.subarray(at + 8, at + 8 + bytes));
    at += 8 + bytes;
  }
  const bytesOf: BytesOf = ({ key }) => {
    const bytes = places.get(key);
    return bytes && { size: bytes.length, read: () => bytes };
  };
  return { saved: saved.value, unknown: saved.unknown, bytesOf };
}

/** Records the storages that the pickle names, by their keys. */
function noting(named: Map<string, Storage>): typeof torchMeanings {
  const stored = (id: unknown) => {
    const found = torchMeanings.stored(id);
    if (isStorage(found)) named.set(found.key, found);
    return found;
  };
  return { ...torchMeanings, stored };
}
