/**
 * Reads Caffe's trained networks: a NetParameter message of src/caffe/proto/caffe.proto, in binary. Its layers are
 * `LayerParameter`s or, before 2015, `V1LayerParameter`s; a layer's weights are its blobs.
 */
import { quoted, refusalOf, type Refuse } from '../../core/errors';
import { elementCount } from '../../core/shape';
import { bounds } from '../../core/bounds';
import { counted } from '../../core/text/counted';
import { CaffeArchitecture } from '../architecture/caffe/caffe';
import type { ForeignTensor, ForeignWeights } from './foreign-weights';
import { forEachField, varintAt, type WireType } from '../../core/io/protobuf-fields';

/** Field numbers of caffe.proto. */
const net = { layersV1: 2, input: 3, layer: 100 } as const;
const layerFields = {
  [net.layer]: { name: 1, blobs: 7 },
  [net.layersV1]: { name: 4, blobs: 6 },
} as const;
const blob = { num: 1, channels: 2, height: 3, width: 4, data: 5, shape: 7, doubleData: 8 } as const;
const blobShape = { dim: 1 } as const;

/** Far more than any network has; keeps a file of empty blobs from exhausting the memory. */
const { axes: mostAxes, blobs: mostBlobs, name: longestName } = bounds.caffemodel;

/**
 * The layers of a file and its blobs, each named by its layer and its index there, starting at 0 (`conv1/0`,
 * `conv1/1`). A blob of the old form always has four dimensions: `[1, 1, 1, 20]` are 20 biases.
 * @param file may share its memory with the result, so it must not be changed while the result is in use
 * @throws UserError when the file is damaged, or holds no blobs
 */
export function readCaffemodel(file: Uint8Array, where: string): ForeignWeights {
  const refuse = refusalOf(`${where} is not a whole .caffemodel file`);
  const tensors = new Map<string, ForeignTensor>();
  const architecture = new CaffeArchitecture(file, refuse);
  const visitLayer = (number: number, type: WireType, begin: number, end: number) => {
    if (number === net.input && type === 'bytes') architecture.addInput(begin, end);
    if ((number !== net.layer && number !== net.layersV1) || type !== 'bytes') return;
    for (const tensor of layerBlobs(file, begin, end, layerFields[number], refuse)) {
      if (tensors.has(tensor.name)) refuse('every layer once', `two of ${quoted(tensor.name)}`);
      if (tensors.size === mostBlobs) refuse(`at most ${mostBlobs} blobs`, 'more');
      tensors.set(tensor.name, tensor);
    }
    architecture.addLayer(number, begin, end);
  };
  forEachField(file, 0, file.length, visitLayer, refuse);
  if (tensors.size === 0) refuse('layers with weights', 'none');
  return {
    format: 'caffemodel',
    tensors: [...tensors.values()],
    architecture: architecture.described(),
  };
}

function layerBlobs(
  file: Uint8Array,
  begin: number,
  end: number,
  fields: (typeof layerFields)[keyof typeof layerFields],
  refuse: Refuse,
): ForeignTensor[] {
  let layer = '';
  const places: [begin: number, end: number][] = [];
  const visit = (field: number, type: WireType, from: number, to: number) => {
    if (type !== 'bytes') return;
    if (field === fields.name) layer = nameAt(file, from, to, refuse);
    if (field !== fields.blobs) return;
    if (places.length === mostBlobs) refuse(`at most ${mostBlobs} blobs`, 'more');
    places.push([from, to]);
  };
  forEachField(file, begin, end, visit, refuse);
  return places.map(([from, to], index) => blobAt(file, from, to, `${layer}/${index}`, refuse));
}

function nameAt(file: Uint8Array, begin: number, end: number, refuse: Refuse): string {
  if (end - begin > longestName) refuse(`a name of at most ${longestName} bytes`, String(end - begin));
  return Buffer.from(file.subarray(begin, end)).toString('utf8');
}

/** The numbers of one blob: packed or one field each; float or double. They are counted here and read on request. */
function blobAt(file: Uint8Array, begin: number, end: number, name: string, refuse: Refuse): ForeignTensor {
  const legacy = [1, 1, 1, 1];
  let isLegacy = false;
  let dims: number[] | undefined;
  let count = 0;
  const visit = (field: number, type: WireType, from: number, to: number) => {
    if (field >= blob.num && field <= blob.width && type === 'varint') {
      legacy[field - blob.num] = varintAt(file, from, to, refuse).value;
      isLegacy = true;
    }
    if (field === blob.shape && type === 'bytes') dims = shapeAt(file, from, to, name, refuse);
    count += countOf(field, type, to - from, name, refuse);
  };
  forEachField(file, begin, end, visit, refuse);
  const shape = dims ?? (isLegacy ? legacy : [count]);
  const elements = elementCount(shape);
  if (elements !== count) {
    refuse(`${elements} numbers in blob ${quoted(name)} of the shape [${shape.join(', ')}]`, String(count));
  }
  return { name, shape, values: () => numbersAt(file, begin, end, count, refuse) };
}

/** The number of values that a field of a blob holds. */
function countOf(field: number, type: WireType, bytes: number, name: string, refuse: Refuse): number {
  if (field !== blob.data && field !== blob.doubleData) return 0;
  const size = field === blob.data ? 4 : 8;
  if (type === (size === 4 ? 'fixed32' : 'fixed64')) return 1;
  if (type !== 'bytes' || bytes % size !== 0)
    return refuse(
      `numbers of ${size} bytes in blob ${quoted(name)}`,
      `${counted(bytes, 'byte')} of type ${type}`,
    );
  return bytes / size;
}

function shapeAt(file: Uint8Array, begin: number, end: number, name: string, refuse: Refuse): number[] {
  const dims: number[] = [];
  const add = (from: number, to: number) => {
    if (dims.length === mostAxes) refuse(`at most ${mostAxes} dimensions of blob ${quoted(name)}`, 'more');
    const { value, end: after } = varintAt(file, from, to, refuse);
    if (!Number.isSafeInteger(value)) refuse(`sizes of blob ${quoted(name)} within 2^53`, String(value));
    dims.push(value);
    return after;
  };
  const visit = (field: number, type: WireType, from: number, to: number) => {
    if (field !== blobShape.dim) return;
    if (type === 'varint') add(from, to);
    if (type === 'bytes') for (let at = from; at < to;) at = add(at, to);
  };
  forEachField(file, begin, end, visit, refuse);
  return dims;
}

function numbersAt(
  file: Uint8Array,
  begin: number,
  end: number,
  count: number,
  refuse: Refuse,
): Float32Array {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const numbers = new Float32Array(count);
  let filled = 0;
  const visit = (field: number, _type: WireType, from: number, to: number) => {
    if (field === blob.data) {
      new Uint8Array(numbers.buffer).set(file.subarray(from, to), 4 * filled); // both are little-endian
      filled += (to - from) / 4;
    }
    if (field === blob.doubleData)
      for (let at = from; at < to; at += 8) numbers[filled++] = view.getFloat64(at, true);
  };
  forEachField(file, begin, end, visit, refuse);
  return numbers;
}
