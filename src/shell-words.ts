/** Whatever a POSIX shell takes as it stands. */
const plain = /^[\w@%+:,./-][\w@%+=:,./-]*$/;

/** Words as a POSIX shell reads them back, so that a command that is printed can be copied. */
export function shellWords(words: readonly string[]): string {
  return words.map((word) => (plain.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`)).join(' ');
}
