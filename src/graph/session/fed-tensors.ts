/** The tensors that are fed to a session, kept from run to run where they have the same shape. */
import { elementCount } from '../../core/shape';
import { elementTypes, type ElementType } from './graph-def';
import { koffi } from '../../core/tensorflow/koffi';
import type { Handle, TensorFlowApi } from './tensorflow-api';

/** A tensor as it goes into a session and comes out of it. */
export interface Value {
  readonly shape: readonly number[];
  readonly data: Float32Array | Int32Array | Uint8Array;
}

/** What was fed to a placeholder last, and the tensor that is kept for it. */
interface Fed {
  readonly key: string;
  readonly tensor: Handle;
  readonly pinned: boolean;
}

/** The tensors that a session's placeholders are fed with. */
export class FedTensors {
  /** By the placeholder's name. */
  private readonly fed = new Map<string, Fed>();

  /** @param pinning given where a GPU computes and its library is known */
  constructor(
    private readonly api: TensorFlowApi,
    private readonly pinning: Pinning | undefined,
  ) {}

  /**
   * The tensor that feeds a placeholder. The tensor of a placeholder that is fed a second time is kept for the next run,
   * for new memory causes page faults each time. A tensor that is fed once is not: the session may go on using it, as it
   * does with a variable's first value.
   * @param dropped gets the tensor if it is not kept: it is to be deleted after the run
   * @throws RangeError when the value has more or fewer elements than its shape says
   */
  take(name: string, { shape, data }: Value, dropped: Handle[]): Handle {
    const size = elementCount(shape);
    if (size !== data.length) {
      throw new RangeError(
        `expected ${size} elements for the shape [${shape.join(', ')}], found ${data.length}`,
      );
    }
    const type = typeOf(data);
    const key = `${type} ${shape.join()}`;
    const known = this.fed.get(name);
    const again = known?.key === key;
    if (known && !again) this.release(known);
    const tensor: Handle =
      (again && known.tensor) || this.api.allocate(type, shape, shape.length, data.byteLength);
    const pins = () => this.pinning?.pin(this.api.data(tensor), data.byteLength) ?? false;
    const pinned = again && (known.tensor ? known.pinned : pins());
    if (data.byteLength > 0) {
      const target = new Uint8Array(koffi().view(this.api.data(tensor), data.byteLength));
      target.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
    }
    if (!again) dropped.push(tensor);
    this.fed.set(name, { key, tensor: again ? tensor : null, pinned });
    return tensor;
  }

  /** Deletes what is kept; no run may be under way. */
  forget(): void {
    for (const fed of this.fed.values()) this.release(fed);
    this.fed.clear();
  }

  private release({ tensor, pinned }: Fed): void {
    if (!tensor) return;
    if (pinned) this.pinning!.unpin(this.api.data(tensor));
    this.api.deleteTensor(tensor);
  }
}

function typeOf(data: Value['data']): ElementType {
  if (data instanceof Uint8Array) return elementTypes.uint8;
  return data instanceof Int32Array ? elementTypes.int32 : elementTypes.float32;
}

/** Locks pages of this process in memory, so that a GPU copies from them directly. */
export interface Pinning {
  /** Returns whether it was done; memory that is not pinned works too, only slower. */
  pin(address: unknown, bytes: number): boolean;
  unpin(address: unknown): void;
}

/** Smaller values are copied as fast without pinning. */
const leastPinned = 2 ** 16;

let bound: { readonly library: string; readonly pinning: Pinning } | undefined;

/** Pinning by the CUDA runtime library (`cuda_runtime_api.h`) that this process computes with. */
export function pinningBy(library: string): Pinning {
  if (bound?.library === library) return bound.pinning;
  const lib = koffi().load(library);
  const register = lib.func('int cudaHostRegister(void *p, size_t n, unsigned int flags)');
  const unregister = lib.func('int cudaHostUnregister(void *p)');
  const pinning: Pinning = {
    pin: (address, bytes) => bytes >= leastPinned && register(address, bytes, 0) === 0,
    unpin: (address) => void unregister(address),
  };
  bound = { library, pinning };
  return pinning;
}
