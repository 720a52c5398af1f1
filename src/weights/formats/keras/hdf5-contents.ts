/**
 * Reads the content of an HDF5 file with h5wasm: the HDF Group's library in WebAssembly. It is a sandbox whose own file
 * system contains only this one file, so links and external data of a malicious file lead nowhere.
 * Runs in a separate thread (`hdf5-worker.ts`), because a damaged file can leave the library, or the module, unusable.
 */
import { quoted, refusalOf, type Refuse } from '../../../core/errors';
import { elementCount } from '../../../core/shape';
import { bounds, mostUnpacked } from '../../../core/bounds';
import { bfloat16ToFloat32 } from '../../../core/tensorflow/bfloat16';
import { forEachPortion, numberDecoders, withMemory, type NumberDecoder } from './hdf5-numbers';
import { placeFile, sizeOf, type Hdf5Module as Module, type Hdf5Source } from './hdf5-source';

export interface Hdf5Contents {
  /** The requested string attributes of groups, by the group's path. */
  readonly attributes: ReadonlyMap<string, Readonly<Record<string, readonly string[]>>>;
  /** Data sets of floating-point numbers, in the order of the file's groups. Others are left out. */
  readonly datasets: readonly Hdf5Dataset[];
  /** Data sets of whole numbers, whose values are not read. */
  readonly whole: readonly Hdf5Whole[];
}

export interface Hdf5Dataset {
  /** `/group/…/name` */
  readonly path: string;
  readonly shape: readonly number[];
  /** Row-major, converted from whatever type the file stores. */
  readonly values: Float32Array;
}

export interface Hdf5Whole {
  readonly path: string;
  readonly shape: readonly number[];
  /** `int8` */
  readonly type: string;
}

type Metadata = ReturnType<Module['get_dataset_metadata']>;

/**
 * Far more than any network has; a file's groups may contain themselves. `text` and `texts` limit those of one group.
 */
const { objects: mostObjects, deep: deepest, text: longestText, texts: mostTexts } = bounds.hdf5;

/**
 * Reads the whole content of a file.
 * @param packed the compressed size of the file, if it is part of an archive
 * @param wanted names of string attributes; the library reads no others, since damaged ones can make it loop forever
 * @throws UserError when the file is damaged, or would grow beyond the size of any weights; any other error means the
 *   same
 */
export async function contentsOfHdf5(
  source: Hdf5Source,
  wanted: readonly string[],
  where: string,
  packed = sizeOf(source),
): Promise<Hdf5Contents> {
  const { ready } = await import('h5wasm');
  const module = await ready;
  const refuse = refusalOf(`${where} is not a whole HDF5 file`);
  const path = placeFile(module, source);
  const file = module.open(path, module.H5F_ACC_RDONLY);
  if (Number(file) <= 0) refuse('what the HDF5 library can open', 'something else');
  try {
    return new Reading(module, file, wanted, sizeOf(source), packed, refuse).contents();
  } finally {
    module.close_file(file);
    module.FS.unlink(path);
  }
}

/** One pass over the groups of an open file. */
class Reading {
  private readonly attributes = new Map<string, Readonly<Record<string, readonly string[]>>>();
  private readonly datasets: Hdf5Dataset[] = [];
  private readonly whole: Hdf5Whole[] = [];
  private objects = 0;
  private stored = 0;
  private unpacked = 0;

  constructor(
    private readonly module: Module,
    private readonly file: bigint,
    private readonly wanted: readonly string[],
    private readonly size: number,
    private readonly packed: number,
    private readonly refuse: Refuse,
  ) {}

  contents(): Hdf5Contents {
    this.group('', 0);
    const { attributes, datasets, whole } = this;
    return { attributes, datasets, whole };
  }

  private group(path: string, depth: number): void {
    const { module, file, refuse } = this;
    if (depth > deepest) refuse(`groups at most ${deepest} deep`, 'deeper ones');
    const at = path || '/';
    const texts = this.texts(at, this.wanted);
    if (Object.keys(texts).length > 0) this.attributes.set(at, texts);
    for (const name of module.get_names(file, at, false)) {
      if (++this.objects > mostObjects) refuse(`at most ${mostObjects} objects`, 'more');
      const inner = `${path}/${name}`;
      const type = module.get_type(file, inner);
      if (type === module.H5G_GROUP) this.group(inner, depth + 1);
      else if (type === module.H5G_DATASET) this.dataset(inner);
      else if (type !== module.H5G_TYPE)
        refuse('groups and data sets of its own', `a link that leads nowhere, ${quoted(inner)}`);
    }
  }

