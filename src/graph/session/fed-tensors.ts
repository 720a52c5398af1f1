import { elementCount } from '../../core/shape';
import koffi from 'koffi';
import { elementTypes } from './graph-def';
import type { Handle, TensorFlowApi } from './tensorflow-api';

/** A tensor as it goes into a session and comes out of it. */
export interface Value {
  readonly shape: readonly number[];
  readonly data: Float32Array | Int32Array;
}

/** What was fed to a placeholder, and the tensor that is kept for it. */
interface Fed {
  readonly key: string;
  readonly tensor: Handle;
  readonly pinned: boolean;
}

/** The tensors that a session's placeholders are fed with. */
export class FedTensors {
  /** By the placeholder's name. */
  private readonly fed = new Map<string, Fed>();

  /** @param pinning where a GPU computes, and its library is known */
  constructor(
    private readonly api: TensorFlowApi,
    private readonly pinning: Pinning | undefined,
  ) {}

  /**
   * The tensor that feeds a placeholder. One that is fed again is kept for the next run: new memory costs its page
   * faults each time. What is fed once, such as a variable's first value, may live on in the session.
   * @param dropped gets the tensor if it is not kept: it is to be deleted after the run
   * @throws RangeError where the value has more or fewer elements than its shape
   */
  take(name: string, { shape, data }: Value, dropped: Handle[]): Handle {
    const size = elementCount(shape);
    if (size !== data.length) {
      throw new RangeError(
        `expected ${size} elements for the shape [${shape.join(', ')}], found ${data.length}`,
      );
    }
    const type = data instanceof Int32Array ? elementTypes.int32 : elementTypes.float32;
    const key = `${type} ${shape.join()}`;
    const known = this.fed.get(name);
    const again = known?.key === key;
    if (known && !again) this.release(known);
    const tensor: Handle =
      (again && known.tensor) || this.api.allocate(type, shape, shape.length, data.byteLength);
    const pins = () => this.pinning?.pin(this.api.data(tensor), data.byteLength) ?? false;
    const pinned = again && (known.tensor ? known.pinned : pins());
    if (data.byteLength > 0) {
      const target = new Uint8Array(koffi.view(this.api.data(tensor), data.byteLength));
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

/** Keeps pages of this process where they are, so that a GPU copies from them by itself and at once. */
export interface Pinning {
  /** Whether it was done; memory that is not pinned is only slower. */
  pin(address: unknown, bytes: number): boolean;
  unpin(address: unknown): void;
}

/** Less is copied as fast from anywhere. */
const leastPinned = 2 ** 16;

let bound: { readonly library: string; readonly pinning: Pinning } | undefined;

/** By a CUDA runtime library (`cuda_runtime_api.h`) that this process computes with. */
export function pinningBy(library: string): Pinning {
  if (bound?.library === library) return bound.pinning;
  const lib = koffi.load(library);
  const register = lib.func('int cudaHostRegister(void *p, size_t n, unsigned int flags)');
  const unregister = lib.func('int cudaHostUnregister(void *p)');
  const pinning: Pinning = {
    pin: (address, bytes) => bytes >= leastPinned && register(address, bytes, 0) === 0,
    unpin: (address) => void unregister(address),
  };
  bound = { library, pinning };
  return pinning;
}
