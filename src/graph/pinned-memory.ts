import koffi from 'koffi';

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
