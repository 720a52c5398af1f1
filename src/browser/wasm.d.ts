/** Modules of WebAssembly, which the build of pages turns into their bytes. */
declare module '*.wasm' {
  const bytes: Uint8Array<ArrayBuffer>;
  export default bytes;
}
