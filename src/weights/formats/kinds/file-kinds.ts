/** Detects the kind of a file given as weights: by its content, or by its name if the content is not conclusive. */
import { protobufKind } from './protobuf-kinds';

/** Kinds of weight files that this project reads. */
export type WeightsKind = 'caffemodel' | 'pth' | 'zip' | 'safetensors' | 'hdf5' | 'json' | 'onnx';

export type FileKind =
  | { readonly reader: WeightsKind }
  /**
   * What the file is instead, and what would help. `is` marks a folder without a recognised content, or
   * one that contains readable files. */
  | { readonly what: string; readonly advice?: string; readonly is?: 'folder' | 'files' };

/** The parts of a file by which its kind is detected. */
export interface Outline {
  /** The last component of its path. */
  readonly name: string;
  readonly size: number;
  /** The first `beginningLength` bytes, or all of a shorter file. */
  readonly beginning: Uint8Array;
  /** Its last eight bytes. */
  readonly end: Uint8Array;
}

/** The kind and the advice in one line. */
export function kindText(kind: FileKind): string {
  if ('reader' in kind) return 'a file of weights';
  return [kind.what, ...(kind.advice === undefined ? [] : [kind.advice])]
    .map((text) => text.replaceAll(/\p{Cc}/gu, '?'))
    .join('; ');
}

export const beginningLength = 4096;

/** The kind of the file itself, determined before the file is read. */
export function kindOfFile(outline: Outline): FileKind {
  const { beginning, size } = outline;
  if (size === 0) return { what: 'an empty file', advice: 'fetch it again' };
  // A length of eight bytes, whose first bytes may look like any other kind, followed by a JSON object.
  if (beginning[6] === 0 && beginning[7] === 0 && beginning[8] === 0x7b) return { reader: 'safetensors' };
  const certain = signatures.find(({ at = 0, bytes }) => hasBytes(beginning, at, bytes));
  if (certain) return certain.kind;
  if (hasBytes(outline.end, 0, [0x57, 0xfb, 0x80, 0x8b, 0x24, 0x75, 0x47, 0xdb])) return tensorflowCheckpoint;
  if (beginning.every((byte) => byte === 0) && beginning.length > 8)
    return {
      what: 'zeros alone at its beginning, as an aborted download leaves them',
      advice: 'fetch it again',
    };
  const text = textOf(outline);
  if (text !== undefined) return kindOfText(text);
  return kindByName(outline.name) ?? kindOfMessage(outline);
}

const unpack = 'unpack it, and give the file of weights in it';
const archive = (what: string): FileKind => ({ what, advice: unpack });
const toKeras = 'in Python, load it and save it by model.save(…keras) or model.save_weights(….weights.h5)';
const tensorflowCheckpoint: FileKind = { what: 'a checkpoint of TensorFlow', advice: toKeras };
const exportedFrom = 'give the weights that it was exported from';

interface Signature {
  /** The offset of the first byte. Default: 0. */
  readonly at?: number;
  readonly bytes: readonly number[];
  readonly kind: FileKind;
}

const letters = (text: string) => [...Buffer.from(text, 'latin1')];

