/** The tape of TensorFlow.js's engine: the operations that it remembers to take gradients of. */
import { tf } from '../../core/tf';

/** The part of tfjs's engine that remembers operations, to take their gradients afterwards. */
interface Taping {
  readonly state: { activeTape: TapeNode[] | null; readonly gradientDepth: number };
}

export interface TapeNode {
  /** Tensors that the engine keeps for the gradient, past the end of any `tf.tidy`. */
  readonly saved?: readonly tf.Tensor[];
  gradient?: (dys: tf.Tensor[]) => Record<string, () => tf.Tensor>;
}

/** The operations so far of the forward pass that runs now. */
export function tape(): readonly TapeNode[] {
  return state().activeTape ?? [];
}

/** Disposes of what tfjs keeps for gradients; tfjs itself does not when the work throws. */
export function emptyTape(): void {
  if (state().gradientDepth > 0) return;
  for (const { saved = [] } of tape()) tf.dispose([...saved]);
  state().activeTape = null;
}

function state(): Taping['state'] {
  return (tf.engine() as unknown as Taping).state;
}
