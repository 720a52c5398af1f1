/** What a reader of any weight format returns: named tensors in the layout of the file. */
import type { Architecture } from '../architecture/description';

/**
 * The content of another toolkit's file, before it is matched to a network. Every format's reader
 * returns this, in the file's own layout; the form of the names depends on the toolkit:
 * - Caffe: the layer's name and the index of its blob, starting at 0, `conv1/7x7_s2/0`;
 * - PyTorch: the key of the state dict, `features.0.weight`;
 * - Keras: the names of the layer and its weight, `block1_conv1/kernel`, also if an old file has `block1_conv1_W_1:0`;
 * - this project: the names of the layer and its weight, `conv1/kernel`.
 */
export interface ForeignWeights {
  readonly format: ForeignFormat;
  /** The file's description of the layers that have these weights, if it contains one. */
  readonly architecture?: Architecture | undefined;
  /** The network named in a file of this project. */
  readonly network?: string | undefined;
  /** Whether layers are named by their kind and a counter, because the file does not contain their names. */
  readonly byPosition?: true;
  /**
   * Set if no names lead to layers, so that tensors have those of nodes of `architecture` and are matched along it: the
   * toolkit whose weights they probably are, and the number of units that give the scores.
   */
  readonly byGraph?:
    { readonly like: 'pytorch' | 'keras' | undefined; readonly classes: number | undefined } | undefined;
  /** Each name occurs once. */
  readonly tensors: readonly ForeignTensor[];
  /** Notes for the user: which of several sets of weights was read, what was skipped. */
  readonly notes?: readonly string[];
  /**
   * The weights that were neither loaded nor trained, by our names, as recorded in a file of this project; the file may
   * nevertheless contain tensors for them.
   */
  readonly notLoaded?: readonly string[] | undefined;
  /** Other facts in a file of this project, unchecked. */
  readonly own?: Readonly<Record<string, unknown>> | undefined;
}

/** The formats of files of weights that are read. */
export type ForeignFormat = 'caffemodel' | 'pth' | 'safetensors' | 'keras' | 'tfjs' | 'onnx';

/** A tensor of a file, before it is mapped to a weight. */
export interface ForeignTensor {
  readonly name: string;
  readonly shape: readonly number[];
  /**
   * Set if kernels have their outputs first whatever the toolkit; `interleaved`: a full layer's inputs are in the order
   * rows, columns, maps.
   */
  readonly stored?: { readonly interleaved?: true };
  /** The file does not hold it: it follows from the layer, and is used if the network has such a weight. */
  readonly implied?: true;
  /** The file’s name for their type if they are whole numbers or booleans, which weights never are. */
  readonly whole?: string;
  /**
   * The numbers, row-major in `shape`, in memory that belongs to the caller. Read on request, so that only one
   * tensor at a time takes up memory; never more elements than the file holds.
   * @throws UserError when they are damaged
   */
  values(): Float32Array | Promise<Float32Array>;
}
