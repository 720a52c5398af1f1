import { bounds } from '../../bounds';
import { member } from '../json-text';
import type { Refuse } from '../refusal';
import { Nodes, type Architecture } from './description';
import { kerasOperations, type KerasContext } from './keras-layers';

/**
 * The network that a description of Keras’s is of: `{ class_name, config }`, of any version, also as TensorFlow.js writes it.
 * @returns nothing where the value is none
 * @throws UserError when it has more layers than any network
 */
export function kerasArchitecture(model: unknown, refuse: Refuse): Architecture | undefined {
  if (layersOf(model).length === 0) return undefined;
  const reading = new Reading({ mapsFirst: isMapsFirst(model) }, refuse);
  reading.model(model, []);
  return { nodes: reading.nodes.nodes };
}

/** Of a model: Keras 1 wrote a sequence’s as its configuration. */
function layersOf(model: unknown): readonly unknown[] {
  const config = member(model, 'config');
  const layers = Array.isArray(config) ? (config as readonly unknown[]) : member(config, 'layers');
  return Array.isArray(layers) ? (layers as readonly unknown[]) : [];
}

function isMapsFirst(model: unknown): boolean {
  return layersOf(model).some((layer) => {
    const config = member(layer, 'config');
    const said = member(config, 'data_format') ?? member(config, 'dim_ordering');
    return said === 'channels_first' || said === 'th' || isMapsFirst(layer);
  });
}

/** Where one layer reads another: its name, which of its uses, and which of that one’s outputs. */
interface Reference {
  readonly layer: string;
  readonly use: number;
  readonly output: number;
}

class Reading {
  readonly nodes = new Nodes();
  private layers = 0;

  constructor(
    private readonly context: KerasContext,
    private readonly refuse: Refuse,
  ) {}

  /**
   * Adds a model’s layers, also those of models within it.
   * @param feeds what it reads, where it lies within another; else its own inputs are images
   * @returns its outputs
   */
  model(model: unknown, feeds: readonly string[]): readonly string[] {
    return member(model, 'class_name') === 'Sequential'
      ? this.sequence(model, feeds)
      : this.graph(model, feeds);
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
    const config = member(model, 'config');
    const inputs = new Map(
      referencesIn(member(config, 'input_layers')).map(({ layer }, index) => [layer, index]),
    );
    /** The outputs of each use of a layer. */
    const made = new Map<string, (readonly string[])[]>();
    const read = ({ layer, use, output }: Reference) => {
      const uses = made.get(layer);
      return (uses?.[use] ?? uses?.[0])?.[output] ?? [];
    };
    for (const layer of layersOf(model)) {
      const name = nameOf(layer);
      const fed = feeds[inputs.get(name) ?? 0];
      const inbound = member(layer, 'inbound_nodes');
      const uses = Array.isArray(inbound) && inbound.length > 0 ? (inbound as readonly unknown[]) : [[]];
      made.set(
        name,
        uses.map((use) => {
          if (fed !== undefined && member(layer, 'class_name') === 'InputLayer') return [fed];
          return this.layer(layer, referencesIn(use).flatMap(read));
        }),
      );
    }
    return referencesIn(member(config, 'output_layers')).flatMap(read);
  }

  /** @returns what the layer gives; of a model within, its outputs */
  private layer(layer: unknown, below: readonly string[]): readonly string[] {
    if (this.layers++ === bounds.architecture.layers)
      this.refuse(`at most ${bounds.architecture.layers} layers`, 'more');
    const kind = member(layer, 'class_name');
    if (layersOf(layer).length > 0) return this.model(layer, below);
    const operations = kerasOperations(
      typeof kind === 'string' ? kind : 'unknown',
      member(layer, 'config'),
      this.context,
    );
    if (operations.length === 0) return below;
    return [this.nodes.add(nameOf(layer), below, operations)];
  }
}

function nameOf(layer: unknown): string {
  const name = member(member(layer, 'config'), 'name') ?? member(layer, 'name');
  return typeof name === 'string' ? name.slice(0, bounds.caffemodel.name) : '';
}

/**
 * What one use of a layer reads, in order: `["conv1", 0, 0, {}]` of Keras 1 and 2, tensors with a `keras_history` of
 * Keras 3, either in lists; what else is in there are arguments.
 */
function referencesIn(value: unknown): readonly Reference[] {
  if (Array.isArray(value)) {
    const [layer, use, output] = value as readonly unknown[];
    if (typeof layer === 'string' && typeof use === 'number')
      return [{ layer, use, output: typeof output === 'number' ? output : 0 }];
    return value.flatMap(referencesIn);
  }
  if (typeof value !== 'object' || value === null) return [];
  const history = member(member(value, 'config'), 'keras_history');
  if (history !== undefined) return referencesIn(history);
  return referencesIn(member(value, 'args') ?? []);
}
