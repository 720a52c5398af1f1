/** Files that the page's bundle takes as texts. */
declare module '*.css' {
  const text: string;
  // eslint-disable-next-line no-restricted-syntax -- bundlers give such modules this one export
  export default text;
}
