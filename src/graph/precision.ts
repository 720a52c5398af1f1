/** How updates and scores are computed: op by op or as a recorded graph, and in which precision. */
import type { Communicator } from '../core/io/process/communicator';
import type { Wire } from '../core/io/process/gradient-sum';
import { option } from '../core/text/wording';
import type { SessionOptions } from './session/session';
import { Untraceable } from './record/untraceable';
import { UserError } from '../core/errors';

/** How updates are computed: `eager` is op by op, `compiled` one recorded graph, `auto` compiled where it can be. */
export const stepKinds = ['auto', 'eager', 'compiled'] as const;

/** How updates are computed: as a recorded graph, operation by operation, or as a graph where that is possible. */
export type StepKind = (typeof stepKinds)[number];

/** The precisions in which convolutions and matrix products can be computed. */
export const precisions = ['float32', 'bfloat16', 'float16'] as const;

/** One of `precisions`. */
export type Precision = (typeof precisions)[number];

/** How updates are to be computed. */
export interface StepChoice {
  /** Default: `auto`. */
  readonly kind?: StepKind;
  /** How convolutions and matrix products of a compiled step compute; the rest is float32. Default: `float32`. */
  readonly precision?: Precision;
  /** The ranks that share each update's images. Default: this process has all of them. */
  readonly communicator?: Communicator | undefined;
  /** The numbers in which gradients travel between the ranks. Default: `float32`. */
  readonly wire?: Wire | undefined;
  /** Called with the reason, in one line, when `auto` falls back to the eager step. */
  readonly onFallBack?: (why: string) => void;
}

/** The instruction sets of which oneDNN needs one for a precision: else TensorFlow fails or is slower than float32. */
const needed: Readonly<Record<Precision, readonly string[]>> = {
  float32: [],
  bfloat16: ['avx512f', 'bf16'],
  float16: ['avx512_fp16', 'amx_fp16'],
};

/**
 * Whether a processor computes in a precision.
 * @param features its instruction sets, by Linux's names; where none are known, the answer is yes
 */
export function computesIn(precision: Precision, features: readonly string[]): boolean {
  const sets = needed[precision];
  return sets.length === 0 || features.length === 0 || sets.some((set) => features.includes(set));
}

/**
 * @param features of the processor: see `computesIn`
 * @throws UserError for a step or a precision that the backend or the processor does not have
 */
export function checkPrecision(
  kind: StepKind,
  precision: Precision,
  backend: string,
  features: readonly string[],
): void {
  const native = backend.startsWith('tensorflow');
  if (kind === 'compiled' && !native)
    throw new UserError(
      `${option('step')}: expected backend tensorflow for a compiled step, found ${backend}`,
    );
  if (precision !== 'float32' && (kind === 'eager' || !native)) {
    throw new UserError(
      `${option('precision')}: expected float32 for a step that is not compiled, found ${precision}`,
    );
  }
  if (backend === 'tensorflow-gpu' && precision === 'bfloat16') {
    throw new UserError(`${option('precision')}: expected float32 or float16 on a GPU, found bfloat16`);
  }
  if (backend === 'tensorflow' && !computesIn(precision, features)) {
    throw new UserError(
      `${option('precision', precision)}: expected a processor with ${needed[precision].join(' or ')}, found one without; float32 is faster there`,
    );
  }
}

/** The session's options for a precision. */
export function sessionOptions(precision: Precision = 'float32'): SessionOptions {
  return { bfloat16: precision === 'bfloat16', float16: precision === 'float16' };
}

/**
 * Turns the failure to record a graph into the refusal of the option that asked for one; other errors stay.
 * @param asked the option, in words
 */
export function asRefusal(error: unknown, asked: string): Error {
  if (!(error instanceof Untraceable)) return error as Error;
  return new UserError(
    `${asked}: expected a network that can be recorded as one graph (${option('step', 'eager')} in float32 needs no graph): ${error.message}`,
  );
}
