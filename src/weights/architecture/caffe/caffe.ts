/** Derives the network from a caffemodel's description. */
import { quoted, type Refuse } from '../../../core/errors';
import { bounds } from '../../../core/bounds';
import { isSource, operationOf, settingFields, typesV1, type CaffeLayer } from './caffe-layers';
import { FieldBudget, Message } from '../../formats/protobuf-message';
import { Nodes, type Architecture } from '../description';

/** Caffe’s Phase. */
const phases = { train: 0, test: 1 } as const;

const net = { layersV1: 2, input: 3, layer: 100 } as const;
const fields = {
  [net.layer]: { name: 1, type: 2, bottom: 3, top: 4, blobs: 7, include: 8, exclude: 9 },
  [net.layersV1]: { name: 4, type: 5, bottom: 2, top: 3, blobs: 6, include: 32, exclude: 33 },
} as const;

/** Collects a NetParameter’s layers in the order in which `readCaffemodel` finds them. */
export class CaffeArchitecture {
  private readonly layers: CaffeLayer[] = [];
  private readonly inputs: string[] = [];
  private readonly budget: FieldBudget;

  constructor(
    private readonly file: Uint8Array,
    private readonly refuse: Refuse,
  ) {
    this.budget = new FieldBudget(refuse);
  }

  /** @param kind which of the two message types is between the byte offsets */
  addLayer(kind: keyof typeof fields, begin: number, end: number): void {
    if (this.layers.length === bounds.architecture.layers)
      this.refuse(`at most ${bounds.architecture.layers} layers`, 'more');
    const at = fields[kind];
    const message = new Message(this.file, begin, end, this.budget, this.refuse, [at.blobs]);
    const [include, exclude] = [message.messages(at.include), message.messages(at.exclude)];
    const holds = (rule: Message) => (rule.integer(1) ?? phases.test) === phases.test;
    this.layers.push({
      name: message.texts(at.name).at(-1) ?? '',
      type:
        kind === net.layer ? (message.texts(at.type).at(-1) ?? '') : typeOf(message.integer(at.type) ?? 0),
      bottoms: message.texts(at.bottom),
      tops: message.texts(at.top),
      forTraining: include.length > 0 ? !include.some(holds) : exclude.some(holds),
      settings: (name) => message.message(settingFields[name][kind === net.layer ? 'now' : 'v1']),
    });
  }

  /** Adds an input blob of a network for inference. */
  addInput(begin: number, end: number): void {
    this.budget.take();
    this.inputs.push(Buffer.from(this.file.subarray(begin, end)).toString('utf8', 0, bounds.caffemodel.name));
  }

  /** The network at inference, without layers for training; undefined if no layer has inputs. */
  described(): Architecture | undefined {
    if (this.layers.every((layer) => isSource(layer) || layer.bottoms.length === 0)) return undefined;
    const nodes = new Nodes();
    /** The node whose output each blob currently holds; a layer may overwrite its input. */
    const made = new Map<string, string>();
    for (const input of this.inputs) made.set(input, nodes.add(input, [], [{ kind: 'image' }]));
    /** Blobs that no layer outputs: the image that replaces each of them, and the layers that read it. */
    const dangling = new Map<string, { readonly image: string; readonly readers: string[] }>();
    for (const layer of this.used()) {
      for (const bottom of layer.bottoms) {
        if (!made.has(bottom)) {
          const image = nodes.add(`the image ${bottom}`, [], [{ kind: 'image' }]);
          dangling.set(bottom, { image, readers: [] });
          made.set(bottom, image);
        }
        const blob = dangling.get(bottom);
        if (blob?.image === made.get(bottom)) blob?.readers.push(layer.name);
      }
      const read = layer.bottoms.map((bottom) => made.get(bottom)!);
      const name = nodes.add(layer.name, read, [operationOf(layer)]);
      for (const top of layer.tops) made.set(top, name);
    }
    // A blob with a single reader is the image, in a network whose data layer was removed.
    const weighted = new Set(
      this.layers
        .filter(({ type }) => type === 'Convolution' || type === 'InnerProduct')
        .map(({ name }) => name),
    );
    for (const [blob, { readers }] of dangling) {
      const [first, second] = readers.filter((name) => weighted.has(name));
      if (second === undefined) continue;
      const partly = `${quoted(first!)} and ${quoted(second)} read ${quoted(blob)}, which no layer gives`;
      return { nodes: nodes.nodes, partly };
    }
    return { nodes: nodes.nodes };
  }

  /** The layers without those for training, except those whose output no other layer provides, such as data layers. */
  private used(): readonly CaffeLayer[] {
    const given = new Set(
      this.layers.flatMap(({ forTraining, tops }) => (forTraining ? [] : [...tops])).concat(this.inputs),
    );
    return this.layers.filter(
      ({ forTraining, tops, bottoms }) =>
        !forTraining || tops.some((top) => !given.has(top) && !bottoms.includes(top)),
    );
  }
}

const typeOf = (number: number) => typesV1[number] ?? `V1 type ${number}`;
