/** Writes what TensorFlow.js asks of native TensorFlow down as nodes of a graph, while it is computed. */
import { tf } from '../../core/tf';
import { bytesOf, type GraphBuilder, type Ref, variableNodes } from '../session/builder';
import { attr, elementTypes, type ElementType, type AttrValue } from '../session/graph-def';
import type { NativeBackend, OpAttribute } from '../../core/tensorflow/native';
import { rewritten } from './rewrite';
import { emptyTape } from './tape';
import { Untraceable } from './untraceable';

/** A variable that the traced computation reads or assigns. */
export interface TracedVariable {
  readonly variable: tf.Variable;
  /** Name of its resource in the session, the same in every trace. */
  readonly resource: string;
  /** Its `VarHandleOp` and the value that was read before any update. */
  readonly handle: Ref;
  readonly before: Ref;
  /** What the computation assigned to it, if anything. */
  readonly after: Ref | null;
}

/** A computation recorded as nodes of `builder`, to which more can be added. */
export interface Trace {
  readonly builder: GraphBuilder;
  readonly variables: readonly TracedVariable[];
  /** The node of a tensor that the computation made or was given. */
  refOf(tensor: tf.Tensor): Ref;
}

/** Type attributes that tfjs-node leaves to eager execution to infer: attribute → index of the input of that type. */
const inferred: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  Cast: { SrcT: 0 },
  ExpandDims: { T: 0, Tdim: 1 },
  GatherV2: { Tparams: 0, Tindices: 1, Taxis: 2 },
  LogSoftmax: { T: 0 },
  Pad: { T: 0, Tpaddings: 1 },
  PadV2: { T: 0, Tpaddings: 1 },
  Reshape: { T: 0, Tshape: 1 },
  Select: { T: 1 },
  SelectV2: { T: 1 },
  Slice: { T: 0, Index: 1 },
  Softmax: { T: 0 },
  Squeeze: { T: 0 },
  Tile: { T: 0, Tmultiples: 1 },
  Transpose: { T: 0, Tperm: 1 },
};

/** Adds every operation that the backend is asked for to a graph, while a computation runs. */
export class Recorder implements Trace {
  /** The numbers that the computation has taken from JavaScript so far, in the order of their use. */
  readonly made: string[] = [];
  /** The names of the nodes that take the inputs, in their order. */
  readonly placeholders: readonly string[];
  private readonly refs = new Map<object, Ref>();
  private readonly constants = new Map<object, Ref>();
  private readonly born = new Set<object>();
  private readonly known: readonly { variable: tf.Variable; dataId: object }[];
  private readonly used = new Map<tf.Variable, { handle: Ref; before: Ref; dataId: object }>();

  constructor(
    private readonly backend: NativeBackend,
    readonly builder: GraphBuilder,
    inputs: readonly tf.Tensor[],
    private readonly resourceOf: (variable: tf.Variable) => string,
    /** Inputs, whole numbers in float32, whose values are fed as bytes: the graph casts them. */
    asBytes: ReadonlySet<tf.Tensor>,
    /** The `made` of the first recording, when the computation is recorded a second time. */
    private readonly expected?: readonly string[],
  ) {
    const taken = new Set<object>();
    this.placeholders = inputs.map((input) => {
      const type = backend.getDTypeInteger(input.dtype) as ElementType;
      const { uint8 } = elementTypes;
      const fed = builder.placeholder(input.shape, asBytes.has(input) ? uint8 : type);
      this.refs.set(input.dataId, fed.type === uint8 ? cast(builder, fed, type) : fed);
      taken.add(input.dataId);
      return fed.name;
    });
    const variables = Object.values(tf.engine().registeredVariables);
    for (const variable of variables) {
      if (taken.has(variable.dataId)) ownData(variable);
      taken.add(variable.dataId);
    }
    this.known = variables.map((variable) => ({ variable, dataId: variable.dataId }));
  }

