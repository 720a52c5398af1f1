/** Quotes the words of printed commands, so that they can be copied into a shell. */

/** Words that a POSIX shell reads without quotes. */
const plain = /^[\w@%+:,./-][\w@%+=:,./-]*$/;
const control = /[\0-\x1f\x7f]/;

/** Words quoted for a POSIX shell, so that a printed command can be copied. */
export function shellWords(words: readonly string[]): string {
  return words.map(shellWord).join(' ');
}

function shellWord(word: string): string {
  if (plain.test(word)) return word;
  // The shell removes line ends at the end of a command substitution.
  return control.test(word) && !word.endsWith('\n') ? `"$(printf ${printed(word)})"` : quoted(word);
}

/** A one-line format for `printf` that prints the word. */
function printed(word: string): string {
  const octal = (letter: string) => `\\${letter.charCodeAt(0).toString(8).padStart(3, '0')}`;
  // In double quotes, an interactive bash expands ! to an earlier command; a leading dash would be read as an option.
  return quoted(word.replaceAll(/[%\\]/g, '$&$&').replaceAll(/^-|!|[\0-\x1f\x7f]/g, octal));
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}

/** A path as a word of a command that no program reads as an option. */
export function pathWord(path: string): string {
  return path.startsWith('-') ? `./${path}` : path;
}
