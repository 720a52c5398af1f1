/** The WebAssembly of tfjs's wasm backend as part of the bundle, so that no bundler has to be told of a file. */

/** The module's bytes: the variant with SIMD, without threads. */
export async function wasmBinary(): Promise<Uint8Array<ArrayBuffer>> {
  const module = await import('@tensorflow/tfjs-backend-wasm/wasm-out/tfjs-backend-wasm-simd.wasm');
  return module.default;
}
