/** What a reader of any weight format returns: named tensors in the layout of the file. */
import type { Architecture } from '../architecture/description';

/**
 * What a file of another toolkit holds, before anything is known of the network it is for. Every reader of a format
 * gives this, in the file's own layout; names are, by toolkit:
 * - Caffe: the layer's name and the number of its blob from 0, `conv1/7x7_s2/0`;
 * - PyTorch: the key of the state dict, `features.0.weight`;
 * - Keras: the layer's name and its weight's, `block1_conv1/kernel`, also where an old file says `block1_conv1_W_1:0`;
 * - this project's own: the layer's name and its weight's, `conv1/kernel`.
 */
export interface ForeignWeights {
  readonly format: ForeignFormat;
  /** What the file says of the layers that have these weights, if it does. */
  readonly architecture?: Architecture | undefined;
  /** The network that a file of this project’s says it is of. */
  readonly network?: string | undefined;
  /** Whether the layers are called after their kinds and counted, for the file does not name them. */
  readonly byPosition?: true;
  /** Every name once. */
  readonly tensors: readonly ForeignTensor[];
  /** What a person should know who takes these: which of several sets of weights they are, what was passed over. */
  readonly notes?: readonly string[];
  /**
   * Which weights were neither loaded nor trained, by our names, as files of this project tell; there may be tensors of
   * them all the same.
   */
  readonly notLoaded?: readonly string[] | undefined;
  /** What else a file of this project’s tells, as it stands there: nobody has looked whether it is what exports write. */
  readonly own?: Readonly<Record<string, unknown>> | undefined;
}

export type ForeignFormat = 'caffemodel' | 'pth' | 'safetensors' | 'keras' | 'tfjs';

export interface ForeignTensor {
  readonly name: string;
  readonly shape: readonly number[];
  /** The file’s name for their type, where they are whole numbers or truth values, which no weights are. */
  readonly whole?: string;
  /**
   * The numbers, row-major in `shape`, in memory of the caller's own. Read when asked for, so that a file's tensors
   * cost memory one by one; never more elements than the file holds.
   * @throws UserError when they are damaged
   */
  values(): Float32Array | Promise<Float32Array>;
}
