/** The names by which users choose the backends, best first; for those who load none. */
export const backendNames = ['tensorflow-gpu', 'tensorflow', 'webgpu', 'wasm', 'cpu'] as const;

/** One of `backendNames`. */
export type BackendName = (typeof backendNames)[number];