  private texts(path: string, wanted: readonly string[]): Record<string, readonly string[]> {
    const { module, file } = this;
    const texts: Record<string, readonly string[]> = {};
    const there = module.get_attribute_names(file, path);
    for (const name of wanted.filter((name) => there.includes(name))) {
      const metadata = module.get_attribute_metadata(file, path, name);
      if (metadata.type === module.H5T_class_t.H5T_STRING.value)
        texts[name] = this.text(path, name, metadata);
    }
    return texts;
  }

  /** The strings of one attribute; the module's own function for reading them does not detect failures. */
  private text(path: string, name: string, { size, total_size: count, vlen }: Metadata): string[] {
    const { module, file, refuse } = this;
    if (count > mostTexts || count * size > longestText)
      refuse(`at most ${mostTexts} texts in attribute ${quoted(name)} of ${quoted(path)}`, String(count));
    return withMemory(module, count * size, refuse, (address) => {
      if (module.get_attribute_data(file, path, name, BigInt(address)) < 0)
        refuse(`texts in attribute ${quoted(name)} of ${quoted(path)}`, 'damage');
      const bytes = Buffer.from(module.HEAPU8.slice(address, address + count * size));
      if (!vlen) return Array.from({ length: count }, (_, index) => fixedText(bytes, index * size, size));
      return Array.from({ length: count }, (_, index) => module.UTF8ToString(bytes.readUInt32LE(4 * index)));
    });
  }

  private dataset(path: string): void {
    const { module, file, refuse } = this;
    const metadata = module.get_dataset_metadata(file, path);
    const { type, signed, shape, size, virtual_sources: virtual } = metadata;
    if (shape && type === module.H5T_class_t.H5T_INTEGER.value)
      this.whole.push({ path, shape, type: `${signed ? 'int' : 'uint'}${8 * size}` });
    const decode = this.decoderOf(path, metadata);
    if (!decode || !shape) return;
    if (virtual) refuse(`numbers of its own in ${quoted(path)}`, 'references to other files');
    const said = `data set ${quoted(path)} of the shape [${shape.slice(0, 8).join(', ')}]`;
    const elements = elementCount(shape);
    const packed = module.get_dataset_filters(file, path).length > 0;
    if (packed) this.unpacked += elements * size;
    else this.stored += elements * size;
    const most = mostUnpacked(this.packed);
    if (this.stored > this.size || this.unpacked > most)
      refuse(`at most ${packed ? most : this.size} bytes in its data sets`, `more, with ${said}`);
    const values = new Float32Array(elements);
    const use = (bytes: ArrayBuffer, from: number) => values.set(decode(bytes), from);
    forEachPortion(module, file, { ...metadata, path, shape }, use, refuse);
    this.datasets.push({ path, shape, values });
  }

  /** Converts the bytes of a data set to numbers; undefined for types that are not read. */
  private decoderOf(path: string, { type, size }: Metadata): NumberDecoder | undefined {
    const { H5T_FLOAT, H5T_OPAQUE } = this.module.H5T_class_t;
    if (type === H5T_FLOAT.value)
      return (
        numberDecoders[size] ?? this.refuse(`numbers of 2, 4 or 8 bytes in ${quoted(path)}`, `${size} bytes`)
      );
    // HDF5 has no such type; Keras stores it as two bytes and marks it with an attribute.
    const isBfloat16 =
      type === H5T_OPAQUE.value && size === 2 && this.texts(path, ['dtype'])['dtype']?.[0] === 'bfloat16';
    return isBfloat16 ? (bytes) => bfloat16ToFloat32(new Uint16Array(bytes)) : undefined;
  }
}

/** Strings of fixed length are padded with zeros, by some programs with spaces. */
function fixedText(bytes: Buffer, begin: number, size: number): string {
  const text = bytes.subarray(begin, begin + size);
  const end = text.indexOf(0);
  return text.toString('utf8', 0, end < 0 ? size : end).trimEnd();
}
