/** Words of commands that are printed, to be copied into a shell. */

/** Whatever a POSIX shell takes as it stands. */
const plain = /^[\w@%+:,./-][\w@%+=:,./-]*$/;
const control = /[\0-\x1f\x7f]/;

/** Words as a POSIX shell reads them back, so that a command that is printed can be copied. */
export function shellWords(words: readonly string[]): string {
  return words.map(shellWord).join(' ');
}

function shellWord(word: string): string {
  if (plain.test(word)) return word;
  // What the shell takes from a command's output loses line ends at its end.
  return control.test(word) && !word.endsWith('\n') ? `"$(printf ${printed(word)})"` : quoted(word);
}

/** A format of `printf` that gives the word, in one line. */
function printed(word: string): string {
  const octal = (letter: string) => `\\${letter.charCodeAt(0).toString(8).padStart(3, '0')}`;
  // In double quotes, an interactive bash takes ! for an earlier command; a dash in front would be an option.
  return quoted(word.replaceAll(/[%\\]/g, '$&$&').replaceAll(/^-|!|[\0-\x1f\x7f]/g, octal));
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}

/** A path as a word of a command, which takes no name for an option. */
export function pathWord(path: string): string {
  return path.startsWith('-') ? `./${path}` : path;
}
