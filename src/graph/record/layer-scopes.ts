/** Says which layer computes while a model runs, forward and backward. */
import { type tf } from '../../core/tf';
import { tape, type TapeNode } from './tape';
import { Untraceable } from './untraceable';

/** The layer that an operation of a training step belongs to, and in which pass. */
export interface Scope {
  readonly layer: string;
  readonly pass: 'forward' | 'backward' | 'update';
}

/**
 * Runs `work`, which computes with a model. `enter` is called with a layer when its computations begin, forward or
 * backward, and with null when they end. An `Untraceable` from within a layer is thrown again with the layer's name.
 */
export function watchingLayers<R>(
  model: tf.LayersModel,
  enter: (scope: Scope | null) => void,
  work: () => R,
): R {
  const within = <T>(scope: Scope, compute: () => T): T => {
    enter(scope);
    try {
      return compute();
    } catch (error) {
      if (error instanceof Untraceable) throw new Untraceable(`layer ${scope.layer}: ${error.message}`);
      throw error;
    } finally {
      enter(null);
    }
  };
  const before = model.layers.map((layer) => Object.getOwnPropertyDescriptor(layer, 'call'));
  for (const layer of model.layers) {
    const call = layer.call.bind(layer);
    layer.call = (...given) => {
      const begin = tape().length;
      const outputs = within({ layer: layer.name, pass: 'forward' }, () => call(...given));
      for (const node of tape().slice(begin)) {
        watchGradient(node, (compute) => within({ layer: layer.name, pass: 'backward' }, compute));
      }
      return outputs;
    };
  }
  try {
    return work();
  } finally {
    for (const [index, layer] of model.layers.entries()) {
      const own = before[index];
      if (own) Object.defineProperty(layer, 'call', own);
      else Reflect.deleteProperty(layer, 'call');
    }
  }
}

/** Watches the gradient of a node, which is a function that returns one function for each input. */
function watchGradient(node: TapeNode, within: <T>(compute: () => T) => T): void {
  const { gradient } = node;
  if (!gradient) return;
  node.gradient = (dys) => {
    const gradients = within(() => gradient(dys));
    return Object.fromEntries(
      Object.entries(gradients).map(([input, compute]) => [input, () => within(compute)]),
    );
  };
}
