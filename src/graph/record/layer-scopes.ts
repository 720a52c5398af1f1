import { type tf } from '../../core/tf';
import { tape, type TapeNode } from './tape';
import { Untraceable } from './untraceable';

/** What an operation of a training step belongs to. */
export interface Scope {
  readonly layer: string;
  readonly pass: 'forward' | 'backward' | 'update';
}

/**
 * Does a piece of work with a model; `enter` is told whenever the computations of another layer begin, forward or
 * backward, and `null` when one ends. What cannot be traced is thrown with the name of the layer that did it.
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

/** A node's gradient is a function that gives functions, one for each input. */
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