  get variables(): readonly TracedVariable[] {
    for (const { variable, dataId } of this.known) if (variable.dataId !== dataId) this.use(variable, dataId);
    return [...this.used].map(([variable, { handle, before, dataId }]) => ({
      variable,
      resource: this.resourceOf(variable),
      handle,
      before,
      after: variable.dataId === dataId ? null : this.refOf(variable),
    }));
  }

  refOf(tensor: tf.Tensor): Ref {
    const { dataId } = tensor;
    const ref = this.refs.get(dataId) ?? this.constants.get(dataId) ?? this.fromOutside(dataId);
    if (ref.shape.join() === tensor.shape.join()) return ref;
    // tfjs reshapes by giving the same data another shape.
    const sides = this.builder.constant(
      bytesOf(Int32Array.from(tensor.shape)),
      [tensor.rank],
      elementTypes.int32,
    );
    const attributes = { T: attr.type(ref.type), Tshape: attr.type(elementTypes.int32) };
    return this.builder.add('Reshape', [ref.name, sides.name], attributes, {
      shape: tensor.shape,
      type: ref.type,
    });
  }

  watch<T>(computation: () => T): T {
    this.start();
    try {
      return computation();
    } catch (error) {
      emptyTape();
      throw error;
    } finally {
      this.stop();
    }
  }

  /** Watches the backend by methods on the instance, which are found before those of its class. */
  private start(): void {
    const { backend } = this;
    const original = Object.getPrototypeOf(backend) as NativeBackend;
    backend.executeSingleOutput = (name, attributes, inputs) => {
      const refs = inputs.map((input) => this.refOf(input));
      const output = original.executeSingleOutput.call(backend, name, attributes, inputs);
      const numbersOf = (input: number) => [...original.readSync.call(backend, inputs[input]!.dataId)];
      const faster = rewritten(this.builder, {
        op: name,
        attributes,
        inputs: refs,
        shape: output.shape,
        numbersOf,
      });
      if (faster) this.refs.set(output.dataId, faster);
      else this.operation(name, attributes, refs, [output]);
      return output;
    };
    backend.executeMultipleOutputs = (name, attributes, inputs, count) => {
      const refs = inputs.map((input) => this.refOf(input));
      const outputs = original.executeMultipleOutputs.call(backend, name, attributes, inputs, count);
      this.operation(name, attributes, refs, outputs);
      return outputs;
    };
    backend.write = (values, shape, dtype) => {
      const dataId = original.write.call(backend, values, shape, dtype);
      this.born.add(dataId);
      return dataId;
    };
    backend.readSync = (dataId) => {
      this.refuseReading(dataId);
      return original.readSync.call(backend, dataId);
    };
    backend.read = (dataId) => {
      this.refuseReading(dataId);
      return original.read.call(backend, dataId);
    };
  }

  private stop(): void {
    for (const method of [
      'executeSingleOutput',
      'executeMultipleOutputs',
      'write',
      'readSync',
      'read',
    ] as const) {
      Reflect.deleteProperty(this.backend, method);
    }
  }

  private operation(
    op: string,
    given: readonly OpAttribute[],
    inputs: readonly Ref[],
    outputs: readonly tf.Tensor[],
  ): void {
    const attributes = Object.fromEntries(
      given.map((attribute) => [attribute.name, attributeOf(op, attribute, this.backend.binding)]),
    );
    for (const [name, index] of Object.entries(inferred[op] ?? {}))
      attributes[name] ??= attr.type(inputs[index]!.type);
    const { name } = this.builder.add(
      op,
      inputs.map((input) => input.name),
      attributes,
    );
    outputs.forEach((output, index) => {
      const type = this.backend.tensorMap.get(output.dataId).dtype;
      this.refs.set(output.dataId, { name: index ? `${name}:${index}` : name, shape: output.shape, type });
    });
  }

