/** A backend of TensorFlow.js that computes nothing and writes down the graph of what it is asked for. */
import { tf } from '../../core/tf';
import { watchingLayers } from '../record/layer-scopes';
import { tfjsAttr, tfjsEnd, type TfjsAttribute, type TfjsNode, type TfjsType } from './tfjs-graph';
import { Untraceable } from '../record/untraceable';

/** A computation on batches of images, for any number of them. */
export interface TfjsGraph {
  /** In an order in which each node comes after those that it reads. */
  readonly nodes: readonly TfjsNode[];
  readonly signature: object;
  /** The values of the constants, by their nodes' names. */
  readonly constants: readonly TfjsConstant[];
}

export interface TfjsConstant {
  readonly name: string;
  readonly shape: readonly number[];
  readonly type: TfjsType;
  /** The elements; those of weights are copied out of their backend when this is called. */
  values(): Promise<Float32Array | Int32Array>;
}

export interface RecordTfjsOptions {
  readonly model: tf.LayersModel;
  /** The shape of one image. */
  readonly input: readonly [height: number, width: number, channels: number];
  /** Applies the model to images `[batch, …input]` and returns what the graph is to give. */
  readonly computation: (images: tf.Tensor4D) => tf.Tensor;
  /** Names of tensors that become constants; the names of all other constants begin with `constants/`. */
  readonly named: ReadonlyMap<tf.Tensor, string>;
}

/**
 * The number of images in a recorded batch: a prime that is no other size, so that every shape that depends on it shows
 * it. It may be large, since nothing is computed.
 */
const recordedBatch = 1_000_003;

/** A backend that computes nothing, and records the operations that it is asked for. */
export class TfjsRecorder extends tf.KernelBackend {
  private readonly nodes = new Map<string, TfjsNode>();
  private readonly constants = new Map<string, TfjsConstant>();
  /** The output of a node that a tensor stands for. */
  private readonly outputs = new WeakMap<object, string>();
  /** The values that were made in JavaScript while recording. */
  private readonly written = new WeakMap<object, Float32Array | Int32Array>();
  private readonly named: ReadonlyMap<object, string>;
  private scope = '';

  constructor(named: ReadonlyMap<tf.Tensor, string>) {
    super();
    this.named = new Map([...named].map(([{ dataId }, name]) => [dataId, name]));
  }

  record({ model, input, computation }: RecordTfjsOptions): TfjsGraph {
    let scores: { node: string; shape: number[] } | undefined;
    tf.tidy(() => {
      const shape = [recordedBatch, ...input];
      const placeholder = { dtype: tfjsAttr.type('float32'), shape: tfjsAttr.shape([-1, ...input]) };
      const images = this.add('Placeholder', [], placeholder, { shape, dtype: 'float32' }, 'image');
      const tensor = tf.engine().makeTensorFromTensorInfo(images) as tf.Tensor4D;
      const result = watchingLayers(
        model,
        (scope) => (this.scope = scope ? `${scope.layer}/` : ''),
        () => computation(tensor),
      );
      this.add('Identity', [result], { T: tfjsAttr.type('float32') }, result, 'scores');
      scores = { node: 'scores', shape: result.shape };
    });
    const needed = this.neededFor(scores!.node);
    return {
      nodes: [...this.nodes.values()].filter(({ name }) => needed.has(name)),
      signature: {
        inputs: { image: tfjsEnd('image', 'float32', [-1, ...input]) },
        outputs: { scores: tfjsEnd('scores', 'float32', this.anyBatch(scores!.shape)) },
      },
      constants: [...this.constants.values()].filter(({ name }) => needed.has(name)),
    };
  }

  /** Adds an operation, and a tensor that stands for its first output. */
  add(
    op: string,
    inputs: readonly (tf.TensorInfo | string)[],
    attr: Readonly<Record<string, TfjsAttribute>>,
    { shape, dtype }: { readonly shape: readonly number[]; readonly dtype: tf.DataType },
    wanted = `${this.scope}${op.replace(/^_/, '')}`,
  ): tf.TensorInfo {
    const name = this.free(wanted);
    const input = inputs.map((given) => (typeof given === 'string' ? given : this.outputOf(given)));
    this.nodes.set(name, { name, op, input, attr });
    return this.standFor(name, shape, dtype);
  }

  /** A tensor that stands for an output of a node. */
  standFor(output: string, shape: readonly number[], dtype: tf.DataType): tf.TensorInfo {
    const dataId = {};
    this.outputs.set(dataId, output);
    return { dataId, shape: [...shape], dtype };
  }

