/** Files that the build of pages turns into modules of their bytes. */
declare module '*.wasm' {
  const bytes: Uint8Array<ArrayBuffer>;
  // eslint-disable-next-line no-restricted-syntax -- bundlers give such modules this one export
  export default bytes;
}

declare module '*.safetensors' {
  const bytes: Uint8Array<ArrayBuffer>;
  // eslint-disable-next-line no-restricted-syntax -- as above
  export default bytes;
}
