/** Converts a Keras model’s description of its layers to the terms in which all formats are compared. */
import { printable, type Refuse } from '../../../core/errors';
import { bounds } from '../../../core/bounds';
import { member } from '../../../core/io/json-text';
import { Nodes, type Architecture, type Operation } from '../description';
import { formatOf, kerasOperations, type KerasContext } from './keras-layers';
import { foreignClass } from './keras-classes';
import { referencesIn, usesInOrder, type Reference, type Use } from './keras-uses';

/**
 * The network in a Keras description: `{ class_name, config }`, of any version, also as TensorFlow.js writes it.
 * @returns undefined if the value is not such a description
 * @throws UserError when it has more layers than any network
 */
export function kerasArchitecture(model: unknown, refuse: Refuse): Architecture | undefined {
  if (layersOf(model).length === 0) {
    const own = modelClass(model);
    const said = `the file’s model is of a class of its own, ${printable(own ?? '')}, and does not say which layers it has`;
    return own === undefined ? undefined : { nodes: new Map(), partly: said };
  }
  const reading = new Reading({ mapsFirst: isMapsFirst(model) }, refuse);
  reading.model(model, []);
  return { nodes: reading.nodes.nodes };
}

/** The layers of a model: in Keras 1, the configuration of a sequential model was the list itself. */
function layersOf(model: unknown): readonly unknown[] {
  const config = member(model, 'config');
  const layers = Array.isArray(config) ? (config as readonly unknown[]) : member(config, 'layers');
  return Array.isArray(layers) ? (layers as readonly unknown[]) : [];
}

/** Determined by the first layer that computes on maps; a layer that only flattens them may have another setting. */
function isMapsFirst(model: unknown): boolean {
  return firstFormat(model) === 'channels_first';
}

function firstFormat(model: unknown): ReturnType<typeof formatOf> {
  for (const layer of layersOf(model)) {
    const computes = /Conv|Pool|Padding/.test(String(member(layer, 'class_name')));
    const found = (computes ? formatOf(member(layer, 'config')) : undefined) ?? firstFormat(layer);
    if (found !== undefined) return found;
  }
  return undefined;
}

const sequences = ['Sequential', 'Pipeline'];
const graphs = ['Functional', 'Model', 'Network'];

/** The model's class, if it is not one of Keras’s own. */
function modelClass(model: unknown): string | undefined {
  const kind = member(model, 'class_name');
  const own = foreignClass(model);
  if (own !== undefined || typeof kind !== 'string') return own;
  return sequences.includes(kind) || graphs.includes(kind) ? undefined : kind.slice(0, 60);
}

/** A model whose layers list their inputs. */
interface Graph {
  /** The index of the model's input for each of its input layers. */
  readonly inputs: ReadonlyMap<string, number>;
  readonly outputs: readonly Reference[];
  readonly uses: readonly Use[];
}

class Reading {
  readonly nodes = new Nodes();
  private layers = 0;
  private references = 0;
  /** Cached by the description, because a nested model may be used thousands of times. */
  private readonly graphs = new Map<unknown, Graph>();
  private readonly operations = new Map<unknown, readonly Operation[]>();

  constructor(
    private readonly context: KerasContext,
    private readonly refuse: Refuse,
  ) {}

  /**
   * Adds a model’s layers, including those of nested models.
   * @param feeds the inputs of a nested model; without them, the model's inputs are images
   * @returns its outputs
   */
  model(model: unknown, feeds: readonly string[]): readonly string[] {
    const own = modelClass(model);
    const isSequence =
      own === undefined
        ? sequences.includes(String(member(model, 'class_name')))
        : member(member(model, 'config'), 'input_layers') === undefined;
    const outputs = isSequence ? this.sequence(model, feeds) : this.graph(model, feeds);
    // What else a custom model does with its layers is in its code, which the file does not contain.
    if (own === undefined) return outputs;
    return [this.nodes.add(nameOf(model), outputs, [{ kind: 'other', type: `custom ${own}`, settings: '' }])];
  }

  private sequence(model: unknown, feeds: readonly string[]): readonly string[] {
    let below = feeds;
    for (const layer of layersOf(model)) {
      const isInput = member(layer, 'class_name') === 'InputLayer';
      if (isInput && below.length > 0) continue;
      if (!isInput && below.length === 0) below = [this.nodes.add('the image', [], [{ kind: 'image' }])];
      below = this.layer(layer, below);
    }
    return below;
  }

  private graph(model: unknown, feeds: readonly string[]): readonly string[] {
    const { inputs, outputs, uses: ordered } = this.graphOf(model);
    /** The outputs of each use of a layer. */
    const made = new Map<string, (readonly string[])[]>();
    const read = ({ layer, use, output }: Reference) => {
      const uses = made.get(layer);
      return (uses?.[use] ?? uses?.[0])?.[output] ?? [];
    };
    for (const { layer, name, use, reads } of ordered) {
      const fed = feeds[inputs.get(name) ?? 0];
      const isFed = fed !== undefined && member(layer, 'class_name') === 'InputLayer';
      this.count(reads);
      const uses = made.get(name) ?? [];
      made.set(name, uses);
      uses[use] = isFed ? [fed] : this.layer(layer, reads.flatMap(read));
    }
    this.count(outputs);
    return outputs.flatMap(read);
  }

  private graphOf(model: unknown): Graph {
    const known = this.graphs.get(model);
    if (known) return known;
    const config = member(model, 'config');
    const made = {
      inputs: new Map(
        referencesIn(member(config, 'input_layers')).map(({ layer }, index) => [layer, index] as const),
      ),
      outputs: referencesIn(member(config, 'output_layers')),
      uses: usesInOrder(layersOf(model), nameOf),
    };
    this.graphs.set(model, made);
    return made;
  }

  private count(reads: readonly Reference[]): void {
    const most = bounds.architecture.values;
    this.references += reads.length;
    if (this.references > most) this.refuse(`layers that read at most ${most} others`, 'more');
  }

  /** @returns the layer's outputs; for a nested model, the model's */
  private layer(layer: unknown, below: readonly string[]): readonly string[] {
    if (this.layers++ === bounds.architecture.layers)
      this.refuse(`at most ${bounds.architecture.layers} layers`, 'more');
    const kind = member(layer, 'class_name');
    if (layersOf(layer).length > 0) return this.model(layer, below);
    const operations =
      this.operations.get(layer) ??
      kerasOperations(
        typeof kind === 'string' ? kind : 'unknown',
        member(layer, 'config'),
        this.context,
        layer,
      );
    this.operations.set(layer, operations);
    if (operations.length === 0) return below;
    return [this.nodes.add(nameOf(layer), below, operations)];
  }
}

function nameOf(layer: unknown): string {
  const name = member(member(layer, 'config'), 'name') ?? member(layer, 'name');
  return typeof name === 'string' ? name.slice(0, bounds.caffemodel.name) : '';
}