  /** The output that a tensor stands for; a tensor from outside the recording becomes a constant. */
  outputOf({ dataId, shape, dtype }: tf.TensorInfo): string {
    const known = this.outputs.get(dataId);
    if (known !== undefined) return known;
    const name = this.named.get(dataId) ?? this.free(`constants/${this.scope}value`);
    const output = this.constant(name, shape, typeOf(dtype), async () => this.valuesOf(dataId));
    this.outputs.set(dataId, output);
    return output;
  }

  /** A constant of whole numbers, such as a shape. */
  ints(values: readonly number[], shape: readonly number[] = [values.length]): string {
    return this.small(Int32Array.from(values), shape, 'int32');
  }

  float(value: number): string {
    return this.small(Float32Array.of(value), [], 'float32');
  }

  /**
   * A shape for any number of images: −1 in place of the side that is the number of images or a multiple of it.
   * @throws Untraceable when there are several such sides
   */
  anyBatch(shape: readonly number[]): number[] {
    const free = shape.map((side) => (side > 0 && side % recordedBatch === 0 ? -1 : side));
    if (free.filter((side) => side === -1).length > 1)
      throw new Untraceable('expected the number of images in one side of a shape, found it in several');
    return free;
  }

  override write(values: tf.backend_util.BackendValues, shape: number[], dtype: tf.DataType): object {
    if (shape.some((side) => side >= recordedBatch))
      throw new Untraceable('expected no numbers made in JavaScript for each image, found some');
    const dataId = {};
    const plain = values as Float32Array | Int32Array | Uint8Array;
    this.written.set(dataId, dtype === 'float32' ? Float32Array.from(plain) : Int32Array.from(plain));
    return dataId;
  }

  override read(): never {
    return this.readSync();
  }

  override readSync(): never {
    throw new Untraceable('expected no value to be read in JavaScript, found dataSync() or data()');
  }

  override disposeData(): boolean {
    return true;
  }

  override incRef(): void {}

  override numDataIds(): number {
    return 0;
  }

  override memory() {
    return { unreliable: true };
  }

  override floatPrecision(): 32 {
    return 32;
  }

  override epsilon(): number {
    return 1e-7;
  }

  override dispose(): void {}

  private free(wanted: string): string {
    const plain = wanted.replaceAll(/[^A-Za-z0-9._/>-]/g, '_');
    for (let number = 0; ; number++) {
      const name = number === 0 ? plain : `${plain}_${number}`;
      if (!this.nodes.has(name)) return name;
    }
  }

  private small(values: Float32Array | Int32Array, shape: readonly number[], type: TfjsType): string {
    const name = `constants/${type}_${shape.join('x') || 'scalar'}_${[...values].join('_').replaceAll('-', 'm')}`;
    return this.constant(name, shape, type, async () => values);
  }

  private constant(
    name: string,
    shape: readonly number[],
    type: TfjsType,
    values: TfjsConstant['values'],
  ): string {
    if (this.constants.has(name)) return name;
    const attr = { dtype: tfjsAttr.type(type), value: tfjsAttr.tensor(type, shape) };
    this.nodes.set(name, { name, op: 'Const', input: [], attr });
    this.constants.set(name, { name, shape, type, values });
    return name;
  }

  private async valuesOf(dataId: object): Promise<Float32Array | Int32Array> {
    return this.written.get(dataId) ?? ((await tf.engine().read(dataId)) as Float32Array | Int32Array);
  }

  private neededFor(output: string): ReadonlySet<string> {
    const needed = new Set<string>();
    const waiting = [output];
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      const name = next.replace(/:\d+$/, '');
      if (needed.has(name)) continue;
      needed.add(name);
      waiting.push(...this.nodes.get(name)!.input);
    }
    return needed;
  }
}

function typeOf(dtype: tf.DataType): TfjsType {
  if (dtype === 'float32' || dtype === 'int32' || dtype === 'bool') return dtype;
  throw new Untraceable(`expected float32, int32 or bool, found ${dtype}`);
}

/** Records a kernel of TensorFlow.js as operations of the graph. */
export type TfjsRule = (
  to: TfjsRecorder,
  inputs: Readonly<Record<string, tf.TensorInfo>>,
  attributes: Readonly<Record<string, unknown>>,
) => tf.TensorInfo | tf.TensorInfo[];