/** Byte sequences by which a kind is recognised; the first match counts. */
const signatures: readonly Signature[] = [
  // A tar archive begins with the name of its first file; PyTorch's archives have one of these.
  ...['sys_info', 'pickle', 'tensors', 'storages'].map((name) => ({
    bytes: [...letters(name), 0],
    kind: {
      what: 'a file of PyTorch before 0.1.10',
      advice: 'in Python, torch.load it and torch.save its state_dict() by a later one',
    },
  })),
  { at: 257, bytes: letters('ustar'), kind: archive('a tar archive') },
  { bytes: letters('PK'), kind: { reader: 'zip' } },
  { bytes: [0x89, ...letters('HDF')], kind: { reader: 'hdf5' } },
  {
    at: 512,
    bytes: [0x89, ...letters('HDF')],
    kind: { what: 'a MATLAB file', advice: 'give another toolkit’s' },
  },
  {
    bytes: letters('MATLAB 5.0 MAT-file'),
    kind: { what: 'a MATLAB file', advice: 'give another toolkit’s' },
  },
  { bytes: [0x1f, 0x8b], kind: archive('a gzip archive') },
  { bytes: letters('BZh'), kind: archive('a bzip2 archive') },
  { bytes: [0xfd, ...letters('7zXZ')], kind: archive('an xz archive') },
  { bytes: [0x28, 0xb5, 0x2f, 0xfd], kind: archive('a Zstandard archive') },
  { bytes: [...letters('7z'), 0xbc, 0xaf, 0x27, 0x1c], kind: archive('a 7z archive') },
  { bytes: letters('Rar!'), kind: archive('a RAR archive') },
  {
    at: 4,
    bytes: letters('TFL3'),
    kind: { what: 'a TensorFlow Lite model', advice: 'give the Keras model that it was made of' },
  },
  {
    bytes: [0x93, ...letters('NUMPY')],
    kind: {
      what: 'one array of NumPy (.npy)',
      advice: 'name arrays as the network does, by safetensors.numpy.save_file',
    },
  },
  { bytes: letters('GGUF'), kind: { what: 'a GGUF file, which holds language models' } },
  {
    bytes: [0x12, 1, 0, 0, 0, 0, 0, 0],
    kind: { what: 'weights of MXNet (.params)', advice: 'convert them by safetensors.numpy.save_file' },
  },
  // lua/torch: an object, its number, a string of three characters, the version.
  {
    bytes: [4, 0, 0, 0, 1, 0, 0, 0, 3, 0, 0, 0, ...letters('V 1')],
    kind: { what: 'a file of Lua’s Torch (.t7)' },
  },
  ...[1, 2].map((minor) => ({ bytes: [0, 0, 0, 0, minor, 0, 0, 0], kind: { what: 'weights of Darknet' } })),
  { bytes: [0xff, 0xd8, 0xff], kind: { what: 'an image (JPEG)' } },
  { bytes: [0x89, ...letters('PNG')], kind: { what: 'an image (PNG)' } },
  { bytes: letters('%PDF'), kind: { what: 'a PDF document' } },
  { bytes: [0x7f, ...letters('ELF')], kind: { what: 'a program' } },
  // A pickle of one of the protocols with a version number.
  ...[2, 3, 4, 5].map((protocol) => ({ bytes: [0x80, protocol], kind: { reader: 'pth' as const } })),
];

function hasBytes(found: Uint8Array, at: number, bytes: readonly number[]): boolean {
  return bytes.every((byte, index) => found[at + index] === byte);
}

/** The beginning as text; undefined if it is not text. */
function textOf({ beginning, size }: Outline): string | undefined {
  // The last character may be truncated.
  const whole = new TextDecoder().decode(beginning, { stream: size > beginning.length });
  return /[\u0000-\u0008\u000e-\u001f\ufffd]/.test(whole) ? undefined : whole.trimStart();
}