  /** A tensor that no recorded operation made: a variable's value, an older tensor, or one made from JavaScript. */
  private fromOutside(dataId: object): Ref {
    const known = this.known.find((candidate) => candidate.dataId === dataId);
    if (known) return this.use(known.variable, dataId);
    const { shape, dtype } = this.backend.tensorMap.get(dataId);
    const original = Object.getPrototypeOf(this.backend) as NativeBackend;
    const values = original.readSync.call(this.backend, dataId);
    if (this.born.has(dataId)) this.expectConstant(values, shape, dtype);
    const ref = this.builder.constant(bytesOf(ofType(values, dtype)), shape, dtype);
    this.constants.set(dataId, ref);
    return ref;
  }

  private expectConstant(
    values: Float32Array | Int32Array | Uint8Array,
    shape: readonly number[],
    dtype: number,
  ): void {
    const differ = values.some((value) => value !== values[0]);
    // Of equal elements, of which there may be millions, one is kept.
    this.made.push(`${shape.join()}|${differ ? values.join() : values[0]}`);
    const changes = this.expected && this.expected[this.made.length - 1] !== this.made.at(-1);
    if (!changes && !(differ && dtype === elementTypes.float32)) return;
    throw new Untraceable(
      `expected no changing numbers made in JavaScript, found a tensor [${shape.join(', ')}]: it would stay the same in every step`,
    );
  }

  private use(variable: tf.Variable, dataId: object): Ref {
    const found = this.used.get(variable);
    if (found) return found.before;
    const type = this.backend.getDTypeInteger(variable.dtype);
    const { handle, before } = variableNodes(this.builder, this.resourceOf(variable), variable.shape, type);
    this.used.set(variable, { handle, before, dataId });
    this.refs.set(dataId, before);
    return before;
  }

  private refuseReading(dataId: object): void {
    if (this.refs.has(dataId)) {
      throw new Untraceable(
        'expected no value to be read in JavaScript during the step, found dataSync() or data()',
      );
    }
  }
}

function cast(builder: GraphBuilder, { name, shape, type: from }: Ref, type: ElementType): Ref {
  return builder.add('Cast', [name], { SrcT: attr.type(from), DstT: attr.type(type) }, { shape, type });
}

/** Gives a variable data of its own. `assign` lets two variables share data; one would be recorded as the other. */
function ownData(variable: tf.Variable): void {
  tf.tidy(() => variable.assign(variable.add(0)));
}

/** Values as the typed array of their type: booleans come as bytes, and integers sometimes as plain arrays. */
function ofType(
  values: Float32Array | Int32Array | Uint8Array,
  type: number,
): Float32Array | Int32Array | Uint8Array {
  if (type === elementTypes.bool) return Uint8Array.from(values);
  if (type === elementTypes.int32) return Int32Array.from(values);
  return values instanceof Float32Array ? values : Float32Array.from(values);
}

/**
 * Turns an attribute that tfjs-node hands to its binding into one of a graph's node.
 * @param op the operation that it belongs to, for messages
 * @throws Untraceable for a kind that no operation of tfjs uses
 */
export function attributeOf(
  op: string,
  { name, type, value }: OpAttribute,
  binding: NativeBackend['binding'],
): AttrValue {
  switch (type) {
    case binding['TF_ATTR_STRING']:
      return attr.string(value as string);
    case binding['TF_ATTR_INT']:
      return Array.isArray(value) ? attr.ints(value as number[]) : attr.int(value as number);
    case binding['TF_ATTR_FLOAT']:
      return Array.isArray(value) ? attr.floats(value as number[]) : attr.float(value as number);
    case binding['TF_ATTR_BOOL']:
      return attr.bool(value as boolean);
    case binding['TF_ATTR_TYPE']:
      return attr.type(value as number);
    case binding['TF_ATTR_SHAPE']:
      return attr.shape(value as number[]);
    default:
      throw new Untraceable(`operation ${op}: expected a known kind of attribute ${name}, found ${type}`);
  }
}
