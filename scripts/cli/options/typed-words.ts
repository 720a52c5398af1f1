/** Tells the words of a command line that stand in places from those that belong to options. */
import type { Declared } from './checked-options';

export interface TypedWords {
  /** Words that no option takes, in their order. */
  readonly plain: readonly string[];
  readonly options: readonly TypedOption[];
}

export interface TypedOption {
  /** Without dashes, as it is declared: `validation-split`. */
  readonly name: string;
  /** Its words as they were typed, the option first. */
  readonly words: readonly string[];
  /** What it was given; a flag has none. */
  readonly values: readonly string[];
}

/** An option as it is declared, `validation-split`, of what may be typed: `validationSplit`. */
export function dashedName(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

/**
 * Reads the words after a command's name as yargs does: an option takes the next word, or as many as it is declared to,
 * or all up to the next option; a flag takes none but `true` and `false`.
 */
export function typedWords(words: readonly string[], declared: Declared): TypedWords {
  const plain: string[] = [];
  const options: TypedOption[] = [];
  for (let at = 0; at < words.length; at++) {
    const word = words[at]!;
    const [, typed, joined] = /^--?([a-z][^=]*)(?:=(.*))?$/is.exec(word) ?? [];
    if (typed === undefined) {
      plain.push(word);
      continue;
    }
    const name = dashedName(typed);
    const following = joined === undefined ? valuesAfter(words.slice(at + 1), name, declared) : [];
    at += following.length;
    options.push({
      name,
      words: [word, ...following],
      values: joined === undefined ? following : [joined],
    });
  }
  return { plain, options };
}

function valuesAfter(words: readonly string[], name: string, declared: Declared): readonly string[] {
  const { array, boolean, key, narg } = declared;
  const end = words.findIndex((word) => /^--?[a-z]/i.test(word));
  const values = end < 0 ? words : words.slice(0, end);
  if (boolean.includes(name) || !(name in key))
    return values.slice(0, /^(?:true|false)$/.test(values[0] ?? '') ? 1 : 0);
  if (!array.includes(name)) return values.slice(0, 1);
  // yargs keeps NaN for an option that needs a value and takes any number of them.
  return values.slice(0, narg[name] || Infinity);
}