/** Patterns by which kinds of text files are recognised; the first match counts. */
const texts: readonly { readonly found: RegExp; readonly kind: FileKind }[] = [
  {
    found: /^(?:#[^\n]*\n\s*)*\[(?:net|network|convolutional)\]/,
    kind: { what: 'a description of a network for Darknet, without weights' },
  },
  { found: /^[{[]/, kind: { reader: 'json' } },
  {
    found: /^version https:\/\/(?:git-lfs\.github\.com|hawser\.github\.com)\/spec/,
    kind: { what: 'a pointer of Git LFS in the file’s place', advice: 'git lfs pull fetches the file' },
  },
  {
    found: /^\S*\/annex\/objects\//,
    kind: { what: 'a pointer of git-annex in the file’s place', advice: 'git annex get fetches the file' },
  },
  {
    found: /^<(?:!doctype\s+html|html|head|body|script|meta)\b/i,
    kind: {
      what: 'a web page (HTML) in the file’s place',
      advice: 'fetch the file itself, by its page’s link for downloading',
    },
  },
  {
    found: /^(?:<\?xml[^]*?)?<net\b/,
    kind: { what: 'a description of a network for OpenVINO, without weights', advice: exportedFrom },
  },
  {
    found: /^<(?:\?xml|[A-Za-z])/,
    kind: {
      what: 'an XML text, such as the message of a server, in the file’s place',
      advice: 'fetch the file again',
    },
  },
  { found: /^(?:all_)?model_checkpoint_path:/, kind: tensorflowCheckpoint },
  {
    found:
      /^\s*(?:layers?\s*\{|(?:input_param|input_shape|transform_param)\s*[:{]|base_lr:|input(?:_dim)?:|(?:train_)?net:\s*")/m,
    kind: {
      what: 'a description for Caffe (.prototxt), without weights',
      advice: 'give the .caffemodel beside it',
    },
  },
  {
    found: /^7767517\s/,
    kind: { what: 'a description of a network for ncnn, without weights', advice: exportedFrom },
  },
  {
    found: /^https?:\/\/\S+\s*$|^\[InternetShortcut\]/,
    kind: { what: 'an address', advice: 'fetch the file that it leads to' },
  },
];

function kindOfText(text: string): FileKind {
  return texts.find(({ found }) => found.test(text))?.kind ?? { what: 'a text' };
}

/** The kind by the file's extension, for formats without a recognisable content. */
function kindByName(given: string): FileKind | undefined {
  const name = given.toLowerCase();
  if (/\.data-\d+-of-\d+$|\.ckpt\.(?:meta|data|index)|\.meta$/.test(name)) return tensorflowCheckpoint;
  if (/shard\d*-?\d*of\d+(?:\.bin)?$/.test(name))
    return { what: 'a part of a TensorFlow.js model', advice: 'give the model.json beside it' };
  if (name.endsWith('.msgpack'))
    return { what: 'weights of Flax (.msgpack)', advice: 'convert them by safetensors.flax.save_file' };
  if (name.endsWith('.engine') || name.endsWith('.plan'))
    return { what: 'an engine of TensorRT', advice: exportedFrom };
  return undefined;
}

function kindOfMessage({ beginning, name }: Outline): FileKind {
  const kind = protobufKind(beginning, name.toLowerCase());
  switch (kind) {
    case 'caffe':
      return { reader: 'caffemodel' };
    case 'blob':
      return { what: 'a mean image of Caffe (.binaryproto)', advice: 'give the .caffemodel' };
    case 'solverState':
      return {
        what: 'the state of a training of Caffe (.solverstate)',
        advice: 'give the .caffemodel of the same iteration',
      };
    case 'onnx':
      return { reader: 'onnx' };
    case 'savedModel':
      return { what: 'a SavedModel of TensorFlow', advice: toKeras };
    case 'coreml':
      return { what: 'a Core ML model', advice: exportedFrom };
    case 'graphDef':
      return {
        what: 'a graph of TensorFlow (frozen, .pb)',
        advice: 'give the Keras model that it was made of',
      };
    case undefined: {
      const bytes = Buffer.from(beginning.subarray(0, 4))
        .toString('hex')
        .replaceAll(/..(?=.)/g, '$& ');
      return { what: `a file of no known kind (its first bytes are ${bytes})` };
    }
    default:
      return kind satisfies never;
  }
}

/** The kind of a zip archive that is neither PyTorch's nor Keras's, by the names in it. */
export function kindOfArchive(names: readonly string[]): FileKind {
  if (names.length > 0 && names.every((name) => name.endsWith('.npy')))
    return {
      what: `arrays of NumPy (.npz: ${firstOf(names)})`,
      advice: 'save them by safetensors.numpy.save_file, named as in one of the formats',
    };
  if (names.some((name) => /(?:^|\/)saved_model\.pb$/.test(name)))
    return { what: 'a packed SavedModel of TensorFlow', advice: toKeras };
  if (names.some((name) => name.startsWith('MAR-INF/'))) return archive('an archive of TorchServe');
  if (names.length === 0) return { what: 'an empty zip archive' };
  return archive(`a zip archive of other files (${firstOf(names)})`);
}

function firstOf(names: readonly string[]): string {
  const shown = names.slice(0, 3).map((name) => (name.length > 60 ? `…${name.slice(-57)}` : name));
  return [...shown, ...(names.length > 3 ? ['…'] : [])].join(', ');
}

/** The kind of a JSON text that lists no weights, by its members. */
export function kindOfJson(members: readonly string[]): FileKind {
  const has = (...names: string[]) => names.every((name) => members.includes(name));
  if (has('weight_map'))
    return {
      what: 'an index of several safetensors files',
      advice: 'in Python, put their tensors together by safetensors.torch.save_file',
    };
  if (has('class_name', 'config'))
    return { what: 'a Keras model’s configuration, without weights', advice: 'give its .h5 or .keras' };
  if (has('model_type') || has('architectures'))
    return {
      what: 'a Hugging Face model’s configuration, without weights',
      advice: 'give its model.safetensors',
    };
  if (has('network', 'recipe') || has('network', 'classes'))
    return {
      what: 'a record of this project’s',
      advice: 'the folder that it lies in is a model’s or a run’s already',
    };
  return { what: members.length > 0 ? `JSON with ${firstOf(members)}` : 'JSON without members' };
}
