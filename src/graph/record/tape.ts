import { tf } from '../../core/tf';

/** The part of tfjs's engine that remembers operations, to take their gradients afterwards. */
interface Taping {
  readonly state: { activeTape: TapeNode[] | null; readonly gradientDepth: number };
}

export interface TapeNode {
  /** Kept for the gradient, past the end of any `tf.tidy`. */
  readonly saved?: readonly tf.Tensor[];
  gradient?: (dys: tf.Tensor[]) => Record<string, () => tf.Tensor>;
}

/** The operations of the forward pass that runs now, so far. */
export function tape(): readonly TapeNode[] {
  return state().activeTape ?? [];
}

/** Disposes of what tfjs keeps for gradients that are not taken any more, which it does not do where work throws. */
export function emptyTape(): void {
  if (state().gradientDepth > 0) return;
  for (const { saved = [] } of tape()) tf.dispose([...saved]);
  state().activeTape = null;
}

function state(): Taping['state'] {
  return (tf.engine() as unknown as Taping).state;
}
