/** The parts of an ONNX file that tell of its weights: a ModelProto of onnx.proto, read from untrusted bytes. */
import { bounds } from '../../../core/bounds';
import { printable, quoted, type Refuse } from '../../../core/errors';
import { FieldBudget, Message } from '../protobuf-message';
import { OnnxTensors, type OnnxTensor } from './onnx-tensor';

/** A setting of a node, by what it holds. */
export interface OnnxSetting {
  readonly float?: number | undefined;
  readonly int?: number | undefined;
  readonly text?: string | undefined;
  readonly floats: readonly number[];
  readonly ints: readonly number[];
  readonly tensor?: OnnxTensor | undefined;
}

export interface OnnxNode {
  readonly op: string;
  readonly name: string;
  /** Names of tensors; an empty one is an input that was left out. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly settings: ReadonlyMap<string, OnnxSetting>;
}

export interface OnnxContent {
  readonly producer: string;
  /** The version of ONNX's own operators. */
  readonly opset: number;
  readonly metadata: ReadonlyMap<string, string>;
  readonly nodes: readonly OnnxNode[];
  readonly initialisers: ReadonlyMap<string, OnnxTensor>;
  /** The graph's inputs that are not initialisers. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
}

const model = { producer: 2, graph: 7, opset: 8, metadata: 14 } as const;
const graph = { node: 1, initialiser: 5, input: 11, output: 12 } as const;
const node = { input: 1, output: 2, name: 3, op: 4, settings: 5, domain: 7 } as const;
const setting = { name: 1, float: 2, int: 3, text: 4, tensor: 5, floats: 7, ints: 8 } as const;

/**
 * @param folder where files with the numbers of tensors lie, if those are not in the file
 * @throws UserError when it is damaged, or larger than any network's description
 */
export function readOnnxContent(file: Uint8Array, folder: string, refuse: Refuse): OnnxContent {
  const budget = new FieldBudget(refuse);
  const whole = new Message(file, 0, file.length, budget, refuse);
  const body = whole.message(model.graph);
  if (!body) return refuse('a graph', 'none');
  const tensors = new OnnxTensors(file, folder, budget, refuse);
  const initialisers = new Map<string, OnnxTensor>();
  for (const { begin, end } of body.places(graph.initialiser)) {
    if (initialisers.size === bounds.onnx.tensors) refuse(`at most ${bounds.onnx.tensors} tensors`, 'more');
    const tensor = tensors.tensor(begin, end);
    if (initialisers.has(tensor.name)) refuse('every tensor once', `two of ${quoted(tensor.name)}`);
    initialisers.set(tensor.name, tensor);
  }
  const nodes = body.messages(graph.node);
  if (nodes.length > bounds.architecture.layers)
    refuse(`at most ${bounds.architecture.layers} nodes`, String(nodes.length));
  const named = (field: number) => body.messages(field).map((end) => end.texts(1).at(-1) ?? '');
  const own = whole
    .messages(model.opset)
    .filter((set) => ['', 'ai.onnx'].includes(set.texts(1).at(-1) ?? ''))
    .map((set) => set.integer(2) ?? 1);
  return {
    producer: whole.texts(model.producer).at(-1) ?? '',
    opset: own.at(-1) ?? 1,
    metadata: new Map(
      whole.messages(model.metadata).map((entry) => [entry.text(1) ?? '', entry.text(2) ?? ''] as const),
    ),
    nodes: nodes.map((message) => nodeOf(message, tensors)),
    initialisers,
    inputs: named(graph.input).filter((name) => !initialisers.has(name)),
    outputs: named(graph.output),
  };
}

function nodeOf(message: Message, tensors: OnnxTensors): OnnxNode {
  const domain = message.texts(node.domain).at(-1) ?? '';
  const op = message.texts(node.op).at(-1) ?? '';
  return {
    op: domain === '' || domain === 'ai.onnx' ? op : `${printable(domain)}.${op}`,
    name: message.texts(node.name).at(-1) ?? '',
    inputs: message.texts(node.input),
    outputs: message.texts(node.output),
    settings: new Map(
      message.messages(node.settings).map((given) => {
        const value = given.places(setting.tensor).at(-1);
        return [
          given.texts(setting.name).at(-1) ?? '',
          {
            float: given.float(setting.float),
            int: given.signed(setting.int).at(-1),
            text: given.texts(setting.text).at(-1),
            floats: given.floats(setting.floats),
            ints: given.signed(setting.ints),
            tensor: value && tensors.tensor(value.begin, value.end),
          },
        ] as const;
      }),
    ),
  };
}

/** The whole numbers of a setting, or of one that was left out. */
export function intsOf(
  { settings }: OnnxNode,
  name: string,
  otherwise: readonly number[],
): readonly number[] {
  const found = settings.get(name);
  return found && found.ints.length > 0 ? found.ints : otherwise;
}

export function intOf({ settings }: OnnxNode, name: string, otherwise: number): number {
  return settings.get(name)?.int ?? otherwise;
}

export function floatOf({ settings }: OnnxNode, name: string, otherwise: number): number {
  return settings.get(name)?.float ?? otherwise;
}
